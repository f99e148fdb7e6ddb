import { createRequire } from 'node:module';
import path from 'node:path';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../../..');

/**
 * What a file of src/ui exports, loaded where there is no VS Code: of its API only texts do something, the rest is there to be
 * imported and extended.
 */
export async function loadWithoutVscode(file: string): Promise<unknown> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    packages: 'external',
    loader: { '.wasm': 'empty' },
    logLevel: 'silent',
  });
  const require = createRequire(path.join(root, 'package.json'));
  const module = { exports: {} as unknown };
  const load = (name: string): unknown => (name === 'vscode' ? vscode : require(name));
  const run = runInThisContext(`(require, module, exports) => {${outputFiles[0]?.text ?? ''}\n}`) as (
    ...parts: readonly unknown[]
  ) => void;
  run(load, module, module.exports);
  return module.exports;
}

const l10n = {
  t: (text: string, ...args: readonly unknown[]) =>
    text.replaceAll(/\{(\d)\}/g, (_, at: string) => String(args[Number(at)])),
};

class Anything {
  readonly isAnything = true;
}

const vscode = new Proxy<Record<string, unknown>>(
  { l10n },
  { get: (known, name: string) => known[name] ?? Anything },
);
