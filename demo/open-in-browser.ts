import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { extensionPackage } from '../test/vscode/extension-package';
import { startServer } from '../test/vscode/server';
import { interrupted } from './interrupted';

const project = path.resolve(__dirname, '..');

/** Opens a folder in VS Code's own server, with the packaged extension installed, until Ctrl-C. */
export async function openInBrowser(
  folder: string,
  environment: Readonly<Record<string, string>>,
  say: (text: string) => void,
): Promise<void> {
  say(
    'There is no command "code" here. VS Code comes from npm into .vscode-test/ (once, some 700 MB), for the browser.',
  );
  await run(process.execPath, path.join('test', 'vscode', 'install.mjs'), 'newest');
  await run('npm', 'run', '--silent', 'package');
  const server = await startServer({
    version: 'newest',
    vsix: [extensionPackage],
    workspace: folder,
    env: environment,
    hasBridge: false,
  });
  try {
    say(`
VS Code has the checkout open; the icon with the layers is "Pantavisor":

  ${server.url()}

Ctrl-C ends it.`);
    await interrupted();
  } finally {
    await server.stop();
  }
}

/** Registry, hub and device go on meanwhile. @throws Error with what it said; that is worth reading only then. */
async function run(command: string, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args, { cwd: project, maxBuffer: Infinity });
}
