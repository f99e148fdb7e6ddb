import path from 'node:path';
import { env, l10n } from 'vscode';
import type { BackendClient } from '../../backend/client';
import { formatSize } from '../../core/presentation/size';
import type { SquashfsFacts, SquashfsFlag } from '../../core/mount/squashfs-facts';
import type { Property } from '../../../webview/protocol';
import { plainSource, type OverlaySource } from './overlay-source';

/** One SquashFS file, as it is. */
export function squashfsSource(backend: BackendClient, file: string): OverlaySource {
  // All apps' files are called the same.
  const folder = path.basename(path.dirname(file));
  const mount = { files: [file], name: [folder, path.basename(file)].filter(Boolean).join('/') };
  const facts = (signal?: AbortSignal) =>
    backend.request('readSquashfsFacts', { file }, signal === undefined ? {} : { signal });
  return {
    ...plainSource,
    title: mount.name,
    async heading() {
      const title = mount.name;
      // What is wrong with a file that can't be read stands in the place of its contents.
      const known = await facts().catch(() => undefined);
      const summary =
        known &&
        `SquashFS 4.0 · ${known.compressor} · ${formatSize(known.size)} · ${formatTime(known.created)}`;
      return { title, facts: summary === undefined ? [] : [summary], views: ['base'] };
    },
    properties: async (signal) => propertiesOf(await facts(signal)),
    listing: async (_, signal) => ({
      view: 'base',
      entries: await backend.request('listEntries', { files: mount.files }, { signal }),
    }),
    mounts: () => Promise.resolve({ before: undefined, after: mount, whole: mount }),
  };
}

function propertiesOf(facts: SquashfsFacts): readonly Property[] {
  const { compressor, level, flags } = facts;
  return [
    {
      label: l10n.t('Compression'),
      text: level === undefined ? compressor : l10n.t('{0}, level {1}', compressor, level),
    },
    { label: l10n.t('Block size'), text: l10n.t('{0} bytes', formatCount(facts.blockSize)) },
    { label: l10n.t('Made'), text: formatTime(facts.created) },
    {
      label: l10n.t('File system'),
      text: l10n.t('{0} bytes, in a file of {1}', formatCount(facts.bytesUsed), formatCount(facts.size)),
    },
    { label: l10n.t('Inodes'), text: formatCount(facts.inodes) },
    { label: l10n.t('Fragment blocks'), text: formatCount(facts.fragments) },
    { label: l10n.t('User and group ids'), text: formatCount(facts.ids) },
    { label: l10n.t('Extended attributes'), text: facts.hasXattrs ? l10n.t('yes') : l10n.t('none') },
    {
      label: l10n.t('Export table'),
      text: facts.hasExportTable ? l10n.t('yes') : l10n.t('none'),
    },
    { label: l10n.t('Flags'), text: flags.length === 0 ? l10n.t('none') : flags.map(flagText).join(', ') },
  ];
}

function flagText(flag: SquashfsFlag): string {
  switch (flag) {
    case 'inodesStored':
      return l10n.t('inodes not compressed');
    case 'dataStored':
      return l10n.t('data not compressed');
    case 'fragmentsStored':
      return l10n.t('fragments not compressed');
    case 'noFragments':
      return l10n.t('no fragments');
    case 'alwaysFragments':
      return l10n.t('all tails in fragments');
    case 'duplicatesRemoved':
      return l10n.t('files of the same content are stored once');
    case 'exportable':
      return l10n.t('exportable');
    case 'xattrsStored':
      return l10n.t('extended attributes not compressed');
    case 'noXattrs':
      return l10n.t('no extended attributes');
    case 'compressorOptions':
      return l10n.t('compressor options');
    case 'idsStored':
      return l10n.t('ids not compressed');
  }
}

function formatCount(count: number): string {
  return count.toLocaleString(env.language);
}

/** To the second, in UTC: builds on two machines are compared by it. */
function formatTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
