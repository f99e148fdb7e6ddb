import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { syncFile, syncFolder } from '../../files/durable';
import { isMissing } from '../../files/file-problem';
import { fileIdentity, pathFacts } from '../../files/path-facts';
import { checkTargetPath } from './target-path';

/** Names of files in a transaction's folder: digits and a dash first, so never a way out of it. */
const privateName = z.string().check(z.regex(/^\d+-[\w.-]+$/));

/** A file that a transaction has written, wherever it lies now. */
const writtenFile = z.object({ ...fileIdentity.shape, sha256: z.string() });

const step = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('replace'),
    /** Path below the checkout. */
    target: z.string(),
    /** What was there when the journal was written. */
    before: pathFacts,
    after: writtenFile,
    /** Where the new file lies until it takes its place. */
    staged: privateName,
    /** Where what was there before is kept until the end. */
    kept: privateName,
    /** It is kept by a further link to the file since before the journal was written; so the target is never missing. */
    isLinked: z.boolean(),
  }),
  z.object({
    kind: z.literal('remove'),
    /** Path below the checkout, of a file or a folder. */
    target: z.string(),
    before: pathFacts,
    kept: privateName,
  }),
]);

const journal = z.object({
  /** Of version 1, nobody can tell whether it still fits: it didn't say what the targets were. */
  version: z.literal(2),
  /** What is being done, in words: `updating web`. */
  what: z.string(),
  /** Folders to be made, outermost first; paths below the checkout. */
  folders: z.array(z.string()),
  /** In the order in which they are to be done. */
  steps: z.array(step),
});

/** All that a transaction is going to do to the checkout. Once it is on disk, it will be done. */
export type Journal = z.infer<typeof journal>;
export type JournalStep = z.infer<typeof step>;
export type ReplaceStep = Extract<JournalStep, { kind: 'replace' }>;
export type WrittenFile = z.infer<typeof writtenFile>;

const fileName = 'journal.json';

/** Writes the journal: when this returns, the transaction has happened, as far as anybody can tell. */
export async function writeJournal(folder: string, content: Journal): Promise<void> {
  const draft = journalPath(folder, '.draft');
  await writeFile(draft, `${JSON.stringify(z.encode(journal, content), undefined, 2)}\n`, { flag: 'wx' });
  await syncFile(draft);
  await rename(draft, journalPath(folder));
  // The folder has been made just now, and perhaps the one that it is in.
  for (const changed of [folder, path.dirname(folder), path.dirname(path.dirname(folder))]) {
    await syncFolder(changed);
  }
}

/**
 * The journal of an interrupted transaction. `none`: it didn't come that far. `unknown`: it is none of this version, or names
 * paths outside the checkout.
 */
export async function readJournal(folder: string): Promise<Journal | 'none' | 'unknown'> {
  let text: string;
  try {
    text = await readFile(journalPath(folder), 'utf8');
  } catch (error) {
    if (isMissing(error)) return 'none';
    throw error;
  }
  try {
    const content = journal.parse(JSON.parse(text));
    for (const { target } of content.steps) checkTargetPath(target);
    content.folders.forEach(checkTargetPath);
    return content;
  } catch {
    return 'unknown';
  }
}

export function journalPath(folder: string, suffix = ''): string {
  return path.join(folder, fileName + suffix);
}
