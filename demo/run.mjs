// `npm run demo`: on a machine with Node and npm only, installs and builds what is missing, then shows the main job.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run(path.join('scripts', 'install.mjs'));
run('esbuild.mjs');
run('--import', 'tsx', path.join('demo', 'main.ts'), ...process.argv.slice(2));
