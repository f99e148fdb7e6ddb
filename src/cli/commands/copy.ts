import { homedir } from 'node:os';
import { defaultObjectsDirectory } from '../../core/checkout/init';
import { formatSize } from '../../core/presentation/size';
import type { Delivered, Remote } from '../../core/remote/remote';
import { parseFragments, wholeState } from '../../core/revision/fragments';
import { copyRevision, goBack } from '../../core/use-cases/copy-revision';
import { counted } from '../counted';
import { type DeviceSession, openMeant, type SocketOptions, withDevices } from '../device-session';
import type { CommonOptions } from '../session';
import { followToItsEnd } from './post';

export interface CopyOptions extends CommonOptions, SocketOptions {
  readonly message?: string;
  /** Commander's `--no-wait`. */
  readonly wait: boolean;
}

/** Posts an earlier revision again. */
export async function back(name: string, reference: string | undefined, options: CopyOptions): Promise<void> {
  await withDevices(options, async (session) => {
    const { job } = session;
    const { remote } = await openMeant(session, reference, options);
    const request = { name, message: options.message, objectsDirectory: objects() };
    await tell(session, remote, await goBack(remote, request, job), options);
  });
}

/** Posts what one device has, or a part of it, to another one. */
export async function fastcopy(from: string, to: string, options: CopyOptions): Promise<void> {
  await withDevices(options, async (session) => {
    const { remotes, job } = session;
    const [{ remote, revision, parts }, { remote: target }] = await Promise.all([
      remotes.open(from, job),
      remotes.open(to, job),
    ]);
    const name = revision ?? (await remote.facts(job)).head ?? '0';
    const fragments = parts === undefined ? wholeState : parseFragments(parts);
    const source = { remote, revision: name, fragments };
    const request = { source, target, message: options.message, objectsDirectory: objects() };
    await tell(session, target, await copyRevision(request, job), options);
  });
}

async function tell(
  session: DeviceSession,
  remote: Remote,
  { revision, sent }: Delivered,
  { wait }: CopyOptions,
): Promise<void> {
  const { terminal } = session;
  const objectsText =
    sent.count === 0 ? '' : `, with ${counted(sent.count, 'object')} of ${formatSize(sent.bytes)}`;
  const text =
    remote.place === 'device'
      ? `Told ${remote.name} to run revision ${revision.name}${objectsText}.`
      : `Posted revision ${revision.name} to ${remote.name}${objectsText}.`;
  if (!wait) {
    terminal.result(text, { remote: remote.name, revision, sent }, { hasChanged: true });
    return;
  }
  terminal.note(text);
  await followToItsEnd(session, remote, revision.name, { remote: remote.name, sent });
}

function objects(): string {
  return defaultObjectsDirectory(process.env, homedir());
}
