import { trackFiles } from '../../core/use-cases/track-files';
import { shownFile, withRevisionSession } from '../revision-session';
import type { CommonOptions } from '../session';
import { counted } from '../counted';

export interface AddOptions extends CommonOptions {
  readonly raw?: true;
}

/** Has the next commit take files in; all of them where none is named. */
export async function add(typed: readonly string[], { raw, ...options }: AddOptions): Promise<void> {
  await withRevisionSession(options, async ({ checkoutDirectory, hasher, job, terminal, patterns }) => {
    const request = { patterns: patterns(typed), isRaw: raw ?? Boolean(process.env['PVR_ADD_RAW']) };
    const report = await trackFiles(checkoutDirectory, request, hasher, job);
    const { files, added } = report;
    const summary =
      files.length === 0
        ? 'There is nothing to add.'
        : added.length === 0
          ? `${counted(files.length, 'file')}: all tracked already.`
          : `Added ${counted(added.length, 'file')}; a commit takes them in.`;
    terminal.result([...added.map((file) => `A ${shownFile(file)}`), summary].join('\n'), report, {
      hasChanged: true,
    });
  });
}
