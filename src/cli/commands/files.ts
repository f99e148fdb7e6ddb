import { byteStringToText, shown } from '../../core/bytes/byte-string';
import { formatSize } from '../../core/presentation/size';
import type { TreeEntry } from '../../core/rootfs/tree-entries';
import { readBaseEntries, readOverlayChanges } from '../../core/use-cases/app-files';
import { codecs } from '../build-session';
import { overlayTable, readableChange } from '../overlay-table';
import { type CommonOptions, openCheckoutSession } from '../session';
import { formatTable } from '../table';

export interface FilesOptions extends CommonOptions {
  readonly base?: true;
}

export async function files(app: string, options: FilesOptions): Promise<void> {
  const { checkoutDirectory, job, terminal } = await openCheckoutSession(options);
  if (options.base) {
    const entries = await readBaseEntries(checkoutDirectory, app, codecs, job);
    terminal.result(baseTable(entries), entries.map(readableEntry));
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
