import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../../..');

interface Restriction {
  readonly patterns?: readonly { readonly group?: readonly string[] }[];
}

/** `['error', { patterns: … }]`, as a rule stands in the configuration. */
function restrictionOf(rule: unknown): Restriction {
  const options: unknown = Array.isArray(rule) ? rule[1] : undefined;
  return typeof options === 'object' && options !== null ? options : {};
}

interface Block {
  readonly files?: readonly (string | readonly string[])[];
  readonly rules?: Readonly<Record<string, unknown>>;
}

/** Those that are about the product's own files. */
async function readBlocks(): Promise<readonly Block[]> {
  const configuration = pathToFileURL(path.join(root, 'eslint.config.mjs')).href;
  const { default: blocks } = (await import(configuration)) as { readonly default: readonly Block[] };
  return blocks.filter(({ files }) => files?.some((glob) => String(glob).startsWith('src/')));
}

/** Every folder of the product, and every module, as a pattern would name them. */
const places = new Set(
  readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((place) =>
    place.split(path.sep).join('/').replace(/\.ts$/, ''),
  ),
);

function namesSomething(pattern: string): boolean {
  const name = pattern
    .replace(/^!/, '')
    .replace(/^\*\*\//, '')
    .replace(/\/\*$/, '');
  if (name.startsWith('*')) return [...places].some((place) => place.endsWith(name.slice(1)));
  const withPrefix = name.includes('/*') ? name.slice(0, name.indexOf('/*')) : name;
  return [...places].some((place) => place === withPrefix || place.endsWith(`/${withPrefix}`));
}

describe('lint rules', () => {
  it('look at files that are there', async () => {
    const globs = (await readBlocks()).flatMap(({ files = [] }) => files.map(String));
    assert.ok(globs.length >= 10);
    const folders = globs.map((glob) => glob.split('*', 1)[0] ?? '');
    assert.deepEqual(
      folders.filter((folder) => !existsSync(path.join(root, folder))),
      [],
    );
  });

  it('forbid imports of what is there: a folder that is renamed takes its rule along', async () => {
    const patterns = (await readBlocks())
      .flatMap(({ rules = {} }) => Object.values(rules))
      .flatMap((rule) => restrictionOf(rule).patterns ?? [])
      .flatMap(({ group = [] }) => group);
    assert.ok(patterns.length >= 20);
    assert.deepEqual(
      [...new Set(patterns)].filter((pattern) => !namesSomething(pattern)),
      [],
    );
  });
});
