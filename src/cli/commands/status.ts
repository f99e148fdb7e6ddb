import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { isObjectId } from '../../core/checkout/state';
import { formatSize } from '../../core/presentation/size';
import { inTerminalWords } from '../../core/remedy';
import { changesIn, readWorkingRevision, type WorkingFile } from '../../core/revision/working-revision';
import { counted } from '../counted';
import { shownFile, withRevisionSession } from '../revision-session';
import type { CommonOptions } from '../session';
import { formatTable } from '../table';

export interface StatusOptions extends CommonOptions {
  readonly short?: true;
}

/** Tells which files aren't as they were committed. */
export async function status({ short, ...options }: StatusOptions): Promise<void> {
  await withRevisionSession(options, async ({ checkoutDirectory, hasher, job, terminal }) => {
    const revision = await readWorkingRevision(new OpenedCheckout(checkoutDirectory), hasher, job);
    const files = changesIn(revision);
    const document = { spec: revision.spec, files: files.map(readable) };
    if (short) terminal.lines(files.map(shortLine), document);
    else terminal.result(describe(files), document);
  });
}

/** As pvr has them, but for what can't be committed, where pvr ends. */
export const letters = {
  added: 'A',
  removed: 'D',
  changed: 'C',
  untracked: '?',
  broken: '!',
  unchanged: ' ',
} as const;

function shortLine({ path: file, standing }: WorkingFile): string {
  return `${letters[standing]} ${shownFile(file)}`;
}

function describe(files: readonly WorkingFile[]): string {
  if (files.length === 0) return 'Nothing has changed since the last commit.';
  const rows = files.map((file) => {
    const size = 'size' in file && file.size !== undefined ? formatSize(file.size) : '';
    return [shortLine(file), file.standing === 'broken' ? file.problem.found : size];
  });
  const count = (standing: WorkingFile['standing']) =>
    files.filter((file) => file.standing === standing).length;
  const [untracked, broken] = [count('untracked'), count('broken')];
  const committed = files.length - untracked - broken;
  return [
    formatTable(rows),
    ...(committed > 0 ? [`A commit takes in ${counted(committed, 'change')}: pvx commit -m MESSAGE`] : []),
    ...(untracked > 0
      ? [
          `${counted(untracked, 'file')} ${untracked === 1 ? 'is' : 'are'} not tracked: add what belongs to the device with pvx add`,
        ]
      : []),
    ...(broken > 0
      ? [
          `Nothing can be committed before ${counted(broken, 'file')} marked with ! ${broken === 1 ? 'is' : 'are'} mended`,
        ]
      : []),
  ].join('\n');
}

function readable(file: WorkingFile): object {
  const { path, standing } = file;
  const letter = letters[standing];
  if (file.standing === 'broken') {
    const { found, remedy } = file.problem;
    return { path, standing, letter, found, remedy: inTerminalWords(remedy) };
  }
  const sha256 = 'value' in file && isObjectId(file.value) ? { sha256: file.value } : {};
  return { path, standing, letter, ...('size' in file && { size: file.size }), ...sha256 };
}
