import { workspace } from 'vscode';
import type { BackendSettings } from '../../backend/protocol';
import { readSetting } from './read-setting';
import type { SettingKey } from './settings';

/** Those that {@link backendSettings} looks at. */
export const backendSettingKeys: readonly SettingKey[] = [
  'pantavisor.cacheDirectory',
  'pantavisor.cacheLimit',
  'pantavisor.insecureRegistries',
  'pantavisor.dockerHost',
];

/** What the backend is started with; what is set to nothing is left to its own defaults. */
export function backendSettings(): BackendSettings {
  return {
    cacheDirectory: readSetting('pantavisor.cacheDirectory') || undefined,
    cacheLimit: limitIsSet() ? readSetting('pantavisor.cacheLimit') * 1e9 : undefined,
    insecureRegistries: readSetting('pantavisor.insecureRegistries'),
    dockerHost: readSetting('pantavisor.dockerHost') || undefined,
  };
}

/** PVX_CACHE_LIMIT counts where nobody has said anything in the editor. */
function limitIsSet(): boolean {
  return (
    workspace.getConfiguration().inspect('pantavisor.cacheLimit' satisfies SettingKey)?.globalValue !==
    undefined
  );
}
