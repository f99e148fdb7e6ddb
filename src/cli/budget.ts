import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { shown } from '../core/bytes/byte-string';
import {
  brokenIn,
  describeVerdict,
  judge,
  type Judgement,
  strangersIn,
  type Verdict,
} from '../core/budget/judge';
import { type Blame, junitReport, markdownReport } from '../core/budget/reports';
import { budgetFile, limitKeys, type Rule, withGiven } from '../core/budget/rules';
import { rulesOf, weightsOf } from '../core/checkout/budget';
import { type Checkout, readOpened } from '../core/checkout/checkout';
import { OpenedCheckout } from '../core/checkout/opened-checkout';
import { exitCode } from '../core/exit-codes';
import { fileProblem } from '../core/files/file-problem';
import type { Job } from '../core/job';
import { formatSize } from '../core/presentation/size';
import { Problem } from '../core/problem';
import type { OverlayChange } from '../core/rootfs/overlay-changes';
import { weightOf } from '../core/rootfs/change-totals';
import { readOverlayChanges } from '../core/use-cases/app-files';
import { hashLargeFiles } from '../core/use-cases/hash-large-files';
import { CodecPool } from '../core/squashfs/codec-pool';
import { codecs } from './codecs-folder';
import { shownFile } from './revision-session';
import { type CheckoutSession, currentFolder, type Session } from './session';

export interface BudgetOptions {
  readonly maxDownload?: readonly Rule[];
  readonly maxOverlay?: readonly Rule[];
  readonly maxShare?: readonly Rule[];
  readonly junit?: string;
  readonly markdown?: string;
}

/** Whether somebody has asked for weights, on the command line. */
export function isBudgetAsked(options: BudgetOptions): boolean {
  return givenRules(options).length > 0 || options.junit !== undefined || options.markdown !== undefined;
}

export function givenRules({
  maxDownload = [],
  maxOverlay = [],
  maxShare = [],
}: BudgetOptions): readonly Rule[] {
  return [...maxDownload, ...maxOverlay, ...maxShare];
}

/**
 * The rules that count: those of the checkout, but for what was given on the command line.
 *
 * @throws Problem; also for a rule of the command line that is about no app, and so would hold nothing.
 */
export async function rulesFor(checkoutDirectory: string, options: BudgetOptions): Promise<readonly Rule[]> {
  const given = givenRules(options);
  const checkout = new OpenedCheckout(checkoutDirectory);
  if (given.some(({ app }) => app !== undefined)) requireApps(given, (await readOpened(checkout)).apps);
  return withGiven(await rulesOf(checkout), given);
}

function requireApps(given: readonly Rule[], apps: readonly { readonly name: string }[]): void {
  const names = apps.map(({ name }) => name);
  const [stranger] = strangersIn(given, names);
  if (stranger === undefined) return;
  throw new Problem({
    doing: `holding ${stranger} to its limits`,
    found: 'there is no such app',
    remedy: `Choose one of ${names.join(', ') || '(there are none yet)'}`,
  });
}

/**
 * Holds what lies in a checkout to its rules; what is large is hashed first where nobody has, or it would be taken for unchanged.
 *
 * @returns undefined where there is no rule, and nobody wants a report.
 */
export async function judgeCheckout(
  { checkoutDirectory, job }: Pick<CheckoutSession, 'checkoutDirectory' | 'job'>,
  options: BudgetOptions,
): Promise<{ readonly checkout: Checkout; readonly judgement: Judgement } | undefined> {
  const rules = await rulesFor(checkoutDirectory, options);
  if (rules.length === 0 && !isBudgetAsked(options)) return undefined;
  const pool = new CodecPool({ directory: codecs });
  try {
    const checkout = await hashLargeFiles(new OpenedCheckout(checkoutDirectory), {}, pool, job);
    return {
      checkout,
      judgement: judge(rules, weightsOf(checkout.apps, checkout.weight)),
    };
  } finally {
    await pool.close();
  }
}

/** Where the files are that were weighed. */
interface Weighed {
  readonly checkoutDirectory: string;
  /** What the overlay of an app would hold, where it isn't what lies there; undefined: that is not known. */
  readonly overlays?: ReadonlyMap<string, readonly OverlayChange[] | undefined>;
}

/**
 * Writes the reports that are wanted, and says on stderr which rules are broken, with what weighs most. The command is to end with
 * {@link endOverBudget}.
 */
export async function tellJudgement(
  { terminal, job }: Session,
  judgement: Judgement,
  weighed: Weighed,
  options: BudgetOptions,
): Promise<void> {
  const broken = brokenIn(judgement);
  const blames = new Map<Verdict, string | undefined>();
  for (const verdict of broken) blames.set(verdict, await heaviestOf(verdict, judgement, weighed, job));
  const blame: Blame = (verdict) => blames.get(verdict);
  if (options.junit !== undefined) await writeReport(options.junit, junitReport(judgement, blame));
  if (options.markdown !== undefined) await writeReport(options.markdown, markdownReport(judgement, blame));
  for (const verdict of broken) {
    const most = blame(verdict);
    terminal.note(
      `over budget: ${describeVerdict(verdict)} (${nameOf(verdict.rule)})${most === undefined ? '' : `; most of it: ${most}`}`,
    );
  }
}

/** Has the command end with 4 where a rule is broken, if nothing else went wrong. */
export function endOverBudget(judgement: Judgement): void {
  if (brokenIn(judgement).length > 0) process.exitCode ??= exitCode.overBudget;
}

const optionNames = { download: '--max-download', overlay: '--max-overlay', share: '--max-share' } as const;

function nameOf({ measure, from, app }: Rule): string {
  if (from === 'given') return optionNames[measure];
  return `${limitKeys[measure]}${app === undefined ? '' : ` of ${app}`} in ${budgetFile}`;
}

/** So many names say where the weight lies. */
const heaviestShown = 3;

async function heaviestOf(
  { rule, app }: Verdict,
  { weights }: Judgement,
  { checkoutDirectory, overlays }: Weighed,
  job: Job,
): Promise<string | undefined> {
  if (app === undefined)
    return heaviest(weights.apps.map(({ name, download = 0 }) => [shownFile(name), download]));
  const { overlay } = weights.apps.find(({ name }) => name === app) ?? {};
  if (rule.measure === 'download' && overlay === undefined) return undefined;
  const changes = overlays?.has(app) ? overlays.get(app) : await changesIn(checkoutDirectory, app, job);
  return changes && heaviest(changes.map((change) => [`/${shown(change.path)}`, inOverlay(change)]));
}

/** What is deleted weighs nothing in an overlay. */
function inOverlay(change: OverlayChange): number {
  return change.change === 'deleted' ? 0 : weightOf(change);
}

function heaviest(named: readonly (readonly [string, number])[]): string | undefined {
  const most = named
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, heaviestShown);
  return most.length === 0
    ? undefined
    : most.map(([name, bytes]) => `${name} (${formatSize(bytes)})`).join(', ');
}

/** A damaged overlay has a weight all the same. */
async function changesIn(
  checkoutDirectory: string,
  app: string,
  job: Job,
): Promise<readonly OverlayChange[] | undefined> {
  try {
    return await readOverlayChanges(checkoutDirectory, app, codecs, job);
  } catch (error) {
    job.signal.throwIfAborted();
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

async function writeReport(file: string, text: string): Promise<void> {
  const target = path.resolve(currentFolder(), file);
  try {
    await writeFile(target, text);
  } catch (error) {
    throw fileProblem('writing the report', target, error);
  }
}
