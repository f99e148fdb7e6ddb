import type { DevicesViewState } from '../devices/model/device-nodes';
import type { AppsViewState } from '../tree/view-state';

/** Every context key that a `when` of package.json asks for, with the type of its value; a test holds the two together. */
export interface ContextKeys {
  readonly 'pantavisor.appsViewState': AppsViewState;
  readonly 'pantavisor.devicesViewState': DevicesViewState;
  readonly 'pantavisor.isFiltered': boolean;
  /** Absolute paths, as `resourcePath` has them. */
  readonly 'pantavisor.appFolders': readonly string[];
}

export type ContextKey = keyof ContextKeys;

/** The same keys as values; a key that is missing here is an error of types. */
export const contextKeys = Object.keys({
  'pantavisor.appsViewState': true,
  'pantavisor.devicesViewState': true,
  'pantavisor.isFiltered': true,
  'pantavisor.appFolders': true,
} satisfies Record<ContextKey, true>) as readonly ContextKey[];
