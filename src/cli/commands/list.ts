import type { Judgement } from '../../core/budget/judge';
import type { App, Tracking } from '../../core/checkout/app';
import { type Checkout, readCheckout } from '../../core/checkout/checkout';
import {
  type Contradiction,
  describeContradiction,
  severityOf,
} from '../../core/checkout/contradictions/contradictions';
import type { Severity } from '../../core/checkout/contradictions/declaration';
import { allContradictions } from '../../core/checkout/checkout-files';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { formatAppSize, formatSize } from '../../core/presentation/size';
import { Problem } from '../../core/problem';
import { inTerminalWords } from '../../core/remedy';
import { hashLargeFiles } from '../../core/use-cases/hash-large-files';
import { type BudgetOptions, endOverBudget, isBudgetAsked, judgeCheckout, tellJudgement } from '../budget';
import { withRevisionSession } from '../revision-session';
import { type CommonOptions, openCheckoutSession } from '../session';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';

export interface ListOptions extends CommonOptions, BudgetOptions {
  readonly quiet?: true;
}

export async function list({ quiet, ...options }: ListOptions): Promise<void> {
  const session = await openCheckoutSession(options);
  const { checkoutDirectory, terminal } = session;
  const judged = quiet && !isBudgetAsked(options) ? undefined : await judgeCheckout(session, options);
  if (judged === undefined) {
    printList(terminal, await readCheckout(checkoutDirectory), { quiet });
    return;
  }
  const { checkout, judgement } = judged;
  printList(terminal, checkout, { quiet, judgement });
  await tellJudgement(session, judgement, { checkoutDirectory }, options);
  endOverBudget(judgement);
}

function namesOf({ apps }: Checkout): readonly string[] {
  return apps.map(({ name }) => name);
}

/** @param judgement what is said elsewhere of limits that are broken. */
function printList(
  terminal: Terminal,
  checkout: Checkout,
  { quiet, judgement }: { readonly quiet?: true | undefined; readonly judgement?: Judgement },
): void {
  const { apps } = checkout;
  if (quiet) {
    terminal.lines(namesOf(checkout), namesOf(checkout));
    return;
  }
  const rows = apps.map((app) => [app.name, appSize(app), describeKind(app), imageOf(app)]);
  const table =
    apps.length === 0
      ? 'No apps yet. Add one: pvx app add NAME --from IMAGE'
      : formatTable([['APP', 'BASE + OVERLAY', 'KIND', 'MADE FROM'], ...rows]);
  const contradictions = allContradictions(checkout).filter(
    ({ kind }) => judgement === undefined || !kind.endsWith('-over-budget'),
  );
  const lines = [table, ...contradictionLines(contradictions), ...notCompared(checkout)];
  terminal.result(lines.join('\n'), {
    ...withSeverities(checkout),
    apps: apps.map(withSeverities),
    ...(judgement && { budget: judgement }),
  });
}

/** That nothing is said of a large file's content means that it is right only once somebody has read it. */
function notCompared({ apps }: Checkout): readonly string[] {
  const names = apps
    .filter(({ files }) => files.some(({ tracking }) => tracking === 'not-compared'))
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `Large files of ${names.join(', ')} have not been compared with the last commit yet; pvx app info --table does that.`,
  ];
}

export function appSize({ base, overlay }: App): string {
  return formatAppSize(base?.size, overlay?.size);
}

/** `patched`, `extends base`, `base of hello`, or nothing where there is nothing to say. */
export function describeKind({ isPatched, baseApp, dependants, source }: App): string {
  const parts = [
    ...(baseApp === undefined ? [] : [`extends ${baseApp}`]),
    ...(isPatched ? ['patched'] : []),
    ...(dependants.length === 0 ? [] : [`base of ${dependants.join(', ')}`]),
    ...(source.kind === 'docker' ? [] : [sourceNames[source.kind]]),
  ];
  return parts.join(', ');
}

const sourceNames = {
  rootfs: 'from a rootfs',
  pvr: 'from another checkout',
  none: 'made elsewhere',
  unreadable: 'unreadable src.json',
} as const;

/** What it is made from: an image by its name, all else by where it lies. */
export function imageOf({ source }: App): string {
  if (source.kind === 'rootfs' || source.kind === 'pvr') return source.url;
  if (source.kind !== 'docker') return '';
  const { name, tag } = source.image;
  if (name === undefined) return '';
  return tag === undefined ? name : `${name}:${tag}`;
}

export interface InfoOptions extends CommonOptions {
  readonly table?: true;
}

/** As pvr does, the app's src.json as it lies there; all that is known when somebody asks for that. */
export async function info(name: string, options: InfoOptions): Promise<void> {
  if (!options.table && !options.json) return printSource(name, options);
  await withRevisionSession(options, async ({ checkoutDirectory, hasher, job, terminal }) => {
    const opened = new OpenedCheckout(checkoutDirectory);
    const { apps } = await hashLargeFiles(opened, { apps: [name] }, hasher, job);
    const app = requireApp(apps, name);
    terminal.result(describeApp(app), withSeverities(app));
  });
}

async function printSource(name: string, options: CommonOptions): Promise<void> {
  const { checkoutDirectory, terminal } = await openCheckoutSession(options);
  const checkout = new OpenedCheckout(checkoutDirectory);
  const { apps } = await readCheckout(checkoutDirectory);
  const file = `${requireApp(apps, name).name}/src.json`;
  const text = await checkout.text(file);
  if (text === undefined)
    throw new Problem({
      doing: `reading ${file}`,
      found: 'there is none, so nothing says what it was made from',
      remedy: 'Ask for what is known of it with --table',
    });
  terminal.document(text.replace(/\n$/, ''));
}

function describeApp(app: App): string {
  const { container, source } = app;
  const image = source.kind === 'docker' ? source.image : undefined;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['app', app.name],
    ['kind', describeKind(app)],
    [source.kind === 'docker' ? 'image' : 'made from', imageOf(app)],
    ['platform', image?.platform],
    ['base image', image?.digest],
    ['base', source.kind === 'rootfs' ? source.digest : undefined],
    ['overlay image', image?.overlayDigest],
    ['looked for in', image?.sources.join(', ')],
    ['size', appSize(app)],
    ['group', container && `${container.group.name} (${container.group.from})`],
    ['status goal', describeSetting(container?.statusGoal)],
    ['restart policy', describeSetting(container?.restartPolicy)],
    ['signed by', app.signedBy.join(', ')],
  ];
  const known = facts.flatMap(([name, value]) => (value ? [[`${name}:`, value]] : []));
  const files = app.files.map(({ path, size, tracking }) => [
    `  ${path}`,
    formatSize(size),
    trackingWords[tracking],
  ]);
  const notes = contradictionLines(app.contradictions);
  return [formatTable(known), 'files:', formatTable(files, new Set([1])), ...notes].join('\n');
}

const trackingWords: Record<Tracking, string> = {
  unchanged: 'unchanged',
  changed: 'changed',
  'not-compared': 'not compared yet',
  added: 'added',
  untracked: 'untracked',
};

function describeSetting(
  setting: { readonly value: string; readonly from: string } | undefined,
): string | undefined {
  return setting && `${setting.value} (${setting.from})`;
}

const words: Record<Severity, string> = { error: 'error', warning: 'warning', information: 'note' };

/** A line for each: how bad it is, what was found, and what to do about it. */
function contradictionLines(contradictions: readonly Contradiction[]): readonly string[] {
  return contradictions.map((contradiction) => {
    const { found, remedy } = describeContradiction(contradiction);
    return `${words[severityOf(contradiction)]}: ${found}. ${inTerminalWords(remedy)}.`;
  });
}

interface WithContradictions {
  readonly contradictions: readonly Contradiction[];
}

/** The same for programs: next to its facts, what each one comes to. */
function withSeverities<Owner extends WithContradictions>(owner: Owner) {
  return {
    ...owner,
    contradictions: owner.contradictions.map((contradiction) => ({
      ...contradiction,
      severity: severityOf(contradiction),
    })),
  };
}

/** @throws Problem when there is no app of this name. */
export function requireApp(apps: readonly App[], name: string): App {
  const app = apps.find((one) => one.name === name);
  if (app !== undefined) return app;
  throw new Problem({
    doing: `looking for ${name || '""'}`,
    found: 'there is no such app',
    remedy: `Choose one of ${apps.map((one) => one.name).join(', ') || '(there are none yet)'}`,
  });
}
