import { Secret } from '../../core/net/secret';
import { Problem } from '../../core/problem';
import { hubUrl } from '../../core/remote/reference';
import { askName, withDevices } from '../device-session';
import { hiddenAnswer, secretFromStdin } from '../passphrase';
import type { CommonOptions } from '../session';

export interface LoginOptions extends CommonOptions {
  readonly hub?: string;
  readonly passwordStdin?: true;
}

/** Gets a token for a password, and keeps it where pvr does. */
export async function login(typed: string | undefined, options: LoginOptions): Promise<void> {
  await withDevices(options, async ({ remotes, terminal, job }) => {
    const { session } = remotes.hub(options.hub === undefined ? undefined : hubUrl(options.hub));
    const { host } = session.hub;
    if (!process.stdin.isTTY && !options.passwordStdin) throw nobodyThere(host);
    const name = typed ?? (process.stdin.isTTY ? await askName(`User name at ${host}: `, job.signal) : '');
    if (name === '') throw nobodyThere(host);
    const password = options.passwordStdin
      ? await secretFromStdin()
      : new Secret(await hiddenAnswer('Password: ', job.signal));
    const { nick, prn } = await session.logIn({ name, password }, job);
    terminal.result(`Logged in to ${host} as ${nick}.`, { hub: session.hub.origin, nick, prn });
  });
}

/** Tells who is logged in, and where. */
export async function whoami(options: CommonOptions): Promise<void> {
  await withDevices(options, async ({ remotes, terminal, job }) => {
    const known = await remotes.logins.hubs();
    const hubs = known.length === 0 ? [remotes.usualHub] : known;
    const logins = [];
    for (const hub of hubs) {
      const { nick, prn, expires } = await remotes.hub(hub).session.claims(job);
      const until = Number.isFinite(expires) ? new Date(expires).toISOString() : undefined;
      logins.push({ hub: hub.origin, nick, prn, until });
    }
    terminal.result(logins.map(({ hub, nick, prn }) => `${nick} (${prn}) at ${hub}`).join('\n'), logins);
  });
}

function nobodyThere(host: string): Problem {
  return new Problem({
    doing: `logging in to ${host}`,
    found: 'there is no terminal to ask for the name or the password',
    remedy: 'Name the user, and give the password with --password-stdin',
  });
}
