import path from 'node:path';
import { judge, type Judgement } from '../../core/budget/judge';
import type { Rule } from '../../core/budget/rules';
import { readCheckout } from '../../core/checkout/checkout';
import type { SourceKind } from '../../core/checkout/manifests/source-manifest';
import { topFolder } from '../../core/checkout/paths';
import { parseVolumes } from '../../core/checkout/manifests/volumes';
import { signaturesAtStake } from '../../core/checkout/signatures-at-stake';
import { readTextFile } from '../../core/files/text-file';
import type { Job } from '../../core/job';
import { parseJson } from '../../core/json/parse';
import { isJsonObject, type JsonObject } from '../../core/json/value';
import { Problem } from '../../core/problem';
import { addApp } from '../../core/use-cases/add-app';
import { weightsOfBuilds } from '../../core/use-cases/build-weights';
import { compareFormats } from '../../core/use-cases/compare-formats';
import { installApp } from '../../core/use-cases/install-app';
import type { BuildReport } from '../../core/use-cases/report';
import type { MaterialWishes } from '../../core/use-cases/steps/material';
import type { OnAtStake } from '../../core/use-cases/steps/impact';
import {
  planUpdates,
  summarizeUpdates,
  updateAll,
  type UpdateOutcome,
} from '../../core/use-cases/update-all';
import { updateApp, type UpdateKind } from '../../core/use-cases/update-app';
import { noteChange } from '../broken-output';
import { currentFolder } from '../session';
import { type BudgetOptions, endOverBudget, isBudgetAsked, rulesFor, tellJudgement } from '../budget';
import { type BuildOptions, type BuildSession, withBuildSession } from '../build-session';
import { printBuild, printUpdates } from './build-result';
import { printFormats } from './formats-result';

export interface UpdateOptions extends BuildOptions, BudgetOptions {
  readonly patch?: true;
  readonly newbase?: true;
  readonly base?: string;
  readonly from?: string;
  readonly source?: string;
  readonly platform?: string;
  readonly dryRun?: true;
  readonly formats?: true;
  readonly type?: SourceKind;
  readonly configJson?: string;
}

/** @param name of the app; all that are made from images without it. */
export async function update(name: string | undefined, options: UpdateOptions): Promise<void> {
  await withBuildSession(options, async (session) => {
    if (name === undefined) return updateEach(session, options);
    const wanted = { app: name, kind: kindOf(options) };
    if (options.formats) {
      const { checkoutDirectory, environment, job, terminal } = session;
      const request = { ...wanted, ...(await wishesOf(options)) };
      printFormats(terminal, await compareFormats(checkoutDirectory, request, environment, job));
      return;
    }
    const rules = await rulesFor(session.checkoutDirectory, options);
    const report = await updateOne(session, wanted, options, warningOf(session.job));
    const judgement = await judgeBuilds(session, [report], rules, options);
    printBuild(session.terminal, report, judgement);
    await tellBuilds(session, [report], judgement, options);
  });
}

/** @returns undefined where there is no rule, and nobody wants a report. */
async function judgeBuilds(
  { checkoutDirectory }: BuildSession,
  reports: readonly BuildReport[],
  rules: readonly Rule[],
  options: BudgetOptions,
): Promise<Judgement | undefined> {
  if (rules.length === 0 && !isBudgetAsked(options)) return undefined;
  const checkout = await readCheckout(checkoutDirectory);
  return judge(rules, weightsOfBuilds(checkout, reports));
}

/** Whether builds keep to the rules. */
async function tellBuilds(
  session: BuildSession,
  reports: readonly BuildReport[],
  judgement: Judgement | undefined,
  options: BudgetOptions,
): Promise<void> {
  if (judgement === undefined) return;
  const previewed = reports.filter(({ outcome }) => outcome === 'previewed');
  const overlays = new Map(
    previewed.flatMap(({ app, built, overlay }) =>
      built.map(({ path: file }) => {
        const owner = topFolder(file);
        return [owner, owner === app ? overlay : undefined] as const;
      }),
    ),
  );
  const { checkoutDirectory } = session;
  await tellJudgement(session, judgement, { checkoutDirectory, overlays }, options);
  endOverBudget(judgement);
}

function kindOf({ patch, newbase, base }: UpdateOptions): UpdateKind {
  if (patch || base !== undefined) return 'patch';
  return newbase ? 'new-base' : 'automatic';
}

async function updateOne(
  { checkoutDirectory, environment, job }: BuildSession,
  { app, kind }: { readonly app: string; readonly kind: UpdateKind },
  options: UpdateOptions,
  onAtStake?: OnAtStake,
): Promise<BuildReport> {
  const request = {
    app,
    kind,
    base: options.base,
    ...(await wishesOf(options)),
    isPreview: options.dryRun ?? false,
    onAtStake,
  };
  return updateApp(checkoutDirectory, request, environment, job);
}

async function wishesOf({
  from,
  source,
  platform,
  type,
  configJson,
}: Pick<UpdateOptions, 'from' | 'source' | 'platform' | 'type' | 'configJson'>): Promise<MaterialWishes> {
  const config = await objectIn(configJson, 'the configuration', '{"Cmd": ["/sbin/init"]}');
  return { reference: from, sources: source, platform, type, config, folder: currentFolder() };
}

async function updateEach(session: BuildSession, options: UpdateOptions): Promise<void> {
  const { checkoutDirectory, job, terminal } = session;
  const rules = await rulesFor(checkoutDirectory, options);
  const { apps } = await readCheckout(checkoutDirectory);
  const { updates } = planUpdates(apps, kindOf(options));
  // Of all at once, while they can still be stopped.
  const files = updates.flatMap(({ app, kind }) =>
    signaturesAtStake(apps, app, { isNewBase: kind === 'new-base' }),
  );
  warningOf(job)([...new Set(files)]);
  const { outcomes, stop } = await updateAll(updates, async (planned, position) => {
    job.signal.throwIfAborted();
    terminal.note(`${options.dryRun ? 'Previewing' : 'Updating'} ${planned.app} (${position})`);
    const report = await updateOne(session, planned, options);
    // Whatever ends the next ones must not say that nothing has happened.
    if (report.outcome === 'installed') noteChange();
    return report;
  });
  printUpdates(terminal, outcomes);
  if (stop !== undefined) throw stop.reason;
  const reports = outcomes.filter((one) => one.outcome !== 'failed');
  const judgement = await judgeBuilds(session, reports, rules, options);
  requireSuccess(outcomes);
  await tellBuilds(session, reports, judgement, options);
}

/** The others are updated; but who asks in a script has to hear of these. */
function requireSuccess(outcomes: readonly UpdateOutcome[]): void {
  const failed = summarizeUpdates(outcomes).failures.map(({ app }) => app);
  if (failed.length === 0) return;
  throw new Problem({
    doing: 'updating all apps',
    found: `${failed.join(', ')} could not be updated`,
    remedy: 'Do what the result says for each, then update again',
  });
}

export interface AddOptions extends BuildOptions {
  readonly from: string;
  readonly base?: string;
  readonly baseGroup?: string;
  readonly source?: string;
  readonly platform?: string;
  readonly group?: string;
  readonly runlevel?: string;
  readonly statusGoal?: string;
  readonly restartPolicy?: string;
  readonly volume: readonly string[];
  readonly arg: Readonly<Record<string, string>>;
  readonly argJson?: string;
  readonly formatOptions?: string;
  readonly type?: SourceKind;
  readonly configJson?: string;
  readonly force?: true;
}

export async function add(app: string, options: AddOptions): Promise<void> {
  await withBuildSession(options, async ({ checkoutDirectory, environment, job, terminal }) => {
    const request = {
      ...(await wishesOf(options)),
      app,
      reference: options.from,
      base: options.base,
      baseGroup: options.baseGroup,
      group: options.group,
      runlevel: options.runlevel,
      statusGoal: options.statusGoal,
      restartPolicy: options.restartPolicy,
      volumes: Object.fromEntries(parseVolumes(options.volume)),
      args: options.arg,
      typedArgs: await objectIn(options.argJson, 'the arguments', '{"PV_LXC_CAP_DROP": ["SYS_ADMIN"]}'),
      formatOptions: options.formatOptions,
      isForced: options.force,
    };
    const report = await addApp(checkoutDirectory, request, environment, job);
    printBuild(terminal, report);
  });
}

/** @throws Problem when the file is no JSON object. */
async function objectIn(
  file: string | undefined,
  what: string,
  example: string,
): Promise<JsonObject | undefined> {
  if (file === undefined) return undefined;
  const [folder, name] = [path.dirname(path.resolve(file)), path.basename(file)];
  const text = await readTextFile(folder, name);
  const doing = `reading ${what} in ${file}`;
  const whatToDo = `Name a file with a JSON object, such as ${example}`;
  if (text === undefined) throw new Problem({ doing, found: 'there is no such file', remedy: whatToDo });
  const document = parseJson(text, file, whatToDo);
  if (isJsonObject(document)) return document;
  throw new Problem({ doing, found: 'it is no JSON object', remedy: whatToDo });
}

export interface InstallOptions extends BuildOptions {
  readonly base?: string;
  readonly source?: string;
  readonly type?: SourceKind;
}

export async function install(app: string, options: InstallOptions): Promise<void> {
  await withBuildSession(options, async ({ checkoutDirectory, environment, job, terminal }) => {
    const { base, source: sources, type } = options;
    const request = { app, base, sources, type, onAtStake: warningOf(job) };
    const report = await installApp(checkoutDirectory, request, environment, job);
    printBuild(terminal, report);
  });
}

/** Says before builds what has to be signed again after them, while they can still be stopped. */
function warningOf(job: Job): OnAtStake {
  return (files) => {
    for (const file of files) job.warn(`${file} signs what this may change, and has to be made again then.`);
  };
}
