// `npm run demo`: on a machine with Node and npm only, installs and builds what is missing, then shows the main job.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

function run(command, ...args) {
  // npm is a script on Windows, which only a shell starts.
  const shell = process.platform === 'win32' && command === 'npm';
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(path.join(root, 'node_modules', 'esbuild'))) run('npm', 'ci', '--loglevel', 'error');
run('npm', 'run', '--silent', 'build');
run(process.execPath, '--import', 'tsx', path.join('demo', 'main.ts'), ...process.argv.slice(2));
