import { shown } from '../../core/bytes/byte-string';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import type { Judgement } from '../../core/budget/judge';
import type { RevisionWeight } from '../../core/checkout/revision-weight';
import { membersOf } from '../../core/checkout/state';
import { stringifyIndented } from '../../core/json/indented';
import { Mounts } from '../../core/mount/mounts';
import { formatSize } from '../../core/presentation/size';
import { inTerminalWords } from '../../core/remedy';
import { asGoPrints, mergePatch } from '../../core/revision/merge-patch';
import { requireMatches, selectPaths } from '../../core/revision/select-paths';
import { nextState, readWorkingRevision } from '../../core/revision/working-revision';
import { type ChangeTotals, type Total, weightOf } from '../../core/rootfs/change-totals';
import { diffFileSystems, type FileSystemDiff } from '../../core/use-cases/diff-file-systems';
import { weighRevision } from '../../core/use-cases/diff-revision';
import { type BudgetOptions, endOverBudget, judgeCheckout, tellJudgement } from '../budget';
import { codecs } from '../codecs-folder';
import { counted } from '../counted';
import { readableChange } from '../overlay-table';
import { type RevisionSession, shownFile, withRevisionSession } from '../revision-session';
import { restartWords } from '../restart-words';
import type { CommonOptions } from '../session';
import { formatTable } from '../table';
import { describeRestart } from './build-result';

export interface DiffOptions extends CommonOptions, BudgetOptions {
  readonly stat?: true;
}

/** Prints what the next commit makes of the last one, as a merge patch; or what that means to a device. */
export async function diff(typed: readonly string[], { stat, ...options }: DiffOptions): Promise<void> {
  await withRevisionSession(options, async (session) => {
    const judged = await judgeCheckout(session, options);
    if (stat) await printWeight(session, judged?.judgement);
    else await printPatch(session, typed);
    if (judged === undefined) return;
    await tellJudgement(session, judged.judgement, session, options);
    endOverBudget(judged.judgement);
  });
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

async function printWeight(
  { checkoutDirectory, hasher, job, terminal }: RevisionSession,
  judgement: Judgement | undefined,
): Promise<void> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const weight = await weighRevision(checkout, hasher, job);
  const inside = await diffFileSystems(checkout, { mounts: new Mounts(codecs), pool: hasher }, job);
  const text = [describeWeight(weight), ...inside.map(describeInside)].join('\n');
  terminal.result(text, {
    ...weight,
    fileSystems: inside.map(readableDiff),
    ...(judgement && { budget: judgement }),
  });
}

function describeWeight({ download, restart, parts }: RevisionWeight): string {
  if (parts.length === 0) return 'Nothing has changed since the last commit.';
  const rows = parts.map((part) => [
    part.name,
    counted(part.files.length, 'file'),
    formatSize(part.download),
    restartWords[part.restart.effect],
  ]);
  const table = formatTable([['PART', 'CHANGED', 'DOWNLOAD', 'A DEVICE'], ...rows], new Set([2]));
  return `${table}\nA device downloads ${formatSize(download)}. ${describeRestart('It', restart)}`;
}

/** So many paths say where the weight lies. */
const heaviestShown = 5;

function describeInside(diff: FileSystemDiff): string {
  const title = `In ${shownFile(diff.name)}: `;
  if (diff.outcome === 'unknown')
    return `${title}unknown, since ${diff.problem.found}. ${inTerminalWords(diff.problem.remedy)}.`;
  const heaviest = diff.changes
    .filter((change) => weightOf(change) > 0)
    .sort((a, b) => weightOf(b) - weightOf(a))
    .slice(0, heaviestShown);
  const rows = heaviest.map((change) => [
    `  ${change.change}`,
    formatSize(weightOf(change)),
    `/${shown(change.path)}`,
  ]);
  const table = rows.length === 0 ? [] : [formatTable(rows, new Set([1]))];
  return [`${title}${describeTotals(diff.totals)}`, ...table].join('\n');
}

function describeTotals({ added, changed, attributes, removed }: ChangeTotals): string {
  const clause = (what: string, { paths, bytes }: Total) =>
    paths === 0 ? [] : [`${paths} ${what}${bytes > 0 ? ` (${formatSize(bytes)})` : ''}`];
  const clauses = [
    ...clause('added', added),
    ...clause('changed', changed),
    ...clause('with other attributes', attributes),
    ...clause('removed', removed),
  ];
  return clauses.length === 0 ? 'the same files, packed otherwise.' : `${clauses.join(', ')}.`;
}

function readableDiff(diff: FileSystemDiff): object {
  return diff.outcome === 'compared' ? { ...diff, changes: diff.changes.map(readableChange) } : diff;
}
