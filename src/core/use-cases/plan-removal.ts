import { dependantsOf, pathsOfApps } from '../checkout/app-removal';
import { type Checkout, readOpened } from '../checkout/checkout';
import { allContradictions, filesAt } from '../checkout/checkout-files';
import { OpenedCheckout } from '../checkout/opened-checkout';
import { isAtOrBelow, topFolder } from '../checkout/paths';
import { describeUnsafeStart, newlyUnsafe, startingState } from '../checkout/start-order';
import type { State } from '../checkout/state';
import { thisThread } from '../files/hash-file';
import type { Job } from '../job';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { hashLargeFiles } from './hash-large-files';
import { type Impact, impactOn } from './steps/impact';

export interface RemovalRequest {
  readonly app: string;
  /**
   * What becomes of the apps that extend its base: `refuse` removes nothing if there are any, `remove` removes them, too,
   * `keep` leaves them without a base, until there is another app of that name.
   */
  readonly dependants: 'refuse' | 'remove' | 'keep';
}

/** What a removal takes away. Plain data. All files are paths below the checkout. */
export interface RemovalPlan extends Pick<Impact, 'restart' | 'staleSignatures'> {
  /** The app itself, then those that go with it. */
  readonly apps: readonly string[];
  /** Apps that stay, and lose their base. */
  readonly orphans: readonly string[];
  /** Files and folders. */
  readonly paths: readonly string[];
  readonly losses: RemovalLosses;
  /**
   * Clauses about other apps that a device starts too early then, since the group that apps without one are in depends on the
   * others.
   */
  readonly unsafeStarts: readonly string[];
}

/** What no commit can bring back. */
export interface RemovalLosses {
  /** Apps of which nothing was ever committed; their files are not listed once more below, unless they are untracked. */
  readonly uncommittedApps: readonly string[];
  /** Files that are not as they were committed: edited by hand, or a patch or base that was built since. */
  readonly changed: readonly string[];
  /** Files that pvr tracks since the last commit. */
  readonly added: readonly string[];
  readonly untracked: readonly string[];
  /** What can't be read, and so may be any of these. */
  readonly unknown: readonly string[];
}

/**
 * What the removal of an app takes away, before it does. Large files are read, to tell whether they were committed as they
 * are.
 *
 * @throws Problem when there is no such app, or when its dependants stand in the way; the signal's reason.
 */
export function planRemoval(
  checkoutDirectory: string,
  request: RemovalRequest,
  job: Job,
): Promise<RemovalPlan> {
  return planRemovalFrom(new OpenedCheckout(checkoutDirectory), request, job);
}

/** The same for a checkout that is open. */
export async function planRemovalFrom(
  opened: OpenedCheckout,
  { app, dependants: wish }: RemovalRequest,
  job: Job,
): Promise<RemovalPlan> {
  const state = await opened.state();
  const present = await readOpened(opened, job.signal);
  requireApp(present, app);
  const dependants = dependantsOf(present, app);
  if (dependants.length > 0 && wish === 'refuse') throw hasDependants(app, dependants);
  const apps = wish === 'remove' ? [app, ...dependants] : [app];
  const checkout = await hashLargeFiles(opened, { apps }, thisThread, job);
  const paths = pathsOfApps(checkout, apps);
  const { restart, staleSignatures } = impactOn(checkout, trackedAt(checkout, paths));
  return {
    apps,
    orphans: wish === 'remove' ? [] : dependants,
    paths,
    losses: findLosses(checkout, state, { apps, paths }),
    unsafeStarts: unsafeStartsWithout(checkout, apps),
    restart,
    staleSignatures: staleSignatures.filter((file) => !paths.includes(file)),
  };
}

function unsafeStartsWithout({ apps, groups }: Checkout, removed: readonly string[]): readonly string[] {
  const staying = apps.filter(({ name }) => !removed.includes(name));
  const [before, after] = [startingState(apps, groups), startingState(staying, groups)];
  return newlyUnsafe(before, after).map(describeUnsafeStart);
}

function findLosses(
  checkout: Checkout,
  state: State,
  { apps, paths }: Pick<RemovalPlan, 'apps' | 'paths'>,
): RemovalLosses {
  const committed = new Set([...state.entries.keys()].map(topFolder));
  const uncommittedApps = apps.filter((app) => !committed.has(app));
  const changed: string[] = [];
  const added: string[] = [];
  const untracked: string[] = [];
  const unknown = unseenAt(checkout, paths);
  for (const { path: file, tracking } of filesAt(checkout, paths)) {
    switch (tracking) {
      case 'unchanged':
        break;
      case 'changed':
        changed.push(file);
        break;
      case 'added':
        if (!uncommittedApps.includes(topFolder(file))) added.push(file);
        break;
      case 'untracked':
        untracked.push(file);
        break;
      case 'not-compared':
        unknown.push(file);
        break;
    }
  }
  return { uncommittedApps, changed, added, untracked, unknown: [...new Set(unknown)].sort() };
}

/** What lies there and could not be looked at: a folder that may not be entered, a link that leads nowhere. */
function unseenAt(checkout: Checkout, paths: readonly string[]): string[] {
  const seen = new Set(filesAt(checkout, paths).map(({ path: file }) => file));
  return allContradictions(checkout).flatMap((one) => {
    if (one.kind !== 'unreadable' || seen.has(one.file)) return [];
    return paths.some((path) => isAtOrBelow(one.file, path)) ? [one.file] : [];
  });
}

function trackedAt(checkout: Checkout, paths: readonly string[]): readonly string[] {
  return filesAt(checkout, paths).flatMap(({ path: file, tracking }) =>
    tracking === 'untracked' ? [] : [file],
  );
}

function requireApp({ apps }: Checkout, name: string): void {
  if (apps.some((one) => one.name === name)) return;
  throw new Problem({
    doing: `removing ${name}`,
    found: 'there is no such app',
    remedy: remedy`Check the name against ${way.listApps()}`,
  });
}

function hasDependants(app: string, dependants: readonly string[]): Problem {
  const [names, extend, them] = [
    dependants.join(', '),
    dependants.length === 1 ? 'extends' : 'extend',
    dependants.length === 1 ? 'it' : 'them',
  ];
  return new Problem({
    doing: `removing ${app}`,
    found: `${names} ${extend} its base, and cannot run without it`,
    remedy: remedy`Use ${way.withDependants()} to remove ${them}, too, or ${way.force()} to keep ${them} without a base`,
  });
}
