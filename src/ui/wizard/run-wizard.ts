/** What a question needs to say where it stands among the others. */
export interface Frame {
  readonly title: string;
  /** From 1. */
  readonly step: number;
  readonly totalSteps: number;
  readonly canGoBack: boolean;
}

/** How a question ends; a person who closes it makes it throw. */
export type Outcome<Answers> =
  | { readonly kind: 'answer'; readonly answers: Partial<Answers> }
  | { readonly kind: 'back' }
  /** To that question again, and then back here. */
  | { readonly kind: 'change'; readonly question: number };

export type Question<Answers> = (frame: Frame, answers: Partial<Answers>) => Promise<Outcome<Answers>>;

/** Asks one question after the other, with a way back; what was answered is there again when a person comes back to it. */
export async function runWizard<Answers>(
  title: string,
  questions: readonly Question<Answers>[],
  initial: Partial<Answers> = {},
): Promise<Partial<Answers>> {
  let answers = initial;
  let index = 0;
  /** The question that one was left from to change an earlier answer. */
  let cameFrom: number | undefined;
  for (let ask = questions[index]; ask !== undefined; ask = questions[index]) {
    const frame = { title, step: index + 1, totalSteps: questions.length, canGoBack: index > 0 };
    const outcome = await ask(frame, answers);
    switch (outcome.kind) {
      case 'answer':
        answers = { ...answers, ...outcome.answers };
        index = cameFrom ?? index + 1;
        cameFrom = undefined;
        break;
      case 'back':
        index = cameFrom ?? Math.max(index - 1, 0);
        cameFrom = undefined;
        break;
      case 'change':
        cameFrom = index;
        index = outcome.question;
    }
  }
  return answers;
}
