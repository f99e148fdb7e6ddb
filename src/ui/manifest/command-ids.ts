/** Every command, as package.json names it; a test holds the two together. */
export const commandIds = {
  // An app's.
  updateAsPatch: 'pantavisor.updateAsPatch',
  buildNewBase: 'pantavisor.buildNewBase',
  previewPatch: 'pantavisor.previewPatch',
  showOverlay: 'pantavisor.showOverlay',
  extendApp: 'pantavisor.extendApp',
  checkImage: 'pantavisor.checkImage',
  installApp: 'pantavisor.installApp',
  openSourceManifest: 'pantavisor.openSourceManifest',
  revealApp: 'pantavisor.revealApp',
  goToApp: 'pantavisor.goToApp',
  removeApp: 'pantavisor.removeApp',
  // Of what is in an image.
  compareWithBase: 'pantavisor.compareWithBase',
  compareImages: 'pantavisor.compareImages',
  addToWorkspace: 'pantavisor.addToWorkspace',
  searchImage: 'pantavisor.searchImage',
  saveCopy: 'pantavisor.saveCopy',
  openEntry: 'pantavisor.openEntry',
  openEntryBefore: 'pantavisor.openEntryBefore',
  copyEntryPath: 'pantavisor.copyEntryPath',
  // A checkout's.
  addApp: 'pantavisor.addApp',
  createExtensionApp: 'pantavisor.createExtensionApp',
  updateAllAsPatches: 'pantavisor.updateAllAsPatches',
  checkAllImages: 'pantavisor.checkAllImages',
  signAgain: 'pantavisor.signAgain',
  initCheckout: 'pantavisor.initCheckout',
  // Of the images that moved.
  updateMovedApp: 'pantavisor.updateMovedApp',
  askAgain: 'pantavisor.askAgain',
  signInToRegistry: 'pantavisor.signInToRegistry',
  signOutOfRegistry: 'pantavisor.signOutOfRegistry',
  // The view's.
  refresh: 'pantavisor.refresh',
  sortApps: 'pantavisor.sortApps',
  filterApps: 'pantavisor.filterApps',
  clearFilter: 'pantavisor.clearFilter',
  openWalkthrough: 'pantavisor.openWalkthrough',
  showLog: 'pantavisor.showLog',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];
