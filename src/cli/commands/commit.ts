import { homedir } from 'node:os';
import { formatSize } from '../../core/presentation/size';
import { signingKeyAtHand } from '../../core/revision/signer-files';
import { commit as commitFiles, type CommitReport } from '../../core/use-cases/commit';
import { shownFile, withRevisionSession } from '../revision-session';
import type { CommonOptions } from '../session';
import { counted } from '../counted';
import { letters } from './status';

export interface CommitOptions extends CommonOptions {
  readonly message?: string;
  readonly checkpoint?: true;
}

/** Makes the tracked files, as they lie there, the last commit. */
export async function commit({ message, checkpoint, ...options }: CommitOptions): Promise<void> {
  await withRevisionSession(options, async ({ checkoutDirectory, hasher, job, terminal }) => {
    const key = await signingKeyAtHand({ env: process.env, homeDirectory: homedir() });
    const request = { message, checkpoint: checkpoint && localTime(new Date()), key };
    const report = await commitFiles(checkoutDirectory, request, hasher, job);
    terminal.result(describe(report), report, { hasChanged: true });
  });
}

function describe(report: CommitReport): string {
  const { files, newObjects, state, renewedSignatures, staleSignatures } = report;
  const { count, size } = newObjects;
  if (files.length === 0) return 'There was nothing to commit; the message is the last commit’s now.';
  const kept = count === 0 ? '' : `, and ${counted(count, 'new object')} of ${formatSize(size)}`;
  return [
    ...files.map(({ path: file, standing }) => `${letters[standing]} ${shownFile(file)}`),
    `Committed ${counted(files.length, 'change')}${kept}; the state is ${state.slice(0, 12)}.`,
    ...renewedSignatures.map((file) => `${shownFile(file)} was signed again with its own key.`),
    ...staleSignatures.map(
      (file) =>
        `${shownFile(file)} no longer fits: sign again with pvx sig update --key KEY, and commit that.`,
    ),
  ].join('\n');
}

/** RFC 3339 with seconds, in the zone of this machine, as Go writes it. */
function localTime(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const two = (count: number) => String(count).padStart(2, '0');
  const minutes = Math.abs(offset);
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
