import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Transaction, TransactionOptions } from '../../../../src/core/checkout/change/transaction';
import { writeFiles } from '../temporary-folder';

/** A transaction that has nobody to tell of others. */
export const aTest: TransactionOptions = { what: 'testing', onRecovered: () => undefined };

/** Makes a checkout in which there is something to replace, to remove and to leave alone. */
export function makeOldCheckout(folder: string): void {
  writeFiles(folder, {
    '.pvr/json': '{}',
    '.pvr/new': 'old',
    'web/root.squashfs': 'old base',
    'web/root.ovl.squashfs': 'old overlay',
    'web/src.json': 'old',
    'gone/run.json': 'old',
    'gone/_dm/root.json': 'old',
    '_config/gone/etc/motd': 'old',
    'other/src.json': 'untouched',
  });
}

/** One change of each kind: new content, new files in new folders, removed files and folders. */
export async function changeEverything(transaction: Transaction): Promise<void> {
  const base = transaction.path('root.squashfs');
  await writeFile(base, 'new base');
  transaction.replace('web/root.squashfs', base);
  transaction.remove('web/root.ovl.squashfs');
  transaction.remove('gone');
  transaction.remove('_config/gone');
  transaction.remove('_sigs/never-there.json');
  await transaction.writeText('web/src.json', 'new');
  await transaction.writeText('added/_dm/root.json', 'new');
  await transaction.writeText('added/src.json', 'new');
  await transaction.writeText('.pvr/new', 'new');
}

export const oldContent = {
  '.pvr/json': '{}',
  '.pvr/new': 'old',
  '_config/gone/etc/motd': 'old',
  'gone/_dm/root.json': 'old',
  'gone/run.json': 'old',
  'other/src.json': 'untouched',
  'web/root.ovl.squashfs': 'old overlay',
  'web/root.squashfs': 'old base',
  'web/src.json': 'old',
};

export const newContent = {
  '.pvr/json': '{}',
  '.pvr/new': 'new',
  'added/_dm/root.json': 'new',
  'added/src.json': 'new',
  'other/src.json': 'untouched',
  'web/root.squashfs': 'new base',
  'web/src.json': 'new',
};

/** Every file below a folder, by path, with its content. */
export function contentOf(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(
    readdirSync(folder, { recursive: true })
      .map((name) => String(name).split(path.sep).join('/'))
      .filter((name) => statSync(path.join(folder, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  );
}
