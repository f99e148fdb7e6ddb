import { OverBudget } from '../../core/budget/over-budget';
import { messageFile } from '../../core/checkout/checkout';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { topFolder } from '../../core/checkout/paths';
import { exitCode } from '../../core/exit-codes';
import { formatSize } from '../../core/presentation/size';
import { inTerminalWords } from '../../core/remedy';
import { outcomeOf, type Remote, type Revision } from '../../core/remote/remote';
import { followRevision, lastWords } from '../../core/use-cases/follow-revision';
import { aboutUncommitted, openRemoteOf, post as postCommit, type PostPlan } from '../../core/use-cases/post';
import { postToMany } from '../../core/use-cases/post-to-many';
import type { Job } from '../../core/job';
import {
  type BudgetOptions,
  endOverBudget,
  givenRules,
  isBudgetAsked,
  rulesFor,
  tellJudgement,
} from '../budget';
import { counted } from '../counted';
import { type DeviceSession, meantReference, type SocketOptions, withDevices } from '../device-session';
import { shownFile } from '../revision-session';
import { type CommonOptions, openCheckoutSession } from '../session';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';
import { logLine } from './logs';
import { describeReview, weightsOf } from './post-review';

export interface PostOptions extends CommonOptions, SocketOptions, BudgetOptions {
  readonly message?: string;
  readonly dryRun?: true;
  readonly force?: true;
  /** Commander's `--no-wait`. */
  readonly wait: boolean;
  readonly to?: readonly string[];
  readonly canary?: string;
  readonly parts?: readonly string[];
}

/** Posts the last commit to the device, and follows what it makes of it. */
export async function post(typed: string | undefined, options: PostOptions): Promise<void> {
  await withDevices(options, async (session) => {
    const { remotes, terminal, job } = session;
    const { checkoutDirectory } = await openCheckoutSession(options);
    const { dryRun = false, force = false, message } = options;
    if (options.to !== undefined) {
      await postToAll(session, checkoutDirectory, options.to, options);
      return;
    }
    const reference = meantReference(typed, options);
    const request = {
      ...{ reference, message, isDryRun: dryRun, isForced: force },
      ...{ rules: givenRules(options), isWeighed: isBudgetAsked(options) },
    };
    await rulesFor(checkoutDirectory, options);
    const tellBudget = async ({ budget, uncommitted }: PostPlan) => {
      if (budget === undefined) return;
      // What lies there may be another overlay than the one that was committed.
      const overlays = new Map(uncommitted.map((file) => [topFolder(file), undefined] as const));
      await tellJudgement(session, budget, { checkoutDirectory, overlays }, options);
      if (!force) endOverBudget(budget);
    };
    const known: PostPlan[] = [];
    const { plan, revision, sent } = await postCommit(checkoutDirectory, request, remotes, job, (planned) => {
      known.push(planned);
      if (dryRun) return;
      for (const { weight, found, remedy } of planned.objections)
        if (weight === 'note') terminal.note(`note: ${found}. ${inTerminalWords(remedy)}.`);
    }).catch(async (error: unknown) => {
      if (error instanceof OverBudget) for (const planned of known) await tellBudget(planned);
      throw error;
    });
    if (dryRun) {
      terminal.result(describePlan(plan), { plan });
      await tellBudget(plan);
      return;
    }
    await tellBudget(plan);
    if (revision === undefined) {
      const { name, progress } = plan.head ?? { name: '', progress: { status: '' } };
      terminal.result(`${plan.remote} has this state already: revision ${name} is ${progress.status}.`, {
        plan,
      });
      return;
    }
    const text = `Posted revision ${revision.name} to ${plan.remote} (${revision.stateSha.slice(0, 8)}); ${sent.count === 0 ? 'nothing had to be sent with it' : `sent ${counted(sent.count, 'object')} of ${formatSize(sent.bytes)}`}.`;
    if (!options.wait) {
      terminal.result(text, { plan, revision, sent }, { hasChanged: true });
      return;
    }
    terminal.note(text);
    const { remote } = await openRemoteOf(checkoutDirectory, reference, remotes, job);
    await followToItsEnd(session, remote, revision.name, { plan, sent });
  });
}

/** Onto each device's own newest revision, one first. */
async function postToAll(
  { remotes, terminal, job }: DeviceSession,
  checkoutDirectory: string,
  references: readonly string[],
  { canary, parts, message, dryRun }: PostOptions,
): Promise<void> {
  const text = message ?? (await new OpenedCheckout(checkoutDirectory).text(messageFile)) ?? '';
  const request = { references, canary, parts, message: text, isDryRun: dryRun ?? false };
  const report = await postToMany(checkoutDirectory, request, remotes, job, {
    onChecked: (uncommitted, notes) => {
      for (const { found, remedy } of aboutUncommitted(uncommitted))
        terminal.note(`note: ${found}. ${inTerminalWords(remedy)}.`);
      for (const [remote, ones] of notes)
        for (const { found, remedy } of ones)
          terminal.note(`note: ${remote}: ${found}. ${inTerminalWords(remedy)}.`);
    },
    onChange: (remote, revision) => terminal.note(`${remote}  ${progressLine(revision)}`),
  });
  const rows = report.devices.map(({ remote, running, revision, end }) => [
    remote,
    running ?? '?',
    revision?.name ?? '',
    revision?.progress.status ?? '',
    ends[end],
    shownFile(revision?.progress.message ?? ''),
  ]);
  const table = formatTable([['DEVICE', 'RUNS', 'SENT', 'STATUS', '', ''], ...rows], new Set([1, 2]));
  terminal.result(`${report.parts.map(shownFile).join(', ')}\n${table}`, report, {
    hasChanged: dryRun !== true,
  });
  if (report.devices.some(({ end }) => end === 'failed')) process.exitCode = exitCode.failed;
}

const ends = {
  good: 'runs it',
  there: 'has it already',
  failed: 'failed',
  waiting: 'not begun',
  planned: 'would be sent it',
} as const;

/** Tells what a device makes of a revision; a bad end is a failure. */
export async function followToItsEnd(
  { terminal, job }: DeviceSession,
  remote: Remote,
  name: string,
  document: object = {},
): Promise<void> {
  const revision = await followRevision(
    remote,
    name,
    { onChange: (now) => terminal.note(progressLine(now)) },
    job,
  );
  const words = outcomeOf(revision.progress) === 'bad' ? await tellLogs(terminal, remote, name, job) : [];
  terminal.result(endLine(remote, revision), { ...document, revision, logs: words }, { hasChanged: true });
  if (outcomeOf(revision.progress) === 'bad') process.exitCode = exitCode.failed;
}

async function tellLogs(terminal: Terminal, remote: Remote, name: string, job: Job) {
  const words = await lastWords(remote, name, job);
  for (const entry of words) terminal.note(logLine(entry));
  return words;
}

export function progressLine({ name, progress }: Revision): string {
  const { status, message, percent, download } = progress;
  const bytes =
    download === undefined ? '' : ` ${formatSize(download.done)} of ${formatSize(download.total)}`;
  const said = message === '' ? '' : `: ${shownFile(message)}`;
  return `revision ${name}  ${status}${bytes === '' ? ` ${percent} %` : bytes}${said}`;
}

function endLine(remote: Remote, { name, progress }: Revision): string {
  const why = progress.message === '' ? '' : ` (${shownFile(progress.message)})`;
  switch (progress.status) {
    case 'DONE':
      return `${remote.name} runs revision ${name}, and goes back to it from now on.`;
    case 'UPDATED':
      return `${remote.name} runs revision ${name}; after a power cut it goes back to the last one that was DONE.`;
    case 'ERROR':
      return `Revision ${name} failed on ${remote.name}${why}, which went back to the one before.${remote.place === 'hub' ? ' Go back for good: pvx back REVISION' : ''}`;
    case 'WONTGO':
      return `${remote.name} refused revision ${name}${why}; it never ran.`;
    default:
      return `Revision ${name} of ${remote.name} ended as ${shownFile(progress.status)}${why}.`;
  }
}

function describePlan(plan: PostPlan): string {
  const { head, running, base, missing, stateSize, quota, review, objections } = plan;
  const facts = [
    ['device', plan.remote],
    ['would be revision', plan.revision],
    ['newest there', head === undefined ? 'none' : `${head.name} (${head.progress.status})`],
    ['runs', running ?? 'nobody knows'],
    ['this came from', base ?? 'nobody knows'],
    [
      'to send',
      `${missing.isExact ? '' : 'at most '}${counted(missing.count, 'object')}, ${formatSize(missing.bytes)}`,
    ],
    ...(review === undefined ? [] : weightsOf(review)),
    ['state', formatSize(stateSize)],
    ...(quota === undefined
      ? []
      : [
          [
            quota.of === 'account' ? 'account' : 'its disk',
            `${formatSize(quota.used)} of ${formatSize(quota.max)}`,
          ],
        ]),
  ];
  return [
    formatTable(facts),
    ...(review === undefined ? [] : [describeReview(review)]),
    ...objections
      .filter(({ isBudget }) => isBudget !== true)
      .map(
        ({ weight, found, remedy }) =>
          `${weight === 'note' ? 'note' : 'stops it'}: ${found}. ${inTerminalWords(remedy)}.`,
      ),
    'Nothing was sent.',
  ].join('\n');
}
