import { spawnSync } from 'node:child_process';
import path from 'node:path';

const project = path.resolve(__dirname, '..');

/**
 * Opens a folder in VS Code with this project's extension in it, where the `code` command is installed.
 * @returns what happened, or what to do, in words.
 */
export function openInEditor(folder: string): string {
  const args = [`--extensionDevelopmentPath=${project}`, folder];
  // On Windows `code` is a script, which only a shell starts; it also needs the quotes.
  const { status, error } =
    process.platform === 'win32'
      ? spawnSync('code', args.map(quoted), { shell: true, stdio: 'ignore' })
      : spawnSync('code', args, { stdio: 'ignore' });
  if (error === undefined && status === 0) return `VS Code opens ${folder}.`;
  return `The command "code" could not be run (${error?.message ?? `it ended with ${String(status)}`}), so nothing was opened.
Where VS Code is installed: press F1 in it, choose "Shell Command: Install 'code' command in PATH", and run this again,
or open the folder ${folder} by hand.`;
}

function quoted(argument: string): string {
  return `"${argument}"`;
}
