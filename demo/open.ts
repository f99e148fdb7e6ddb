import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { interrupted } from './interrupted';
import { openInBrowser } from './open-in-browser';

const project = path.resolve(__dirname, '..');

/**
 * Opens a folder in VS Code with this project's extension in it: by the `code` command, or in the browser where there is none.
 * Goes on until Ctrl-C, when something was opened.
 *
 * @param environment what VS Code gets, beside this process's own variables; a window that is open already has none of it.
 * @param say called with what happened, or what to do, in words.
 */
export async function openInEditor(
  folder: string,
  environment: Readonly<Record<string, string>>,
  say: (text: string) => void,
): Promise<void> {
  const problem = openByCommand(folder, environment);
  if (problem === undefined) {
    say(`VS Code opens ${folder}. Ctrl-C ends the registry, the hub and the device.`);
    await interrupted();
  } else if (process.platform === 'linux' && process.arch === 'x64') {
    await openInBrowser(folder, environment, say);
  } else {
    say(`The command "code" could not be run (${problem}), so nothing was opened.
Where VS Code is installed: press F1 in it, choose "Shell Command: Install 'code' command in PATH", and run this again,
or open the folder ${folder} by hand.`);
  }
}

/** @returns why it could not. */
function openByCommand(folder: string, environment: Readonly<Record<string, string>>): string | undefined {
  const env = { ...process.env, ...environment };
  const args = [`--extensionDevelopmentPath=${project}`, folder];
  // On Windows `code` is a script, which only a shell starts; it also needs the quotes.
  const { status, error } =
    process.platform === 'win32'
      ? spawnSync('code', args.map(quoted), { shell: true, stdio: 'ignore', env })
      : spawnSync('code', args, { stdio: 'ignore', env });
  if (error === undefined && status === 0) return undefined;
  return error?.message ?? `it ended with ${String(status)}`;
}

function quoted(argument: string): string {
  return `"${argument}"`;
}
