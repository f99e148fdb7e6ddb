import { findCheckoutFrom, requireCheckout } from '../core/checkout/find';
import type { Job } from '../core/job';
import { Problem } from '../core/problem';
import { remedy, way } from '../core/remedy';
import { Terminal } from './terminal';

/**
 * Aborted by the first Ctrl-C, or when the terminal is closed; the second one ends the process at once, and the next run tidies
 * up after it.
 */
const interruption = new AbortController();

/** Whether the user has asked to stop. */
export function isInterrupted(): boolean {
  return interruption.signal.aborted;
}

/** To be called once, before any command runs. */
export function listenForInterruption(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, stopCommand);
  }
}

/** Stops the command that runs; it leaves its checkout as it was. */
export function stopCommand(): void {
  interruption.abort();
}

/** What every command understands. */
export interface CommonOptions {
  readonly json?: true;
  readonly progress?: 'json' | 'none';
}

/** What a command works with. */
export interface Session {
  readonly terminal: Terminal;
  readonly job: Job;
}

export interface CheckoutSession extends Session {
  /** Absolute path of the checkout that the command was started in. */
  readonly checkoutDirectory: string;
}

export function openSession({ json, progress }: CommonOptions): Session {
  const terminal = new Terminal({ json: json === true, ...(progress && { progress }) });
  return { terminal, job: terminal.job(interruption.signal) };
}

/** @throws Problem when the current folder lies in no checkout, or in a broken one. */
export async function openCheckoutSession(options: CommonOptions): Promise<CheckoutSession> {
  const here = currentFolder();
  const checkoutDirectory = await findCheckoutFrom(here);
  if (checkoutDirectory === undefined) {
    throw new Problem({
      doing: 'looking for the checkout',
      found: `${here} is not in one (no folder on the way up has a .pvr)`,
      remedy: remedy`Change to your checkout, clone one with pvr clone, or make one with ${way.init()}`,
    });
  }
  const session = openSession(options);
  // pvr only ever works in the current folder, so nobody may expect another one.
  if (checkoutDirectory !== here) session.terminal.note(`Working in the checkout ${checkoutDirectory}`);
  await requireCheckout(checkoutDirectory);
  return { ...session, checkoutDirectory };
}

/** @throws Problem when somebody has removed it. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new Problem({
      doing: 'looking for the current folder',
      found: 'it was removed',
      remedy: 'Change to another folder, or to this one again if it was made anew',
      cause,
    });
  }
}
