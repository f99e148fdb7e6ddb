import { type InputBox, QuickInputButtons, type QuickPick, type QuickPickItem, window } from 'vscode';
import { Dismissed } from '../messages/cannot-run';
import { Disposables } from '../model/event';
import type { Frame, Outcome } from './run-wizard';

export interface Choice<Answers> extends QuickPickItem {
  readonly outcome: Outcome<Answers>;
}

export interface ChoiceQuestion<Answers> {
  readonly placeholder: string;
  readonly choices: readonly Choice<Answers>[];
  /** The one that is chosen already, say when a person comes back. */
  readonly active?: ((choice: Choice<Answers>) => boolean) | undefined;
}

/** Asks for one of several. */
export function choose<Answers>(frame: Frame, question: ChoiceQuestion<Answers>): Promise<Outcome<Answers>> {
  const input = window.createQuickPick<Choice<Answers>>();
  input.placeholder = question.placeholder;
  input.matchOnDescription = true;
  input.items = question.choices;
  const active = question.choices.filter((choice) => question.active?.(choice));
  // With none, Enter would do nothing.
  if (active.length > 0) input.activeItems = active;
  return show(frame, input, (end) => {
    input.onDidAccept(() => {
      const [chosen] = input.selectedItems;
      if (chosen !== undefined) end(chosen.outcome);
    });
  });
}

export interface TextQuestion<Answers> {
  readonly prompt: string;
  readonly value: string;
  /** What is wrong with a text; undefined when nothing is. */
  validate(text: string): string | undefined;
  answer(text: string): Partial<Answers>;
}

/** Asks for a text, and says what is wrong with it while it is typed. */
export function askForText<Answers>(
  frame: Frame,
  question: TextQuestion<Answers>,
): Promise<Outcome<Answers>> {
  const input = window.createInputBox();
  input.prompt = question.prompt;
  input.value = question.value;
  input.valueSelection = [0, question.value.length];
  const check = () => {
    const fault = question.validate(input.value);
    input.validationMessage = fault;
    return fault === undefined;
  };
  return show(frame, input, (end) => {
    input.onDidChangeValue(check);
    input.onDidAccept(() => {
      if (check()) end({ kind: 'answer', answers: question.answer(input.value) });
    });
  });
}

/** Shows an input until it ends, by an outcome or by being closed. */
export async function show<Answers>(
  frame: Frame,
  input: InputBox | QuickPick<QuickPickItem> | QuickPick<Choice<Answers>>,
  wire: (end: (outcome: Outcome<Answers>) => void) => void,
): Promise<Outcome<Answers>> {
  const { title, step, totalSteps, canGoBack } = frame;
  // A look at something else must not cost the answers that were given.
  Object.assign(input, { title, step, totalSteps, ignoreFocusOut: true });
  if (canGoBack) input.buttons = [QuickInputButtons.Back];
  const subscriptions = new Disposables();
  try {
    return await new Promise<Outcome<Answers>>((resolve, reject) => {
      subscriptions.add(
        input.onDidTriggerButton((button) => {
          if (button === QuickInputButtons.Back) resolve({ kind: 'back' });
        }),
      );
      subscriptions.add(input.onDidHide(() => reject(new Dismissed())));
      wire(resolve);
      input.show();
    });
  } finally {
    subscriptions.dispose();
    input.dispose();
  }
}
