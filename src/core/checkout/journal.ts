import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { Problem } from '../problem';
import { syncFile, syncFolder } from './durable';
import { isMissing } from './file-problem';
import { checkTargetPath } from './target-path';

/** Names of files in a transaction's folder: digits and a dash first, so never a way out of it. */
const privateName = z.string().regex(/^\d+-[\w.-]+$/);

const step = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('replace'),
    /** Path below the checkout. */
    target: z.string(),
    /** The new file. */
    staged: privateName,
    /** Bytes of the new file. */
    size: z.int().nonnegative(),
    /** Where what was there before is kept until the end. */
    kept: privateName,
  }),
  z.object({
    kind: z.literal('remove'),
    /** Path below the checkout, of a file or a folder. */
    target: z.string(),
    kept: privateName,
  }),
]);

const journal = z.object({
  version: z.literal(1),
  /** Folders to be made, outermost first; paths below the checkout. */
  folders: z.array(z.string()),
  /** In the order in which they are to be done. */
  steps: z.array(step),
});

/** All that a transaction is going to do to the checkout. Once it is on disk, it will be done. */
export type Journal = z.infer<typeof journal>;
export type JournalStep = z.infer<typeof step>;

const fileName = 'journal.json';

/** Writes the journal: when this returns, the transaction has happened, as far as anybody can tell. */
export async function writeJournal(folder: string, content: Journal): Promise<void> {
  const draft = journalPath(folder, '.draft');
  await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`, { flag: 'wx' });
  await syncFile(draft);
  await rename(draft, journalPath(folder));
  // The folder has been made just now, and perhaps the one that it is in.
  for (const changed of [folder, path.dirname(folder), path.dirname(path.dirname(folder))]) {
    await syncFolder(changed);
  }
}

/**
 * The journal of an interrupted transaction; undefined when it didn't come that far.
 *
 * @throws Problem when it isn't one of ours, or names paths outside the checkout.
 */
export async function readJournal(folder: string): Promise<Journal | undefined> {
  const file = journalPath(folder);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const content = journal.parse(JSON.parse(text));
    for (const { target } of content.steps) checkTargetPath(target);
    content.folders.forEach(checkTargetPath);
    return content;
  } catch (error) {
    throw new Problem({
      doing: 'finishing an interrupted change of the checkout',
      found: `${file} is not a journal that this version can trust`,
      remedy: `Compare the checkout with pvr status; when it is as you want it, delete ${folder}`,
      cause: error,
    });
  }
}

export function journalPath(folder: string, suffix = ''): string {
  return path.join(folder, fileName + suffix);
}
