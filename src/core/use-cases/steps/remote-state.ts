import { sha256Of } from '../../bytes/sha256';
import type { Job } from '../../job';
import type { JsonObject } from '../../json/value';
import { Problem } from '../../problem';
import type { Remote, Revision } from '../../remote/remote';
import { parseMembers } from '../../revision/archive';

/** The state of a device's revision. */
export interface RemoteState {
  readonly revision: Revision;
  /** As it came: what the sha256 of the revision is of. */
  readonly text: string;
  readonly members: JsonObject;
  /** For people: `revision 3 of alice/kitchen`. */
  readonly name: string;
}

/** @throws Problem when there is no such revision, or what came isn't what the remote says that it has. */
export async function stateAt(remote: Remote, name: string, job: Job): Promise<RemoteState> {
  const shown = revisionName(remote, name);
  const revision = await remote.revision(name, job);
  const text = await remote.state(name, job);
  const actual = sha256Of(text);
  if (revision.stateSha !== '' && revision.stateSha !== actual)
    throw new Problem({
      doing: `getting ${shown}`,
      found: `its state has the sha256 ${actual}, and it should be ${revision.stateSha}`,
      remedy: 'Try again: it was cut or changed on its way',
    });
  return { revision, text, members: parseMembers(text, shown), name: shown };
}

/** What a revision holds, to be compared with. @throws Problem when there is no such revision. */
export async function membersAt(remote: Remote, name: string, job: Job): Promise<JsonObject> {
  return parseMembers(await remote.state(name, job), revisionName(remote, name));
}

/** The newest revision with a state; undefined: there is none. */
export async function revisionOfState(remote: Remote, text: string, job: Job): Promise<string | undefined> {
  const sha = sha256Of(text);
  return (await remote.revisions(job)).findLast(({ stateSha }) => stateSha === sha)?.name;
}

export function revisionName(remote: Remote, name: string): string {
  return `revision ${name} of ${remote.name}`;
}
