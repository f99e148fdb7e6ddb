import type { Job } from '../../core/job';
import type { JsonObject } from '../../core/json/value';
import { Problem } from '../../core/problem';
import { PantahubRemote } from '../../core/remote/pantahub/pantahub-remote';
import type { Remote } from '../../core/remote/remote';

/** What some kinds of remotes can do, and others can't. */

export type ContainerAction = 'start' | 'stop' | 'restart';

export interface ContainerFacts {
  readonly name: string;
  readonly group: string;
  /** As the device has it: `STARTED`. */
  readonly status: string;
  /** What it must reach. */
  readonly goal: string;
  /** `system`: it can't be started or stopped alone. */
  readonly restartPolicy: 'system' | 'container';
}

interface Containers {
  list(job: Job): Promise<readonly ContainerFacts[]>;
  act(name: string, action: ContainerAction, job: Job): Promise<void>;
}

/** Undefined: what runs can't be told from here. */
export function containersOf(remote: Remote & { readonly containers?: Containers | undefined }) {
  return remote.containers;
}

/** @throws Problem where that can't be set from here. */
export function setUserMeta(
  remote: Remote,
  changes: ReadonlyMap<string, string | undefined>,
  job: Job,
): Promise<JsonObject> {
  if (remote instanceof PantahubRemote) return remote.hub.setUserMeta(remote.device, changes, job);
  throw new Problem({
    doing: `changing what ${remote.name} is told`,
    found: 'that can only be done at the hub',
    remedy: 'Use the device’s place at the hub',
  });
}
