import { execFileSync } from 'node:child_process';
import path from 'node:path';
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
  run(process.execPath, path.join('test', 'vscode', 'install.mjs'), 'newest');
  run('npm', 'run', '--silent', 'package');
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

/** What it says is worth reading only when it fails. */
function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
}
