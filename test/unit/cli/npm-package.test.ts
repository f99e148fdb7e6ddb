import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../../../package.json';
import { writeFiles } from '../checkout/temporary-folder';

const run = promisify(execFile);

describe('the package for npm', () => {
  it('works in an empty folder, with its man page and completion', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'npm-'));
    try {
      // Who runs this may have no home that npm could write to.
      const env = { ...process.env, HOME: folder, npm_config_cache: path.join(folder, 'cache') };
      const packed = (await run(process.execPath, ['scripts/npm-package.mjs'], { env })).stdout.trim();
      assert.equal(packed, path.join('dist', `${packageJson.name}-${packageJson.version}.tgz`));
      const options = { cwd: folder, env };
      const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
      await run('npm', ['install', ...quiet, path.resolve(packed)], options);
      writeFiles(folder, {
        '.pvr/json': '{"#spec":"pantavisor-service-system@1"}',
        'web/src.json': '{"#spec":"service-manifest-src@1","docker_name":"nginx","docker_tag":"1.27"}',
      });
      const npx = (...words: readonly string[]) =>
        run('npx', ['--no-install', packageJson.name, ...words], options);
      assert.match((await npx('app', 'ls')).stdout, /^web .*nginx:1\.27/m);
      assert.equal((await npx('--version')).stdout.trim(), packageJson.version);

      const inside = path.join(folder, 'node_modules', packageJson.name);
      assert.match(await readFile(path.join(inside, 'dist', 'pvx.1'), 'utf8'), /^\.TH PVX 1/);
      assert.deepEqual((await readdir(path.join(inside, 'completions'))).sort(), [
        '_pvx',
        'pvx.bash',
        'pvx.fish',
      ]);
      // What the editor alone needs.
      const files = await readdir(path.join(inside, 'dist'));
      for (const file of ['extension.js', 'webview', 'backend.js']) assert.ok(!files.includes(file), file);
      // And what npm alone needs isn't there: .vscodeignore lists what is.
      const shipped = await readFile('.vscodeignore', 'utf8');
      assert.match(shipped, /^\*\*$/m);
      assert.doesNotMatch(shipped, /cli|pvx\.1|npm|completions|examples/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
