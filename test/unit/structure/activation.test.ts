import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../../..');

/** All files that are loaded with one, but for what it loads when that is wanted; paths below the project. */
async function loadedWith(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    external: ['vscode'],
    logLevel: 'silent',
  });
  const loaded = new Set([entry]);
  for (const file of loaded) {
    for (const { path: target, kind, external } of metafile.inputs[file]?.imports ?? [])
      if (kind === 'import-statement' && external !== true) loaded.add(target);
  }
  return [...loaded];
}

describe('the extension, when VS Code activates it', () => {
  it('loads one small package and nothing that builds: what needs more is loaded when somebody wants it', async () => {
    const loaded = await loadedWith('src/extension.ts');
    assert.ok(loaded.includes('src/ui/tree/apps-tree.ts'));
    const packages = loaded.flatMap((file) => /node_modules\/([^/]+)/.exec(file)?.[1] ?? []);
    assert.deepEqual(packages, ['jsonc-parser']);
    const heavy = /^src\/(core\/(squashfs|mount|net|use-cases\/steps)|backend\/(server|serve|requests))\//;
    assert.deepEqual(
      loaded.filter((file) => heavy.test(file) && !file.endsWith('/params.ts')),
      [],
    );
  });
});
