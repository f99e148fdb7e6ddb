import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { formatSize } from '../../core/presentation/size';
import { exportState } from '../../core/use-cases/export-state';
import { shownFile } from '../revision-session';
import { type CommonOptions, currentFolder, openCheckoutSession } from '../session';
import { counted } from '../counted';
import { leftBehindLines } from './take-state';

export interface ExportOptions extends CommonOptions {
  readonly parts?: readonly string[];
}

/** Writes what was committed last to a file, or with `-` to stdout. */
export async function exportTo(file: string, { parts = [], ...options }: ExportOptions): Promise<void> {
  const { checkoutDirectory, terminal, job } = await openCheckoutSession(options);
  const target = file === '-' ? undefined : path.resolve(currentFolder(), file);
  const { stream, files, size, leftBehind } = await exportState(
    checkoutDirectory,
    { parts, file: target },
    job,
  );
  if (stream !== undefined) {
    for (const line of leftBehindLines(leftBehind)) terminal.note(line);
    await pipeline(Readable.from(stream), process.stdout, { end: false });
    return;
  }
  const text = `Wrote ${counted(files, 'file')} of the last commit to ${shownFile(file)}: ${formatSize(size ?? 0)}.`;
  terminal.result([text, ...leftBehindLines(leftBehind)].join('\n'), {
    file: target,
    files,
    size,
    leftBehind,
  });
}
