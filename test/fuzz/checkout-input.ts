import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Random } from '../device-view/random';
import { Problem } from '../../src/core/problem';
import type { CheckoutFiles } from './hostile/checkouts';
import type { Seeds } from './target';
import { hostileText, varyJson } from './vary-json';

/* Inputs that are the small files of a checkout: a JSON document of their texts by their paths. */

export function seedsOf(checkouts: Readonly<Record<string, CheckoutFiles>>): Seeds {
  return Object.fromEntries(Object.entries(checkouts).map(([name, files]) => [name, textOf(files)]));
}

/** @param mayVary the files of an input that may become others. */
export function varyFiles(
  input: Buffer,
  others: readonly Buffer[],
  random: Random,
  mayVary: (file: string) => boolean = () => true,
): Buffer {
  const files = filesIn(input);
  const file = random.pickFrom(Object.keys(files).filter(mayVary));
  if (file === undefined) return input;
  const choice = random.below(20);
  if (choice === 0) return textOf({ ...files, ...filesIn(random.pickFrom(others) ?? input) });
  if (choice === 1) return textOf({ ...files, [file]: hostileText(random) });
  if (choice === 2)
    return textOf(Object.fromEntries(Object.entries(files).filter(([name]) => name !== file)));
  return textOf({ ...files, [file]: varyJson(files[file] ?? '', random) });
}

/** Has the checkout of an input read. @throws Error when a file beside it isn't what it was afterwards. */
export async function inCheckout(
  input: Buffer,
  folder: string,
  read: (checkout: string) => Promise<void>,
): Promise<void> {
  const checkout = path.join(folder, 'checkout');
  const outside = path.join(folder, 'outside');
  await writeFile(outside, 'precious');
  for (const [name, content] of Object.entries(filesIn(input))) {
    const file = path.join(checkout, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  await read(checkout);
  if ((await readFile(outside, 'utf8')) !== 'precious') throw new Error('a file outside was changed');
}

/** One reader's refusal doesn't keep the next from its turn. */
export async function expectingProblems(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

function textOf(files: CheckoutFiles): Buffer {
  return Buffer.from(JSON.stringify(files, undefined, 1), 'utf8');
}

function filesIn(input: Buffer): CheckoutFiles {
  return JSON.parse(input.toString('utf8')) as CheckoutFiles;
}
