import type { Restored } from '../../core/revision/restore';
import { restore } from '../../core/use-cases/restore';
import { shownFile, withRevisionSession } from '../revision-session';
import type { CommonOptions } from '../session';
import { counted } from '../counted';

export interface CheckoutOptions extends CommonOptions {
  readonly canonical?: true;
  readonly hardlink?: true;
  readonly force?: true;
}

/** Puts files back as they were committed; all of them where none is named. */
export async function checkout(typed: readonly string[], options: CheckoutOptions): Promise<void> {
  await withRevisionSession(options, async ({ checkoutDirectory, hasher, job, terminal, patterns }) => {
    const isCanonical = options.canonical ?? Boolean(process.env['PVR_CANONICAL_JSON']);
    const report = await restore(
      checkoutDirectory,
      {
        patterns: patterns(typed),
        isForced: options.force ?? false,
        form: isCanonical ? 'canonical' : 'indented',
        way: options.hardlink ? 'link' : 'copy',
      },
      hasher,
      job,
    );
    terminal.result(describe(report), report, { hasChanged: report.files.length > 0 });
  });
}

function describe({ files, lost, forgotten }: Restored): string {
  const summary =
    files.length === 0
      ? 'All files are as they were committed.'
      : `Restored ${counted(files.length, 'file')}.`;
  return [
    ...files.map((file) => `${shownFile(file)}${lost.includes(file) ? ' (was edited)' : ''}`),
    summary,
    ...(forgotten.length > 0 ? [`Not added any more: ${forgotten.map(shownFile).join(', ')}`] : []),
  ].join('\n');
}
