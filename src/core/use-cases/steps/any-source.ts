import path from 'node:path';
import { pathExists } from '../../files/file-problem';
import type { Job } from '../../job';
import { parseFragments, wholeState } from '../../revision/fragments';
import { isAddress, openSource, type RevisionSource } from '../../revision/source';
import type { NamedRemote, Remotes } from '../../remote/remotes';
import type { Remote } from '../../remote/remote';
import { Problem } from '../../problem';
import { stateAt } from './remote-state';

/** A source of a state, and, where it is a device, which one and which revision. */
export interface AnySource {
  readonly source: RevisionSource;
  readonly from: { readonly remote: Remote; readonly revision: string } | undefined;
}

/**
 * Opens what is named: a path where something lies, else a device. A local path never becomes an address.
 *
 * @param folder that paths start from.
 * @param remotes undefined: only what lies on this machine is meant.
 * @throws Problem when there is nothing of this name.
 */
export async function openAnySource(
  reference: string,
  folder: string,
  remotes: Remotes | undefined,
  job: Job,
): Promise<AnySource> {
  const local = async () => ({ source: await openSource(reference, folder, job.signal), from: undefined });
  const [place = ''] = reference.split('#', 1);
  for (const name of [reference, place])
    if (name !== '' && (await pathExists(path.resolve(folder, name)))) {
      // What can be talked to is a device.
      if (remotes?.understands(path.resolve(folder, name)) === true) break;
      return local();
    }
  if (remotes?.understands(reference) !== true) return local();
  const { remote, revision: named, parts } = await opened(remotes, reference, place, folder, job);
  const revision = named ?? (await remote.facts(job)).head;
  if (revision === undefined)
    throw new Problem({
      doing: `getting ${remote.name}`,
      found: 'it has no revision: the device has never reported',
      remedy: 'Start the device, and let it reach the hub once',
    });
  const { members, name } = await stateAt(remote, revision, job);
  const source: RevisionSource = {
    name,
    members,
    fragments: parts === undefined ? wholeState : parseFragments(parts),
    bring: (ids, store) => remote.bring(revision, ids, store, job),
  };
  return { source, from: { remote, revision } };
}

/** A bare name can be meant as a path as well as a device: where there is neither, both are told. */
async function opened(
  remotes: Remotes,
  reference: string,
  place: string,
  folder: string,
  job: Job,
): Promise<NamedRemote> {
  try {
    return await remotes.open(reference, job, 'public');
  } catch (problem) {
    if (!(problem instanceof Problem) || isAddress(reference)) throw problem;
    const { found, remedy } = problem;
    throw new Problem({
      doing: `looking for ${place}`,
      found: `nothing of this name lies in ${folder}, and as a device: ${found}`,
      remedy,
      cause: problem,
    });
  }
}

/** As it was typed, as pvr keeps it; but one that starts from another folder than the checkout's own would lead elsewhere the next time. */
export function keptReference(
  { name }: Pick<RevisionSource, 'name'>,
  { reference, folder }: { readonly reference: string; readonly folder: string },
  checkoutDirectory: string,
): string {
  if (folder === checkoutDirectory || path.isAbsolute(name) || isAddress(name)) return reference;
  const place = path.relative(checkoutDirectory, path.resolve(folder, name));
  return `${place.split(path.sep).join('/')}${reference.slice(name.length)}`;
}
