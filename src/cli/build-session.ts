import { processEnvironment } from '../core/net/process-environment';
import { type BuildEnvironment, closeEnvironment, openEnvironment } from '../core/use-cases/environment';
import { codecs } from './codecs-folder';
import { type CheckoutSession, type CommonOptions, openCheckoutSession } from './session';

/** What those that build understand, too. */
export interface BuildOptions extends CommonOptions {
  readonly workers?: number;
}

export interface BuildSession extends CheckoutSession {
  readonly environment: BuildEnvironment;
}

/** Gives `work` all that builds need, and closes it afterwards. */
export async function withBuildSession<T>(
  options: BuildOptions,
  work: (session: BuildSession) => Promise<T>,
): Promise<T> {
  const session = await openCheckoutSession(options);
  const environment = openEnvironment({
    outside: processEnvironment(),
    codecs,
    workers: options.workers,
  });
  try {
    return await work({ ...session, environment });
  } finally {
    session.terminal.clearLine();
    await closeEnvironment(environment);
  }
}
