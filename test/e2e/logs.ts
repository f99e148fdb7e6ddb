import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Errors that the extension host tells of, and those that the extension itself calls a defect: they have a stack. */
export async function hostErrors(userData: string): Promise<readonly string[]> {
  const ofHost = entriesOf(await readLogs(userData, 'remoteexthost.log')).filter(
    (entry) => entry.includes('[error]') && !ofOthers.some((text) => entry.includes(text)),
  );
  const own = entriesOf(await extensionLog(userData)).filter((entry) => /\n {4}at /.test(entry));
  return [...ofHost, ...own];
}

/**
 * VS Code's own npm view does not like the workspace to change while it is read, nor its JSON one that the window is left. And its
 * window may ask for what is below a row of a tree while the extension host makes that tree anew: it gets nothing, and asks again.
 */
const ofOthers = [
  'Unable to refresh tree view npm: Canceled',
  'vscode.json-language-features',
  'jsonClientMain.js',
  'No tree item with id ',
];

/** What the extension wrote to its output channel. */
export function extensionLog(userData: string): Promise<string> {
  return readLogs(userData, 'Pantavisor.log');
}

async function readLogs(userData: string, name: string): Promise<string> {
  const folder = path.join(userData, 'logs');
  const files = await readdir(folder, { recursive: true });
  const found = files.filter((file) => path.basename(file) === name);
  const texts = await Promise.all(found.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.join('');
}

/** An entry goes on until the next line that begins with a time. */
function entriesOf(log: string): readonly string[] {
  return log.split(/\n(?=\d{4}-\d{2}-\d{2} )/);
}
