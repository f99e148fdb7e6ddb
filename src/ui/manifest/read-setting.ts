import { workspace, type ConfigurationChangeEvent, type ConfigurationScope } from 'vscode';
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
