import type { DashboardStrings } from '../../../webview/dashboard/protocol';

/** What the size dashboard says in tests. */
export const dashboardStrings: DashboardStrings = {
  reading: 'Reading',
  noCheckout: 'No checkout',
  noApps: 'No apps',
  total: 'On the device: {0}',
  base: 'base {0}',
  overlay: 'overlay {0}',
  legend: { base: 'Base', overlay: 'Overlay', threshold: 'New base from {0} %' },
  overlayOf: 'Overlay of {0}',
  ofItsBase: '{0} of the base',
  threshold: 'recommended from {0} %',
  levels: { recommended: 'Recommended', soon: 'Soon', fine: 'Fine' },
  history: '{0} builds: {1}',
  extensionOf: 'extends {0}',
  rest: 'The rest: {0}',
  repeated: 'More than once',
  sameFile: '{0} are one file of {1}',
  sameImage: '{0} could save {1}',
  failed: 'Failed',
  copyReport: 'Copy',
};
