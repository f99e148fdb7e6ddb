import { commands } from 'vscode';
import type { ContextKey, ContextKeys } from './context-keys';

const current = new Map<ContextKey, string>();

/** Sets a context key, when its value is another one than before. */
export function setContext<Key extends ContextKey>(key: Key, value: ContextKeys[Key]): void {
  const text = JSON.stringify(value);
  if (current.get(key) === text) return;
  current.set(key, text);
  void commands.executeCommand('setContext', key, value);
}
