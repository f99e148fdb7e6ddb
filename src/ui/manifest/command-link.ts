import { MarkdownString } from 'vscode';
import type { AppId } from '../model/checkouts';
import { commandIds, type CommandId } from './command-ids';

/** `[label](command:…)` for a {@link trustedMarkdown}. */
export function commandLink(label: string, command: CommandId, ...args: readonly (AppId | string)[]): string {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  return `[${escapeMarkdown(label)}](command:${command}${query})`;
}

/** Markdown that may hold links to this extension's commands, and to nothing else. */
export function trustedMarkdown(text = ''): MarkdownString {
  const markdown = new MarkdownString(text, true);
  markdown.isTrusted = { enabledCommands: Object.values(commandIds) };
  return markdown;
}

/** Names and messages come from files and registries: they must not become links or pictures. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, '\\$&').replace(/\s+/g, ' ');
}
