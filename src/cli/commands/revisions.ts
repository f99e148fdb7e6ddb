import { cancelRevision } from '../../core/use-cases/cancel';
import { ago } from '../ago';
import { openMeant, type SocketOptions, withDevices } from '../device-session';
import { shownFile } from '../revision-session';
import type { CommonOptions } from '../session';
import { formatTable } from '../table';
import { followToItsEnd } from './post';

interface RevisionOptions extends CommonOptions, SocketOptions {
  readonly revision?: string;
}

/** Lists what a device has been sent, and what became of it. */
export async function revisions(
  reference: string | undefined,
  options: CommonOptions & SocketOptions,
): Promise<void> {
  await withDevices(options, async (session) => {
    const { terminal, job } = session;
    const { remote } = await openMeant(session, reference, options);
    const [list, { running }] = await Promise.all([remote.revisions(job), remote.facts(job)]);
    const rows = list.map(({ name, message, stateSha, posted, progress }) => [
      name === running ? '*' : '',
      name,
      progress.status,
      stateSha.slice(0, 8),
      ago(posted, Date.now()),
      shownFile(message.split('\n', 1)[0] ?? ''),
      shownFile(progress.message),
    ]);
    const table = formatTable(
      [['', 'REV', 'STATUS', 'STATE', 'POSTED', 'MESSAGE', ''], ...rows],
      new Set([1]),
    );
    terminal.result(table, { remote: remote.name, running, revisions: list });
  });
}

/** Follows what a device makes of a revision. */
export async function watch(reference: string | undefined, options: RevisionOptions): Promise<void> {
  await withDevices(options, async (session) => {
    const { job } = session;
    const { remote, revision } = await openMeant(session, reference, options);
    const name = options.revision ?? revision ?? (await remote.facts(job)).head ?? '0';
    await followToItsEnd(session, remote, name);
  });
}

/** Takes back what a device hasn't begun with. */
export async function cancel(reference: string | undefined, options: RevisionOptions): Promise<void> {
  await withDevices(options, async (session) => {
    const { terminal, job } = session;
    const { remote, revision } = await openMeant(session, reference, options);
    const cancelled = await cancelRevision(remote, options.revision ?? revision, job);
    terminal.result(`Revision ${cancelled.name} of ${remote.name} is ${cancelled.progress.status}.`, {
      remote: remote.name,
      revision: cancelled,
    });
  });
}
