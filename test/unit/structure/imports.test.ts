import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { preProcessFile } from 'typescript';

const root = path.resolve(import.meta.dirname, '../../..');

/** The files of the product that each one imports, types included; paths below the project. */
const imports: ReadonlyMap<string, readonly string[]> = new Map(
  ['src', 'webview'].flatMap(filesBelow).map((file) => [file, importsOf(file)]),
);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => path.join(folder, name));
}

function importsOf(file: string): readonly string[] {
  const { importedFiles } = preProcessFile(readFileSync(path.join(root, file), 'utf8'), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => path.join(path.dirname(file), name))
    .flatMap((target) => [`${target}.ts`, `${target}.tsx`].filter((one) => existsSync(path.join(root, one))));
}

/** A way from a file back to itself. */
function circleFrom(start: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const target of imports.get(file) ?? []) {
      if (target === start) return wayTo(file, cameFrom).concat(start);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      queue.push(target);
    }
  }
  return undefined;
}

function wayTo(file: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const before = cameFrom.get(file);
  return before === undefined ? [file] : [...wayTo(before, cameFrom), file];
}

describe('the files of src/ and webview/', () => {
  it('are all looked at, with what they import', () => {
    assert.ok(imports.size > 400);
    assert.ok(
      imports.get(path.join('src', 'extension.ts'))?.includes(path.join('src', 'backend', 'client.ts')),
    );
  });

  it('never import themselves in a circle, types included: which part is the lower one can be seen', () => {
    const circles = [...imports.keys()].flatMap((file) => circleFrom(file)?.join(' -> ') ?? []);
    assert.deepEqual(circles, []);
  });
});
