// Makes dist/pantavisor-checkouts-VERSION.tgz of what `npm run build` has built: the command line alone, for npm and npx.
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const { name, version, description, license, keywords, engines } = JSON.parse(
  await readFile('package.json', 'utf8'),
);
const stage = path.join('dist', 'npm');
await rm(stage, { recursive: true, force: true });
await mkdir(path.join(stage, 'dist'), { recursive: true });

for (const file of await readdir('dist')) {
  const isWanted = /^(cli\.js|codec-worker\.js|pvx\.1|THIRD_PARTY_LICENSES\.txt|.*\.wasm)$/.test(file);
  if (isWanted) await copyFile(path.join('dist', file), path.join(stage, 'dist', file));
}
for (const folder of ['cli', 'packages'])
  await cp(path.join('dist', folder), path.join(stage, 'dist', folder), { recursive: true });
for (const file of ['LICENSE', 'CHANGELOG.md']) await copyFile(file, path.join(stage, file));
// Its pictures are the editor's.
const readme = (await readFile('README.md', 'utf8')).replace(/^!\[[^\]]*\]\([^)]*\)\n+/gm, '');
await writeFile(path.join(stage, 'README.md'), readme);
await mkdir(path.join(stage, 'completions'));
for (const [shell, file] of [
  ['bash', 'pvx.bash'],
  ['zsh', '_pvx'],
  ['fish', 'pvx.fish'],
]) {
  const script = execFileSync(process.execPath, ['dist/cli.js', 'completion', shell]);
  await writeFile(path.join(stage, 'completions', file), script);
}
await chmod(path.join(stage, 'dist', 'cli.js'), 0o755);

const manifest = {
  ...{ name, version, description, license, keywords },
  engines: { node: engines.node },
  // npx runs the one that is named like the package.
  bin: { pvx: 'dist/cli.js', [name]: 'dist/cli.js' },
  man: ['./dist/pvx.1'],
  files: ['dist', 'completions', 'CHANGELOG.md'],
};
await writeFile(path.join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', '..'], {
  cwd: stage,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
process.stdout.write(`${path.join('dist', packed.trim())}\n`);
