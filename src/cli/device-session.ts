import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pvrFolderOfUser } from '../core/checkout/init';
import { stringifyCompact } from '../core/json/indented';
import type { JsonObject } from '../core/json/value';
import { processEnvironment } from '../core/net/process-environment';
import { Secret } from '../core/net/secret';
import type { AskAccount } from '../core/remote/pantahub/hub-session';
import { AuthFile } from '../core/remote/pantahub/logins';
import { createRemotes, type NamedRemote, type Remotes } from '../core/remote/remotes';
import { findCheckoutFrom } from '../core/checkout/find';
import { openRemoteOf } from '../core/use-cases/post';
import { hiddenAnswer } from './passphrase';
import { type CommonOptions, currentFolder, openSession, type Session } from './session';

export interface DeviceSession extends Session {
  readonly remotes: Remotes;
  /** The checkout that the command was started in; undefined: it was started in none. */
  readonly checkoutDirectory: string | undefined;
}

/** Gives `work` the way to devices: logins are pvr's own, and somebody at the terminal is asked where there is none. */
export async function withDevices<Result>(
  options: CommonOptions,
  work: (session: DeviceSession) => Promise<Result>,
): Promise<Result> {
  const session = openSession(options);
  await using remotes = remotesAtTerminal(session.job.signal);
  try {
    return await work({ ...session, remotes, checkoutDirectory: await findCheckoutFrom(currentFolder()) });
  } finally {
    session.terminal.clearLine();
  }
}

/** The devices that can be reached with pvr's logins; somebody at the terminal is asked for others. */
export function remotesAtTerminal(signal: AbortSignal): Remotes {
  const logins = new AuthFile(pvrFolderOfUser(process.env, homedir()));
  return createRemotes({
    ...{ environment: processEnvironment(), logins, ask: askAtTerminal(signal) },
    // It asks at the terminal by itself.
    askSsh: process.stdin.isTTY ? 'terminal' : 'nobody',
  });
}

export interface SocketOptions {
  readonly socket?: string;
}

/** The device that is named, by its socket or otherwise, or that the checkout came from. @throws Problem. */
export function openMeant(
  { remotes, job, checkoutDirectory }: DeviceSession,
  reference: string | undefined,
  { socket }: SocketOptions,
): Promise<NamedRemote> {
  return openRemoteOf(checkoutDirectory, meantReference(reference, { socket }), remotes, job);
}

/** What was typed, where a socket may be. */
export function meantReference(
  reference: string | undefined,
  { socket }: { readonly socket: string | undefined } | SocketOptions,
): string | undefined {
  return socket === undefined ? reference : path.resolve(currentFolder(), socket);
}

/** pvr asks so, too, but that the hub is named: there may be several. */
function askAtTerminal(signal: AbortSignal): AskAccount {
  return async ({ host }) => {
    if (!process.stdin.isTTY) return undefined;
    const name = await askName(`User name at ${host}: `, signal);
    if (name === '') return undefined;
    const password = await hiddenAnswer(`Password of ${name} at ${host}: `, signal);
    return { name, password: new Secret(password) };
  };
}

export async function askName(question: string, signal: AbortSignal): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await reader.question(question, { signal })).trim();
  } finally {
    reader.close();
  }
}

/** A document of core as `--json` prints it. */
export function plainDocument(document: JsonObject): unknown {
  return JSON.parse(stringifyCompact(document)) as unknown;
}
