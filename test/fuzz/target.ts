import type { Job } from '../../src/core/job';
import type { Random } from '../device-view/random';

/** Bytes by a name that says what is special about them. */
export type Seeds = Readonly<Record<string, Buffer>>;

/** A reader of the product that gets to see what strangers may have made. */
export interface Target {
  /** Sound inputs, and handmade ones that lie; others are made of them. */
  seeds(): Promise<Seeds>;
  /** Small inputs that say very much. They are read once: variations of them would leave time for nothing else. */
  bombs?(): Promise<Seeds>;
  /** Another input, like `input` but for something; `others` has all that there are so far, to take parts from. */
  vary(input: Buffer, others: readonly Buffer[], random: Random): Buffer;
  /**
   * Reads an input as the product does. Whatever it holds, this ends soon, or at the latest when the job is stopped; takes
   * bounded memory; and if it fails, then with a Problem.
   *
   * @param folder an empty one that exists for this call.
   */
  read(input: Buffer, folder: string, job: Job): Promise<void>;
  /** Ends what `read` has left running. */
  close?(): Promise<void>;
}
