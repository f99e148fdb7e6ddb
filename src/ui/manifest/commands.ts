import { commands, MarkdownString } from 'vscode';

/** What each command takes of this extension: the files of ui/commands/ add theirs, beside what it does. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- It is filled there.
export interface CommandArguments {}

export type CommandId = keyof CommandArguments;

export function execute<Id extends CommandId>(id: Id, ...args: CommandArguments[Id]): Thenable<unknown> {
  return commands.executeCommand(id, ...args);
}

/** Those that links run, and nothing else. */
const linked = [
  'pantavisor.buildNewBase',
  'pantavisor.checkAllImages',
  'pantavisor.checkImage',
  'pantavisor.installApp',
  'pantavisor.previewNewBase',
  'pantavisor.previewPatch',
  'pantavisor.signAgain',
  'pantavisor.updateAsPatch',
] as const satisfies readonly CommandId[];

/** `[label](command:…)` for a {@link trustedMarkdown}. */
export function commandLink<Id extends (typeof linked)[number]>(
  label: string,
  command: Id,
  ...args: CommandArguments[Id]
): string {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  return `[${escapeMarkdown(label)}](command:${command}${query})`;
}

/** Markdown that may hold links to this extension's commands, and to nothing else. */
export function trustedMarkdown(text = ''): MarkdownString {
  const markdown = new MarkdownString(text, true);
  markdown.isTrusted = { enabledCommands: linked };
  return markdown;
}

/** Names and messages come from files and registries: they must not become links or pictures. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, '\\$&').replace(/\s+/g, ' ');
}
