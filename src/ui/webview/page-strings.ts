import { l10n } from 'vscode';
import type { FailureStrings, PageStrings } from '../../../webview/protocol';

/** What the page of an overlay says. Pages can't ask for it themselves. */
export function pageStrings(): PageStrings {
  return {
    views: { overlay: l10n.t('Overlay'), base: l10n.t('Base'), device: l10n.t('As the Device Sees It') },
    contents: l10n.t('Contents'),
    filter: l10n.t('Filter by path'),
    filterByChange: l10n.t('Show only one kind of change'),
    filterByKind: l10n.t('Show only one kind of file'),
    all: l10n.t('all'),
    changes: {
      added: l10n.t('added'),
      changed: l10n.t('changed'),
      attributes: l10n.t('attributes'),
      unchanged: l10n.t('unchanged'),
      deleted: l10n.t('deleted'),
    },
    kinds: {
      file: l10n.t('files'),
      directory: l10n.t('folders'),
      symlink: l10n.t('symbolic links'),
      char: l10n.t('character devices'),
      block: l10n.t('block devices'),
      fifo: l10n.t('pipes'),
      socket: l10n.t('sockets'),
    },
    columns: {
      name: l10n.t('Name'),
      change: l10n.t('Change'),
      size: l10n.t('Size'),
      baseSize: l10n.t('In Base'),
      share: l10n.t('Share'),
      details: l10n.t('Details'),
    },
    formats: {
      compare: l10n.t('Compare Formats'),
      stop: l10n.t('Stop Comparing'),
      title: l10n.t('What it would weigh in each format'),
      hint: l10n.t(
        'Put the line of one into src.json as "format_options": the next patch and the next base have it.',
      ),
      bytes: l10n.t('Bytes'),
      size: l10n.t('Size'),
      share: l10n.t('Of Now'),
      needs: l10n.t('Asks of the Device'),
      options: 'format_options',
      copy: l10n.t('Copy'),
      copyOf: l10n.t('Copy {0}', '{0}'),
    },
    loading: l10n.t('Reading …'),
    nothing: l10n.t('Nothing: the image is the same as the base.'),
    nothingMatches: l10n.t('Nothing matches the filter.'),
    totals: l10n.t('{0} entries · {1} before compression', '{0}', '{1}'),
    totalsOfFiltered: l10n.t('{0} of {1} entries · {2} before compression', '{0}', '{1}', '{2}'),
    table: l10n.t('Table'),
    byPackage: l10n.t('Group by Package'),
    byFolder: l10n.t('Group by Folder'),
    packages: l10n.t('Packages'),
    noPackage: l10n.t('No package'),
    nothingWeighs: l10n.t('Nothing here weighs anything.'),
    treemap: l10n.t('Treemap'),
    treemapKeys: l10n.t('Arrow keys lead to what lies beside, Enter goes in or opens, Escape goes out.'),
    legend: l10n.t('Colours'),
    colourBy: l10n.t('Colour by'),
    schemes: { change: l10n.t('Change'), kind: l10n.t('Kind of File') },
    fileKinds: {
      library: l10n.t('libraries'),
      program: l10n.t('programs'),
      code: l10n.t('scripts and code'),
      text: l10n.t('texts'),
      data: l10n.t('data'),
      media: l10n.t('pictures, fonts, sound'),
      archive: l10n.t('archives'),
      other: l10n.t('other files'),
    },
    others: l10n.t('{0} smaller ones', '{0}'),
    device: l10n.t('device {0}', '{0}'),
    hardLinkOf: l10n.t('hard link of {0}', '{0}'),
    withEntry: l10n.t('with 1 entry'),
    withEntries: l10n.t('with {0} entries', '{0}'),
    ...failureStrings(),
  };
}

export function failureStrings(): FailureStrings {
  return {
    failed: l10n.t('This page failed. Please report this as a defect, with the text below.'),
    copyReport: l10n.t('Copy Report'),
  };
}
