/** Every setting, with the type of its value; package.json holds the defaults, and a test the two together. */
export interface Settings {
  /** Hours between two checks of the images; 0 is never. */
  readonly 'pantavisor.checkInterval': number;
  readonly 'pantavisor.notifyAboutMovedImages': boolean;
  readonly 'pantavisor.showMovedImagesInStatusBar': boolean;
  readonly 'pantavisor.watchDockerBuilds': boolean;
  /** Checkouts are source controls of VS Code. */
  readonly 'pantavisor.sourceControl': boolean;
  /** Their changes count in the activity bar's badge. */
  readonly 'pantavisor.countChanges': boolean;
  /** In the Explorer and in the Apps view. */
  readonly 'pantavisor.decorateChanges': boolean;
  readonly 'pantavisor.showChangesInStatusBar': boolean;
  /** Percent of the base that an overlay may weigh before a new base is recommended. */
  readonly 'pantavisor.newBaseThreshold': number;
  readonly 'pantavisor.sortAppsBy': 'name' | 'size' | 'overlayShare';
  /** `base`: apps stand below the one that they extend; `group`: by what a device starts together. */
  readonly 'pantavisor.groupAppsBy': 'base' | 'group' | 'none';
  /** Host, and port where there is one. */
  readonly 'pantavisor.insecureRegistries': readonly string[];
  /** Empty: DOCKER_HOST or the system's own. */
  readonly 'pantavisor.dockerHost': string;
  /** The view below the apps. */
  readonly 'pantavisor.showDevices': boolean;
  /** Seconds between two looks at the devices while their view is shown; 0 is never. */
  readonly 'pantavisor.devicesInterval': number;
  /** Empty: PVR_BASEURL, or Pantahub's own. */
  readonly 'pantavisor.hub': string;
  /** Empty: the system's folder for caches. */
  readonly 'pantavisor.cacheDirectory': string;
  /** GB. */
  readonly 'pantavisor.cacheLimit': number;
}

export type SettingKey = keyof Settings;

/** The same keys as values; a key that is missing here is an error of types. */
export const settingKeys = Object.keys({
  'pantavisor.checkInterval': true,
  'pantavisor.notifyAboutMovedImages': true,
  'pantavisor.showMovedImagesInStatusBar': true,
  'pantavisor.watchDockerBuilds': true,
  'pantavisor.sourceControl': true,
  'pantavisor.countChanges': true,
  'pantavisor.decorateChanges': true,
  'pantavisor.showChangesInStatusBar': true,
  'pantavisor.newBaseThreshold': true,
  'pantavisor.sortAppsBy': true,
  'pantavisor.groupAppsBy': true,
  'pantavisor.insecureRegistries': true,
  'pantavisor.dockerHost': true,
  'pantavisor.showDevices': true,
  'pantavisor.devicesInterval': true,
  'pantavisor.hub': true,
  'pantavisor.cacheDirectory': true,
  'pantavisor.cacheLimit': true,
} satisfies Record<SettingKey, true>) as readonly SettingKey[];
