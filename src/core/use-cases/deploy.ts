import { randomUUID } from 'node:crypto';
import { copyFile, link, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { asOnlyWriter } from '../checkout/change/change-checkout';
import { replacedStatePath } from '../checkout/change/target-path';
import { initCheckout } from '../checkout/init';
import { OpenedCheckout } from '../checkout/opened-checkout';
import { parseState, specKey, stateFile } from '../checkout/state';
import { fileProblem, pathExists } from '../files/file-problem';
import type { FileHasher } from '../files/hash-file';
import { makeFolder } from '../files/make-folder';
import type { Job } from '../job';
import { isJsonObject, type JsonValue } from '../json/value';
import { shortList } from '../presentation/short-list';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { openSource } from '../revision/source';
import { changesIn, readWorkingRevision, type WorkingFile } from '../revision/working-revision';
import { restore } from './restore';
import { takeState } from './take-state';

export interface DeployRequest {
  /** What comes, one over the other: paths with parts behind a `#`. At least one. */
  readonly references: readonly string[];
  /** Absolute path that they start from. */
  readonly folder: string;
  /** Nothing stays of what is deployed there; else of the parts that come. */
  readonly isWhole: boolean;
  /** Files may go that were edited there, or that nobody has deployed. */
  readonly isForced: boolean;
  /** Absolute path, for a folder that is made a checkout. */
  readonly objectsDirectory: string;
}

export interface Deployed {
  /** Files that are written, by path. */
  readonly files: readonly string[];
  /** Those that went. */
  readonly removed: readonly string[];
  /** What a bootloader finds in `.pv`, and the file of the bsp that each is a further name of. */
  readonly boot: Readonly<Record<string, string>>;
}

/**
 * Makes a folder what a device has on its disk, as `pvr deploy` does (cmddeploy.go): its files are further names of objects where the
 * file system has those, nothing else lies there, and `.pv` holds what a bootloader needs. All objects are found whole before a file is
 * written, and files that are in the way stop it.
 *
 * @param target absolute path; made where it is missing.
 * @throws Problem; what was deployed before is whole then, or will be when it is done again. The signal's reason.
 */
export async function deploy(
  target: string,
  { references, folder, isWhole, isForced, objectsDirectory }: DeployRequest,
  hasher: FileHasher,
  job: Job,
): Promise<Deployed> {
  if (!(await pathExists(path.join(target, stateFile)))) {
    const spec = await specOf(references, folder, job);
    await initCheckout(target, { objectsDirectory, spec });
  }
  const foreign = await foreignFiles(target, hasher, job);
  if (foreign.length > 0 && !isForced) throw inTheWay(target, foreign);
  for (const [index, reference] of references.entries()) {
    const how = isWhole && index === 0 ? 'all' : 'parts';
    await takeState(target, { reference, folder, how }, undefined, job);
  }
  const request = { patterns: [], isForced, form: 'canonical', way: 'link' } as const;
  const { files } = await restore(target, request, hasher, job);
  const removed = await untrackedFiles(target, hasher, job);
  await asOnlyWriter(target, 'removing what is not deployed any more', job, async (change) => {
    for (const file of removed) await change.remove(file);
    await change.transaction.commit(job.signal);
  });
  const { entries } = await new OpenedCheckout(target).state();
  return { files, removed, boot: await linkBootFiles(target, entries.get('bsp/run.json')) };
}

/** Of the first that has one: pvr writes an empty one where parts are named, which no device takes. */
async function specOf(references: readonly string[], folder: string, job: Job): Promise<string | undefined> {
  for (const reference of references) {
    const spec = (await openSource(reference, folder, job.signal)).members.get(specKey);
    if (typeof spec === 'string' && spec !== '') return spec;
  }
  return undefined;
}

/** What lies there that isn't as it was deployed. */
async function foreignFiles(target: string, hasher: FileHasher, job: Job): Promise<readonly string[]> {
  const checkout = new OpenedCheckout(target);
  const changes = changesIn(await readWorkingRevision(checkout, hasher, job));
  const replaced = await checkout.text(replacedStatePath);
  // The last time ended in the middle; what is edited is told when the files are restored.
  const before = replaced === undefined ? undefined : parseState(replaced).entries;
  const isForeign = ({ path: file, standing }: WorkingFile) =>
    standing === 'untracked' ? before?.has(file) !== true : standing !== 'removed' && before === undefined;
  return changes.filter(isForeign).map(({ path: file }) => file);
}

async function untrackedFiles(target: string, hasher: FileHasher, job: Job): Promise<readonly string[]> {
  const revision = await readWorkingRevision(new OpenedCheckout(target), hasher, job);
  return changesIn(revision)
    .filter(({ standing }) => standing === 'untracked')
    .map(({ path: file }) => file);
}

/** The names that bootloaders know, in `.pv`. */
const bootNames = {
  fit: 'pantavisor.fit',
  kernel: 'pv-kernel.img',
  initrd: 'pv-initrd.img',
  fdt: 'pv-fdt.dtb',
};

/** @param run the bsp's run.json. */
async function linkBootFiles(target: string, run: JsonValue | undefined): Promise<Deployed['boot']> {
  if (!isJsonObject(run)) return {};
  const named = (key: string) => {
    const value = run.get(key);
    return typeof value === 'string' && value !== '' ? `bsp/${value}` : undefined;
  };
  const fit = named('fit');
  const wanted: Readonly<Record<string, string | undefined>> =
    fit === undefined
      ? {
          [bootNames.kernel]: named('kernel') ?? 'bsp/kernel.img',
          // Pantavisor itself, whatever else run.json names (pvr libpvr/repolib.go, DeployPvLinks).
          [bootNames.initrd]: 'bsp/pantavisor',
          [bootNames.fdt]: named('fdt'),
        }
      : { [bootNames.fit]: fit };
  const { entries } = await new OpenedCheckout(target).state();
  const made: Record<string, string> = {};
  for (const name of Object.values(bootNames)) {
    const place = path.join(target, '.pv', name);
    const file = wanted[name];
    if (file === undefined) await rm(place, { force: true });
    else if (entries.has(file)) {
      await linkInto(path.join(target, file), place);
      made[name] = file;
    } else throw lacksBootFile(file);
  }
  return made;
}

/** The new name takes the place of the old one, which is never missing. */
async function linkInto(file: string, place: string): Promise<void> {
  const draft = `${place}.${randomUUID()}`;
  try {
    await makeFolder(path.dirname(place));
    await link(file, draft).catch(() => copyFile(file, draft));
    await rename(draft, place);
    // Of two names of one file, rename leaves both.
    await rm(draft, { force: true });
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw fileProblem(`linking ${place}`, place, error);
  }
}

function lacksBootFile(file: string): Problem {
  return new Problem({
    doing: 'linking what the bootloader needs',
    found: `bsp/run.json names ${file}, which the state doesn't have`,
    remedy: 'Deploy a state with a whole bsp',
  });
}

function inTheWay(target: string, files: readonly string[]): Problem {
  return new Problem({
    doing: `deploying to ${target}`,
    found: `nobody has deployed ${shortList(files, 5)} as it is, and nothing else may lie there`,
    remedy: remedy`Move what you need away, or let it go with ${way.force()}`,
  });
}
