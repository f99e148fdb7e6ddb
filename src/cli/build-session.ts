import { credentialSources } from '../core/image/credentials';
import type { Job } from '../core/job';
import { processEnvironment } from '../core/net/process-environment';
import { Secret } from '../core/net/secret';
import { Problem } from '../core/problem';
import type { Remotes } from '../core/remote/remotes';
import { type BuildEnvironment, closeEnvironment, openEnvironment } from '../core/use-cases/environment';
import { codecs } from './codecs-folder';
import { hiddenAnswer, secretFromStdin } from './passphrase';
import { type CheckoutSession, type CommonOptions, openCheckoutSession } from './session';

/** What those that build understand, too. */
export interface BuildOptions extends CommonOptions {
  readonly workers?: number;
  readonly username?: string;
  /** true: to be asked for. */
  readonly password?: string | true;
  readonly passwordStdin?: true;
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
  const outside = processEnvironment();
  const login = await typedLogin(options, session.job);
  let remotes: Remotes | undefined;
  const environment: BuildEnvironment = {
    ...openEnvironment({
      outside,
      codecs,
      workers: options.workers,
      ...(login && { credentials: credentialSources(outside, login) }),
    }),
    remotes: async () => {
      const { remotesAtTerminal } = await import('./device-session');
      return (remotes ??= remotesAtTerminal(session.job.signal));
    },
  };
  try {
    return await work({ ...session, environment });
  } finally {
    session.terminal.clearLine();
    await remotes?.[Symbol.asyncDispose]();
    await closeEnvironment(environment);
  }
}

/** Who logs in to a registry; undefined: nobody was named, so that docker's own logins count. */
async function typedLogin(
  { username, password, passwordStdin }: BuildOptions,
  job: Job,
): Promise<{ readonly username: string; readonly password: Secret } | undefined> {
  const doing = 'logging in to the registry';
  if (username === undefined) {
    if (password === undefined && passwordStdin === undefined) return undefined;
    throw new Problem({
      doing,
      found: 'there is a password, but nobody whose it is',
      remedy: 'Name the user with --username, or in PVR_REGISTRY_USERNAME',
    });
  }
  if (passwordStdin) return { username, password: await secretFromStdin() };
  if (typeof password === 'string') {
    job.warn(
      'others on this machine can see a password that is typed behind -p; PVR_REGISTRY_PASSWORD hides it',
    );
    return { username, password: new Secret(password) };
  }
  const known = process.env['PVR_REGISTRY_PASSWORD'];
  if (password === undefined && known !== undefined) return { username, password: new Secret(known) };
  if (process.stdin.isTTY)
    return { username, password: new Secret(await hiddenAnswer(`Password of ${username}: `, job.signal)) };
  throw new Problem({
    doing,
    found: `there is no terminal to ask for the password of ${username}`,
    remedy: 'Give it with --password-stdin, or in PVR_REGISTRY_PASSWORD',
  });
}
