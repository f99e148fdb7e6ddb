import { cancelRevision } from '../../core/use-cases/cancel';
import { openRemoteOf } from '../../core/use-cases/post';
import { ago } from '../ago';
import { withDevices } from '../device-session';
import { shownFile } from '../revision-session';
import type { CommonOptions } from '../session';
import { formatTable } from '../table';
import { followToItsEnd } from './post';

/** Lists what a device has been sent, and what became of it. */
export async function revisions(reference: string | undefined, options: CommonOptions): Promise<void> {
  await withDevices(options, async ({ remotes, terminal, job, checkoutDirectory }) => {
    const { remote } = await openRemoteOf(checkoutDirectory, reference, remotes, job);
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
export async function watch(
  reference: string | undefined,
  options: CommonOptions & { readonly revision?: string },
): Promise<void> {
  await withDevices(options, async (session) => {
    const { remotes, job, checkoutDirectory } = session;
    const { remote, revision } = await openRemoteOf(checkoutDirectory, reference, remotes, job);
    const name = options.revision ?? revision ?? (await remote.facts(job)).head ?? '0';
    await followToItsEnd(session, remote, name);
  });
}

/** Takes back what a device hasn't begun with. */
export async function cancel(
  reference: string | undefined,
  options: CommonOptions & { readonly revision?: string },
): Promise<void> {
  await withDevices(options, async ({ remotes, terminal, job, checkoutDirectory }) => {
    const { remote, revision } = await openRemoteOf(checkoutDirectory, reference, remotes, job);
    const cancelled = await cancelRevision(remote, options.revision ?? revision, job);
    terminal.result(`Revision ${cancelled.name} of ${remote.name} is ${cancelled.progress.status}.`, {
      remote: remote.name,
      revision: cancelled,
    });
  });
}
