import { Problem, type ProblemParts } from '../problem';

/**
 * A source has no answer to give (`unreachable`), or answers that the image is not there (`missing`): the same image may
 * well be elsewhere. Any other Problem of a source is its last word.
 */
export class Absence extends Problem {
  constructor(
    readonly why: 'unreachable' | 'missing',
    parts: ProblemParts,
  ) {
    super(parts);
  }
}
