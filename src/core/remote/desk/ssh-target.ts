import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { ProcessEnvironment } from '../../net/process-environment';
import { describeError, Problem } from '../../problem';

/** Whom ssh is to connect to. */
export interface SshTarget {
  /** A name or an address, or what the user's configuration knows it by. */
  readonly host: string;
  readonly user: string;
  readonly port: number;
}

/** What the user's own configuration says of a host. */
export interface SshSettings {
  readonly user: string | undefined;
  readonly port: number | undefined;
  /** They keep connections themselves. */
  readonly hasControlPath: boolean;
  /** They refuse unknown hosts without asking. */
  readonly isStrict: boolean;
}

/** Pantavisor's own server, then that of pvr-sdk (local-device, 3.2). */
const usualPlaces = [
  { port: 8222, user: '_pv_' },
  { port: 22, user: 'root' },
] as const;

/**
 * Who may be meant by `ssh://[user@]host[:port]`, in the order to try: what isn't named is as the user's configuration has it, else as
 * devices have it.
 *
 * @throws Problem for what ssh would take for an option.
 */
export function targetsOf(url: URL, settings: SshSettings): readonly SshTarget[] {
  const host = hostOf(url);
  const named = url.username === '' ? settings.user : decodeURIComponent(url.username);
  const user = named === undefined ? undefined : plainWord(named, url);
  const port = url.port === '' ? settings.port : Number(url.port);
  const places = port === undefined ? usualPlaces : usualPlaces.filter((place) => place.port === port);
  // Of another port, nobody knows what listens there.
  const all = places.length > 0 ? places : [{ port: port ?? 22, user: 'root' }];
  return all.map((place) => ({ host, user: user ?? place.user, port: port ?? place.port }));
}

/** Without brackets. @throws Problem. */
export function hostOf(url: URL): string {
  return plainWord(url.hostname.replace(/^\[(.*)\]$/, '$1'), url);
}

/** Nothing that ssh, or a shell that its configuration runs, would read as something else. */
function plainWord(word: string, url: URL): string {
  if (/^[A-Za-z0-9_/@.:%+][A-Za-z0-9_/@.:%+-]*$/.test(word)) return word;
  throw new Problem({
    doing: `connecting to ${url.host}`,
    found: `${JSON.stringify(word)} can be no name for ssh`,
    remedy: 'Name the device as ssh://USER@HOST:PORT',
  });
}

/** What `ssh -G` says, which asks nobody and connects to nothing. @throws Problem without an ssh. */
export async function settingsOf(host: string, { env }: ProcessEnvironment): Promise<SshSettings> {
  let text: string;
  try {
    const run = promisify(execFile)('ssh', ['-G', '--', host], { env, windowsHide: true, timeout: 10_000 });
    text = (await run).stdout;
  } catch (error) {
    throw sshFailure(host, error);
  }
  const settings = new Map(
    text.split(/\r?\n/).map((line) => {
      const at = line.indexOf(' ');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1)] as const;
    }),
  );
  const user = settings.get('user');
  const port = Number(settings.get('port') ?? 22);
  const controlPath = settings.get('controlpath') ?? 'none';
  return {
    user: user === undefined || user === '' || user === ownName() ? undefined : user,
    port: port === 22 ? undefined : port,
    hasControlPath: controlPath !== 'none',
    isStrict: ['true', 'yes'].includes(settings.get('stricthostkeychecking') ?? ''),
  };
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

function sshFailure(host: string, error: unknown): Problem {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return new Problem({
    doing: `connecting to ${host}`,
    found: isMissing ? 'there is no ssh on this machine' : `ssh does not run (${describeError(error)})`,
    remedy: isMissing ? 'Install OpenSSH' : 'Check ssh and its configuration',
    cause: error,
  });
}
