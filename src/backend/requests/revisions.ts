import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { openChosenKey, type ChosenKey, signingKeyAtHand } from '../../core/revision/signer-files';
import { commit, type CommitReport } from '../../core/use-cases/commit';
import { readCommittedText, readPresentText, type TextForm } from '../../core/use-cases/committed-text';
import { type ChangedFileSystem, changedFileSystems } from '../../core/use-cases/diff-file-systems';
import { type Exported, exportState } from '../../core/use-cases/export-state';
import { restore } from '../../core/use-cases/restore';
import { signAgain, type SignedAgain } from '../../core/use-cases/sign-again';
import { trackFiles, untrackFiles } from '../../core/use-cases/track-files';
import type { Restored } from '../../core/revision/restore';
import type { PathPattern } from '../../core/revision/select-paths';
import type { InCheckout } from './params';
import { request } from './request';

/** What changes, or shows, the last commit. Paths of files are below the checkout. */
export const ofRevisions = {
  /** Signatures that it makes stale are made anew where their own key is at hand: the chosen one, else the user's. */
  commit: request<
    InCheckout & { readonly message: string | undefined; readonly key: ChosenKey | undefined },
    CommitReport
  >({
    doing: ({ checkoutDirectory }) => `committing ${checkoutDirectory}`,
    answer: async ({ checkoutDirectory, message, key: chosen }, { environment, outside, job }) => {
      const key = await (chosen === undefined ? signingKeyAtHand(outside) : openChosenKey(chosen, outside));
      return commit(checkoutDirectory, { message, key }, environment.pool, job);
    },
  }),

  signAgain: request<InCheckout & { readonly message: string; readonly key: ChosenKey }, SignedAgain>({
    doing: ({ checkoutDirectory }) => `signing ${checkoutDirectory} again`,
    answer: async ({ checkoutDirectory, message, key }, { environment, outside, job }) =>
      signAgain(
        checkoutDirectory,
        { message, key: await openChosenKey(key, outside) },
        environment.pool,
        job,
      ),
  }),

  /** Puts files back as they were committed; those that were added since are deleted. */
  discardChanges: request<InCheckout & { readonly files: readonly string[] }, Restored>({
    doing: ({ files }) => `discarding the changes of ${files.join(', ')}`,
    answer: ({ checkoutDirectory, files }, { environment, job }) =>
      restore(
        checkoutDirectory,
        { patterns: files.map(patternOf), isForced: true, added: 'delete', form: 'indented', way: 'copy' },
        environment.pool,
        job,
      ),
  }),

  /** Has the next commit take files in, or all that lies in folders. Answers which are new to it. */
  trackFiles: request<InCheckout & { readonly files: readonly string[] }, readonly string[]>({
    doing: ({ files }) => `adding ${files.join(', ')}`,
    answer: async ({ checkoutDirectory, files }, { environment, job }) => {
      const wanted = { patterns: files.map(patternOf), isRaw: false };
      return (await trackFiles(checkoutDirectory, wanted, environment.pool, job)).added;
    },
  }),

  /** Has the next commit leave out files that were added since the last one. Answers which they were. */
  untrackFiles: request<InCheckout & { readonly files: readonly string[] }, readonly string[]>({
    doing: ({ files }) => `leaving out ${files.join(', ')}`,
    answer: async ({ checkoutDirectory, files }, { job }) =>
      (await untrackFiles(checkoutDirectory, files, job)).files,
  }),

  /** Writes the last commit with all that it needs to a file, an absolute path. */
  exportState: request<InCheckout & { readonly file: string }, Pick<Exported, 'files' | 'size'>>({
    doing: ({ file }) => `exporting to ${file}`,
    answer: async ({ checkoutDirectory, file }, { job }) => {
      const { files, size } = await exportState(checkoutDirectory, { parts: [], file }, job);
      return { files, size };
    },
  }),

  /** The file systems that a commit would change, as a comparison takes them; nothing is hashed for it. */
  listChangedFileSystems: request<InCheckout, readonly ChangedFileSystem[]>({
    doing: ({ checkoutDirectory }) => `looking for changed file systems in ${checkoutDirectory}`,
    answer: ({ checkoutDirectory }, { job }) =>
      changedFileSystems(new OpenedCheckout(checkoutDirectory), job),
  }),

  /** A file of the last commit as a text; null where it has none, or none that is a text. */
  readCommittedText: request<InCheckout & { readonly file: string; readonly form: TextForm }, string | null>({
    doing: ({ file }) => `reading ${file} of the last commit`,
    answer: ({ checkoutDirectory, file, form }) =>
      readCommittedText(new OpenedCheckout(checkoutDirectory), file, form),
    isFrequent: true,
  }),

  /** The document that lies there, with its keys sorted as `readCommittedText` does it; null where it is none. */
  readPresentText: request<InCheckout & { readonly file: string }, string | null>({
    doing: ({ file }) => `reading ${file}`,
    answer: ({ checkoutDirectory, file }) => readPresentText(new OpenedCheckout(checkoutDirectory), file),
    isFrequent: true,
  }),
};

function patternOf(file: string): PathPattern {
  return { typed: file, path: file, glob: undefined };
}
