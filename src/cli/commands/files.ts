import { byteStringToText, shown } from '../../core/bytes/byte-string';
import { formatSize } from '../../core/presentation/size';
import type { TreeEntry } from '../../core/rootfs/tree-entries';
import { readBaseEntries, readOverlayChanges } from '../../core/use-cases/app-files';
import { readOverlayPackages } from '../../core/use-cases/overlay-packages';
import { codecs } from '../codecs-folder';
import { overlayTable, readableChange } from '../overlay-table';
import { packageNotes, packageTable, readablePackages } from '../package-table';
import { type CommonOptions, openCheckoutSession } from '../session';
import { formatTable } from '../table';

export interface FilesOptions extends CommonOptions {
  readonly base?: true;
  readonly by?: 'package';
}

export async function files(app: string, options: FilesOptions): Promise<void> {
  const { checkoutDirectory, job, terminal } = await openCheckoutSession(options);
  if (options.base) {
    const entries = await readBaseEntries(checkoutDirectory, app, codecs, job);
    terminal.result(baseTable(entries), entries.map(readableEntry));
  } else if (options.by === 'package') {
    const packages = await readOverlayPackages(checkoutDirectory, app, codecs, job);
    terminal.result(packageTable(packages), readablePackages(packages));
    for (const note of packageNotes(packages)) terminal.note(note);
  } else {
    const changes = await readOverlayChanges(checkoutDirectory, app, codecs, job);
    terminal.result(overlayTable(changes), changes.map(readableChange));
  }
}

const kindLetters: Record<TreeEntry['kind'], string> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
};

function baseTable(entries: readonly TreeEntry[]): string {
  const rows = entries.map(({ kind, mode, uid, gid, size, device, path, target }) => [
    `${kindLetters[kind]} ${mode.toString(8).padStart(4, '0')}`,
    `${uid}:${gid}`,
    kind === 'file' ? formatSize(size) : (device ?? ''),
    `/${shown(path)}${target === undefined ? '' : ` -> ${shown(target)}`}`,
  ]);
  return formatTable(rows, new Set([2]));
}

function readableEntry({ path, target, hardLinkOf, ...entry }: TreeEntry): object {
  return {
    path: byteStringToText(path),
    ...entry,
    ...(target !== undefined && { target: byteStringToText(target) }),
    ...(hardLinkOf !== undefined && { hardLinkOf: byteStringToText(hardLinkOf) }),
  };
}
