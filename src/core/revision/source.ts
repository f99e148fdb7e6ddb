import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { OpenedCheckout } from '../checkout/opened-checkout';
import { stateFile } from '../checkout/state';
import { fileProblem, ignoreMissing, isMissing, pathExists } from '../files/file-problem';
import { readTextFile } from '../files/text-file';
import type { JsonObject } from '../json/value';
import { ObjectStore } from '../objects/object-store';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { parseMembers, readArchive, takeObjects } from './archive';
import { type Fragments, parseFragments, wholeState } from './fragments';
import { objectStoreOf } from './object-store-of';

/** What an export holds, in a folder. */
export const unpacked = { state: 'json', objects: 'objects' } as const;

/** Where a state comes from: a checkout, its `.pvr`, or an export, packed or not. */
export interface RevisionSource {
  /** For messages. */
  readonly name: string;
  /** With `#spec`; nothing in it names a file outside. */
  readonly members: JsonObject;
  readonly fragments: Fragments;
  /** Has a store hold these objects, each checked. @throws Problem when one is missing or damaged. */
  readonly bring: (ids: ReadonlySet<string>, store: ObjectStore) => Promise<void>;
}

/**
 * Opens what `PATH` or `PATH#PARTS` names. A name with a `#` in it that is there is meant itself.
 *
 * @param folder that paths start from.
 * @throws Problem when nothing is there, or something else.
 */
export async function openSource(
  reference: string,
  folder: string,
  signal: AbortSignal,
): Promise<RevisionSource> {
  const at = reference.indexOf('#');
  const isWhole = at < 0 || (await pathExists(path.resolve(folder, reference)));
  const name = isWhole ? reference : reference.slice(0, at);
  const fragments = isWhole ? wholeState : parseFragments(reference.slice(at + 1));
  const place = path.resolve(folder, name);
  const stats = await stat(place).catch((error: unknown) => {
    if (isMissing(error)) throw nothingThere(name, error);
    throw fileProblem(`reading ${name}`, place, error);
  });
  if (stats.isFile()) {
    const { members } = await readArchive(place, signal);
    const bring = async (ids: ReadonlySet<string>, store: ObjectStore): Promise<void> => {
      await takeObjects(place, ids, store, signal);
      for (const id of ids) await store.requireWhole(id, signal);
    };
    return { name, members, fragments, bring };
  }
  return { name, fragments, ...(await openCheckoutSource(name, place, signal)) };
}

async function openCheckoutSource(
  name: string,
  place: string,
  signal: AbortSignal,
): Promise<Pick<RevisionSource, 'members' | 'bring'>> {
  const isRoot = (await stat(path.join(place, stateFile)).catch(ignoreMissing))?.isFile() === true;
  // pvr's own way to name it.
  const isItsPvr = path.basename(place) === '.pvr';
  const checkout = new OpenedCheckout(isRoot ? place : path.dirname(place));
  const text =
    isRoot || isItsPvr ? await checkout.text(stateFile) : await readTextFile(place, unpacked.state);
  if (text === undefined) throw nothingThere(name);
  const theirs =
    isRoot || isItsPvr ? await objectStoreOf(checkout) : new ObjectStore(path.join(place, unpacked.objects));
  const bring = async (ids: ReadonlySet<string>, store: ObjectStore): Promise<void> => {
    for (const id of ids) {
      if (theirs.directory === store.directory) await store.requireWhole(id, signal);
      else if (!(await store.isWhole(id, signal))) {
        if (!(await theirs.has(id))) await theirs.requireWhole(id, signal);
        await store.receive(id, createReadStream(theirs.pathOf(id)), { source: name, signal });
      }
    }
  };
  return { members: parseMembers(text, name), bring };
}

/** Whether a reference leads into the network. */
export function isAddress(reference: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(reference);
}

function nothingThere(name: string, cause?: unknown): Problem {
  return new Problem({
    doing: `getting ${name}`,
    found: isAddress(name)
      ? 'it is an address in the network, and only paths are understood'
      : 'there is no checkout and no export',
    remedy: remedy`Name the folder of a checkout, or a file that ${way.revision('export')} has made`,
    cause,
  });
}
