/** The views, their container and what else is called by a name of package.json; a test holds the two together. */
export const viewContainerId = 'pantavisor';
export const appsViewId = 'pantavisor.apps';
export const devicesViewId = 'pantavisor.devices';
export const walkthroughId = 'pantavisor.start';
export const sizesViewId = 'pantavisor.sizes';
/** The page of an app's overlay, which VS Code opens again after a restart. */
export const overlayPanelType = 'pantavisor.overlay';
/** That of a comparison, likewise. */
export const comparisonPanelType = 'pantavisor.comparison';
/** That of a review, likewise. */
export const reviewPanelType = 'pantavisor.review';
/** What SquashFS files are opened with. */
export const squashfsEditorType = 'pantavisor.squashfs';
export const taskType = 'pantavisor';

export const toolNames = {
  listApps: 'pantavisor_listApps',
  overlayContents: 'pantavisor_overlayContents',
  outdatedImages: 'pantavisor_outdatedImages',
  uncommitted: 'pantavisor_uncommitted',
  diff: 'pantavisor_diff',
  listDevices: 'pantavisor_listDevices',
  deviceStatus: 'pantavisor_deviceStatus',
} as const;
