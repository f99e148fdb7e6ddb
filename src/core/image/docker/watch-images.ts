import type { ProcessEnvironment } from '../../net/process-environment';
import { pause } from '../../net/retry';
import { connectToDocker } from './docker-client';

/** The events after which an image's name may stand for something else (docker's Engine API, "Monitor events"). */
const changes = ['build', 'create', 'delete', 'import', 'load', 'pull', 'tag', 'untag'];

/** In milliseconds: how long to wait before docker is looked for again, the first time and at most. */
const pauses = { first: 5_000, longest: 60_000 };

/**
 * Calls `onChange` whenever an image of the local docker comes, goes or is named anew, until the signal is aborted. Where no
 * docker runs, it waits for one; after an outage `onChange` is called once for all that may have been missed.
 */
export async function watchLocalImages(
  environment: ProcessEnvironment,
  onChange: () => void,
  signal: AbortSignal,
  { first, longest } = pauses,
): Promise<void> {
  let wait = first;
  for (let wasThere = false; !signal.aborted;) {
    try {
      const docker = await connectToDocker(environment);
      const filters = { type: ['image'], event: changes };
      const events = await docker.stream(
        { path: '/events', query: { filters }, doing: 'watching docker' },
        signal,
      );
      if (wasThere) onChange();
      wasThere = true;
      wait = first;
      // One piece holds one event or several: what they say does not matter.
      for await (const piece of events) if (piece.length > 0) onChange();
    } catch {
      // Nothing that a person should read: docker may run or not.
    }
    await pause(wait, signal).catch(() => undefined);
    wait = Math.min(wait * 2, longest);
  }
}
