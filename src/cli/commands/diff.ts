import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import type { RevisionWeight } from '../../core/checkout/revision-weight';
import { membersOf } from '../../core/checkout/state';
import { stringifyIndented } from '../../core/json/indented';
import { formatSize } from '../../core/presentation/size';
import { asGoPrints, mergePatch } from '../../core/revision/merge-patch';
import { requireMatches, selectPaths } from '../../core/revision/select-paths';
import { nextState, readWorkingRevision } from '../../core/revision/working-revision';
import { weighRevision } from '../../core/use-cases/diff-revision';
import { type RevisionSession, shownFile, withRevisionSession } from '../revision-session';
import type { CommonOptions } from '../session';
import { formatTable } from '../table';
import { describeRestart } from './build-result';
import { counted } from '../counted';

export interface DiffOptions extends CommonOptions {
  readonly stat?: true;
}

/** Prints what the next commit makes of the last one, as a merge patch; or what that means to a device. */
export async function diff(typed: readonly string[], { stat, ...options }: DiffOptions): Promise<void> {
  await withRevisionSession(options, (session) => (stat ? printWeight(session) : printPatch(session, typed)));
}

async function printPatch(
  { checkoutDirectory, hasher, job, terminal, patterns }: RevisionSession,
  typed: readonly string[],
): Promise<void> {
  const chosen = patterns(typed);
  const checkout = new OpenedCheckout(checkoutDirectory);
  const revision = await readWorkingRevision(checkout, hasher, job);
  const state = await checkout.state();
  const next = nextState(revision, state.entries);
  const selection = selectPaths(chosen, [...new Set([...next.keys(), ...state.entries.keys()])]);
  requireMatches(selection, 'that is tracked');
  for (const file of revision.files)
    if (file.standing === 'broken')
      terminal.note(`warning: left out ${shownFile(file.path)}: ${file.problem.found}`);
  const wanted = new Set(selection.files);
  const patch = new Map([...mergePatch(membersOf(state), next)].filter(([file]) => wanted.has(file)));
  terminal.document(stringifyIndented(asGoPrints(patch), { prefix: '', indent: '\t' }));
}

async function printWeight({ checkoutDirectory, hasher, job, terminal }: RevisionSession): Promise<void> {
  const weight = await weighRevision(new OpenedCheckout(checkoutDirectory), hasher, job);
  terminal.result(describeWeight(weight), weight);
}

function describeWeight({ download, restart, parts }: RevisionWeight): string {
  if (parts.length === 0) return 'Nothing has changed since the last commit.';
  const rows = parts.map((part) => [
    part.name,
    counted(part.files.length, 'file'),
    formatSize(part.download),
    effects[part.restart.effect],
  ]);
  const table = formatTable([['PART', 'CHANGED', 'DOWNLOAD', 'A DEVICE'], ...rows], new Set([2]));
  return `${table}\nA device downloads ${formatSize(download)}. ${describeRestart('It', restart)}`;
}

const effects = {
  nothing: 'restarts nothing',
  container: 'restarts the app',
  reboot: 'reboots',
  refused: 'refuses it',
} as const;
