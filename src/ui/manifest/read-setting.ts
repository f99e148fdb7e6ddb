import { type ConfigurationChangeEvent, type ConfigurationScope, workspace } from 'vscode';
import type { BackendSettings } from '../../backend/protocol';
import type { SettingKey, Settings } from './settings';

/** A setting as it holds for a resource. Package.json gives every one a default. */
export function readSetting<Key extends SettingKey>(key: Key, scope?: ConfigurationScope): Settings[Key] {
  const value = workspace.getConfiguration(undefined, scope).get<Settings[Key]>(key);
  if (value === undefined) throw new Error(`${key} has no default in package.json`);
  return value;
}

/** Writes a setting where it is set already, for the user otherwise. */
export async function writeSetting<Key extends SettingKey>(key: Key, value: Settings[Key]): Promise<void> {
  const configuration = workspace.getConfiguration();
  const isOfWorkspace = configuration.inspect(key)?.workspaceValue !== undefined;
  await configuration.update(key, value, isOfWorkspace ? false : true);
}

export function affects(event: ConfigurationChangeEvent, ...keys: readonly SettingKey[]): boolean {
  return keys.some((key) => event.affectsConfiguration(key));
}

/** Those that {@link backendSettings} looks at. */
export const backendSettingKeys: readonly SettingKey[] = [
  'pantavisor.cacheDirectory',
  'pantavisor.cacheLimit',
  'pantavisor.insecureRegistries',
  'pantavisor.dockerHost',
  'pantavisor.hub',
];

/** What the backend is started with; what is set to nothing is left to its own defaults. */
export function backendSettings(): BackendSettings {
  return {
    cacheDirectory: readSetting('pantavisor.cacheDirectory') || undefined,
    cacheLimit: limitIsSet() ? readSetting('pantavisor.cacheLimit') * 1e9 : undefined,
    insecureRegistries: readSetting('pantavisor.insecureRegistries'),
    dockerHost: readSetting('pantavisor.dockerHost') || undefined,
    hub: readSetting('pantavisor.hub') || undefined,
  };
}

/** PVX_CACHE_LIMIT counts where nobody has said anything in the editor. */
function limitIsSet(): boolean {
  return (
    workspace.getConfiguration().inspect('pantavisor.cacheLimit' satisfies SettingKey)?.globalValue !==
    undefined
  );
}
