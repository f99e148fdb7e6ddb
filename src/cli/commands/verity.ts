import path from 'node:path';
import { Problem } from '../../core/problem';
import { applyVerity, convertToVerity, type VerityReport } from '../../core/use-cases/verity';
import { shownFile } from '../revision-session';
import { type CommonOptions, currentFolder, openCheckoutSession } from '../session';

/** Has a device mount a volume through dm-verity. @param volume undefined: `app` names both. */
export async function convert(
  app: string,
  volume: string | undefined,
  options: CommonOptions,
): Promise<void> {
  const { checkoutDirectory, terminal, job } = await openCheckoutSession(options);
  const report = await convertToVerity(checkoutDirectory, namedVolume(app, volume), job);
  terminal.result(describe(report), report, { hasChanged: report.changedFiles.length > 0 });
}

/** Makes hash trees anew that don't fit their volumes. */
export async function apply(typed: string | undefined, options: CommonOptions): Promise<void> {
  const { checkoutDirectory, terminal, job } = await openCheckoutSession(options);
  const report = await applyVerity(checkoutDirectory, typed && belowCheckout(checkoutDirectory, typed), job);
  terminal.result(describe(report), report, { hasChanged: report.changedFiles.length > 0 });
}

function namedVolume(app: string, volume: string | undefined): { app: string; volume: string } {
  const [, name, file] = /^([^/]+)\/(?:_dm\/)?([^/]+)$/.exec(app) ?? [];
  if (volume !== undefined && !app.includes('/')) return { app, volume };
  if (volume === undefined && name !== undefined && file !== undefined) return { app: name, volume: file };
  throw new Problem({
    doing: 'looking for the volume',
    found: `${[app, volume ?? ''].join(' ').trim()} names none`,
    remedy: 'Write it as in pvx dm-convert web root.squashfs',
  });
}

function belowCheckout(checkoutDirectory: string, typed: string): string {
  return path.relative(checkoutDirectory, path.resolve(currentFolder(), typed)).split(path.sep).join('/');
}

function describe({ volumes, changedFiles }: VerityReport): string {
  if (volumes.length === 0) return 'There is nothing that dm-verity verifies.';
  const own = changedFiles.filter((file) => !file.startsWith('.pvr/'));
  if (own.length === 0) return `All fits already: ${volumes.map(shownFile).join(', ')}`;
  return [...own.map((file) => `Wrote ${shownFile(file)}`), 'Devices have it with the next commit.'].join(
    '\n',
  );
}
