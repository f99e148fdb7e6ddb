/** Something to do about it that a button can do. */
export interface Way {
  readonly title: string;
  run(): unknown;
}

/** A command that can't do anything here and now says why, and what would help. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';

  constructor(
    message: string,
    readonly ways: readonly Way[] = [],
  ) {
    super(message);
  }
}

/** A person closed a question without an answer: nothing happens, and nothing is said. */
export class Dismissed extends Error {
  override readonly name = 'Dismissed';
}
