import path from 'node:path';
import { budgetFile, type Rule } from '../budget/rules';
import { concurrently } from '../files/concurrently';
import type { App } from './app';
import { assembleApps } from './assemble-app';
import { interruptedTransactions, setAsideTransactions } from './change/transaction-folders';
import { rulesOf, weightsOf } from './budget';
import { findBudgetContradictions } from './checks/budget';
import { findDeviceContradictions } from './checks/device';
import { findJsonContradictions } from './checks/json';
import {
  findConfigContradictions,
  findGroupFileContradictions,
  findSignatureContradictions,
  findStateContradictions,
} from './checks/whole';
import type { Contradiction } from './contradictions/contradictions';
import { type Device, readDevice } from './manifests/device';
import { type GroupFiles, type Groups, readGroups } from './manifests/groups';
import { platformsFile, readPlatforms } from './manifests/platforms';
import { OpenedCheckout } from './opened-checkout';
import { kindOf, type Part, partOf } from './parts';
import { readApp } from './read-app';
import { type PartRecord, readPart } from './read-part';
import { type RevisionWeight, weigh } from './revision-weight';
import { readSignatures, type SignatureFile } from './signatures';
import { membersOf, type State } from './state';
import { readTopLevel, type TopEntry } from './top-level';
import { readTrackedFiles, type TrackedFiles } from './tracked-files';
import { findUncommitted, type UncommittedFile } from './uncommitted';
import { inOrder, readOr, unreadable, type Unreadable } from './unreadable';
import { type CheckedSignature, standingOf } from './verify-signature';
import { type Waiting, waitingFor, workingStateOf } from './working-state';

/** All that is known about a checkout without reading its file systems. Plain data, as {@link App} is. */
export interface Checkout {
  /** Absolute path. */
  readonly directory: string;
  /** Undefined when `.pvr/json` is missing or broken: a contradiction says why, and no file counts as tracked. */
  readonly state: StateFacts | undefined;
  /** By name. */
  readonly apps: readonly App[];
  /** What else lies at its top, by name. */
  readonly parts: readonly Part[];
  readonly groups: Groups;
  /** That images should be for, the preferred one first: `linux/arm64`. */
  readonly platforms: readonly string[];
  readonly signatures: readonly CheckedSignature[];
  /** What isn't as in the last commit, by path. */
  readonly uncommitted: readonly UncommittedFile[];
  /** What that means to a device; large files that nobody has compared are taken for unchanged. */
  readonly weight: RevisionWeight;
  /** Those of the checkout as a whole; each app has its own. */
  readonly contradictions: readonly Contradiction[];
}

/** What was committed or fetched last. */
export interface StateFacts {
  /** `pantavisor-service-system@1` */
  readonly spec: string | undefined;
  /** How many files it has. */
  readonly files: number;
  /** Of the last commit; undefined when there was none yet. */
  readonly message: string | undefined;
  /** Apps that it has, and whose folders are gone; by name. */
  readonly removedApps: readonly string[];
}

/**
 * What a checkout has that is all of a device. One without these is a part, as an app's own is, and what its apps need may well be there
 * when they come to a device.
 */
const ofDevices: readonly string[] = ['bsp', 'device.json', 'disks.json'];

/** What was said of the last commit. */
export const messageFile = '.pvr/commitmsg';

/** Reads a checkout on its own, as {@link readOpened} does. */
export function readCheckout(directory: string, signal?: AbortSignal): Promise<Checkout> {
  return readOpened(new OpenedCheckout(path.resolve(directory)), signal);
}

/**
 * Reads a checkout. Whatever is wrong in it becomes a contradiction, and hides nothing else. Large files are not read: what is
 * known of them from before counts.
 *
 * @throws Problem when its folder can't be listed; the signal's reason.
 */
export async function readOpened(checkout: OpenedCheckout, signal?: AbortSignal): Promise<Checkout> {
  return (await readWithWaiting(checkout, signal)).checkout;
}

/** The same with what waits for the next commit. */
export async function readWithWaiting(
  checkout: OpenedCheckout,
  signal?: AbortSignal,
): Promise<{ readonly checkout: Checkout; readonly waiting: Waiting }> {
  const tracked = await readTrackedFiles(checkout);
  const {
    entries,
    unseen,
    contradictions: whyUnseen,
  } = await readTopLevel(checkout.directory, tracked, signal);
  const [shared, records, parts] = await Promise.all([
    readShared(checkout, tracked),
    concurrently(
      entries.filter(({ kind }) => kind === 'app'),
      ({ name }) => readApp(checkout, name, tracked),
      signal,
    ),
    concurrently(
      entries.filter(({ kind }) => kind !== 'app'),
      (entry) => readOtherPart(checkout, entry, tracked),
      signal,
    ),
  ]);
  const { groupFiles, signatures } = shared;
  const device = entries.some(({ name }) => ofDevices.includes(name)) ? shared.device : undefined;
  const configFiles = parts.filter(({ name }) => name === '_config').flatMap(pathsIn);
  const apps = assembleApps(records, { groupFiles, device, signatures, configFiles, tracked, unseen });
  const allParts = [...records.map(({ part }) => part), ...parts];
  const allFiles = allParts.flatMap(pathsIn);
  const isAllSeen = unseen.size === 0 && allParts.every((part) => part.unseen.length === 0);
  const working = workingStateOf(allParts, unseen, tracked);
  const checked = checkSignatures(signatures, { spec: tracked.state?.spec, entries: working.entries });
  const contradictions = onePerUnreadableFile([
    ...tracked.contradictions,
    ...whyUnseen,
    ...parts.flatMap((part) => [...part.contradictions, ...findJsonContradictions(part, tracked)]),
    ...shared.contradictions,
    ...findStateContradictions(tracked.state),
    ...findGroupFileContradictions(groupFiles),
    ...findDeviceContradictions(device),
    ...findConfigContradictions(configFiles, new Set([...unseen, ...apps.map(({ name }) => name)])),
    // What can't be looked at may be what they sign.
    ...(isAllSeen ? findSignatureContradictions(checked, allFiles) : []),
  ]);
  const waiting = waitingFor(working, tracked.state);
  const weight = weigh(waiting, apps, tracked.state);
  const overBudget = findBudgetContradictions(shared.rules, weightsOf(apps, weight));
  const whole: Checkout = {
    directory: checkout.directory,
    state: tracked.state && {
      spec: tracked.state.spec,
      files: tracked.state.entries.size,
      message: shared.message,
      removedApps: removedApps(tracked, entries, unseen),
    },
    apps: apps.map((app) => {
      const own = overBudget.get(app.name);
      return own === undefined ? app : { ...app, contradictions: [...app.contradictions, ...own] };
    }),
    parts: parts.map(partOf),
    groups: groupFiles.groups,
    platforms: shared.platforms,
    signatures: checked,
    uncommitted: findUncommitted(allParts, unseen, tracked, [
      ...contradictions,
      ...apps.flatMap((app) => app.contradictions),
    ]),
    weight,
    contradictions: [...contradictions, ...(overBudget.get(undefined) ?? [])],
  };
  return { checkout: whole, waiting };
}

function checkSignatures(signatures: readonly SignatureFile[], state: State): readonly CheckedSignature[] {
  const members = membersOf(state);
  return signatures.map((signature) => {
    const { file, include, exclude } = signature;
    return { file, include, exclude, standing: standingOf(signature, members) };
  });
}

/** What all apps have in common. */
interface Shared {
  readonly groupFiles: GroupFiles;
  /** Undefined where nobody can tell. */
  readonly device: Device | undefined;
  readonly signatures: readonly SignatureFile[];
  readonly platforms: readonly string[];
  readonly message: string | undefined;
  readonly rules: readonly Rule[];
  readonly contradictions: readonly Contradiction[];
}

async function readShared(checkout: OpenedCheckout, { isOpen, state }: TrackedFiles): Promise<Shared> {
  const contradictions: Unreadable[] = [];
  const or = <T>(otherwise: T, file: string, read: () => Promise<T>) =>
    readOr(otherwise, file, contradictions, read);
  const [groupFiles, device, signatureFiles, platforms, message, rules, interrupted, setAside] =
    await Promise.all([
      readGroups(checkout),
      readDevice(checkout),
      or({ signatures: [], problems: [] }, '_sigs', () => readSignatures(checkout)),
      or([], platformsFile, () => readPlatforms(checkout, state)),
      or(undefined, messageFile, async () => (isOpen ? checkout.text(messageFile) : undefined)),
      or([], budgetFile, () => rulesOf(checkout)),
      or([], '.pvr/tmp', async () => (isOpen ? interruptedTransactions(checkout.directory) : [])),
      or([], '.pvr/tmp', async () => (isOpen ? setAsideTransactions(checkout.directory) : [])),
    ]);
  for (const { file, problem } of signatureFiles.problems) contradictions.push(unreadable(file, problem));
  return {
    groupFiles,
    device,
    signatures: signatureFiles.signatures,
    platforms,
    message,
    rules,
    contradictions: [
      ...inOrder(contradictions),
      ...(interrupted.length > 0 ? [{ kind: 'interrupted-change' } as const] : []),
      ...setAside.map((one) => ({ kind: 'set-aside-change', ...one }) as const),
    ],
  };
}

/** Of a folder that pvr knows nothing about, nothing is read. */
async function readOtherPart(
  checkout: OpenedCheckout,
  { name, kind }: TopEntry,
  tracked: TrackedFiles,
): Promise<PartRecord> {
  if (kind !== 'stranger') return readPart(checkout, { name, isFolder: kind === 'folder' }, tracked);
  return {
    name,
    files: [],
    contents: new Map(),
    hashes: new Map(),
    missingFiles: [],
    unseen: [],
    contradictions: [],
  };
}

function removedApps(
  { pathsByPart }: TrackedFiles,
  entries: readonly TopEntry[],
  unseen: ReadonlySet<string>,
): readonly string[] {
  const present = new Set([...unseen, ...entries.map(({ name }) => name)]);
  return [...pathsByPart]
    .filter(([name, paths]) => !present.has(name) && kindOf(name) === 'other' && paths.some(isManifest))
    .map(([name]) => name)
    .sort();
}

function isManifest(file: string): boolean {
  return /^[^/._][^/]*\/(src|run)\.json$/.test(file);
}

function pathsIn({ files }: PartRecord): readonly string[] {
  return files.map(({ path: file }) => file);
}

/** A file that can't be read can be in the way of several readers; the first one's word is enough. */
function onePerUnreadableFile(contradictions: readonly Contradiction[]): readonly Contradiction[] {
  const files = new Set<string>();
  return contradictions.filter((contradiction) => {
    if (contradiction.kind !== 'unreadable' && contradiction.kind !== 'empty-json') return true;
    const isFirst = !files.has(contradiction.file);
    files.add(contradiction.file);
    return isFirst;
  });
}
