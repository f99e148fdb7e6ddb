import type { PageStrings } from '../../../webview/protocol';

/** What a page says in tests. */
export const strings: PageStrings = {
  views: { overlay: 'Overlay', base: 'Base', device: 'Device' },
  contents: 'Contents',
  filter: 'Filter',
  filterByChange: 'Changes',
  filterByKind: 'Kinds',
  all: 'All',
  changes: {
    added: 'added',
    changed: 'changed',
    attributes: 'attributes',
    unchanged: 'unchanged',
    deleted: 'deleted',
  },
  kinds: {
    file: 'files',
    directory: 'folders',
    symlink: 'links',
    char: 'characters',
    block: 'blocks',
    fifo: 'pipes',
    socket: 'sockets',
  },
  columns: {
    name: 'Name',
    change: 'Change',
    size: 'Size',
    baseSize: 'In Base',
    share: 'Share',
    details: 'Details',
  },
  loading: 'Reading',
  nothing: 'Nothing',
  nothingMatches: 'No match',
  totals: '{0} entries, {1}',
  totalsOfFiltered: '{0} of {1} entries, {2}',
  hardLinkOf: 'hard link of {0}',
  withEntries: 'with {0} entries',
  failed: 'Failed',
  copyReport: 'Copy',
};
