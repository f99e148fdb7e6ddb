/** A person closed a question without an answer: nothing happens, and nothing is said. */
export class Dismissed extends Error {
  override readonly name = 'Dismissed';
}
