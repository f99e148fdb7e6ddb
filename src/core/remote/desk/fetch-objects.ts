import type { Job } from '../../job';
import { Absence } from '../../net/network-failure';
import { pause } from '../../net/retry';
import type { ObjectStore } from '../../objects/object-store';
import { describeError, Problem } from '../../problem';
import type { PvCtrl } from './pv-ctrl';

const attempts = 3;

/**
 * Has a store hold objects of a device, each checked on its way in: from its disk where that can be read, else from its control socket,
 * which is slow. One whose connection breaks is fetched again.
 *
 * @throws Problem when the device lacks one.
 */
export async function fetchObjects(
  ctrl: PvCtrl,
  ids: ReadonlySet<string>,
  store: ObjectStore,
  job: Job,
): Promise<void> {
  const wanted: string[] = [];
  for (const id of ids) if (!(await store.isWhole(id, job.signal))) wanted.push(id);
  if (wanted.length === 0) return;
  const sizes = await ctrl.objects(job);
  for (const id of wanted) if (!sizes.has(id)) throw gone(ctrl, id);
  const total = wanted.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
  let done = 0;
  job.progress('fetch', 0, total);
  for (const id of wanted)
    await fetchObject(
      {
        ...{ id, device: ctrl.way.name, source: ctrl.way.name },
        open: () => bytesOf(ctrl, id, job),
      },
      store,
      (bytes) => job.progress('fetch', (done += bytes), total),
      job,
    );
}

async function* bytesOf(ctrl: PvCtrl, id: string, job: Job): AsyncGenerator<Buffer> {
  yield* (await ctrl.way.object(id, job)) ?? (await ctrl.object(id, job));
}

/** An object, and where it comes from. */
export interface ObjectAtDevice {
  readonly id: string;
  /** For people. */
  readonly device: string;
  /** Who sends its bytes, for people. */
  readonly source: string;
  /** Begins to read it, each time from its first byte. */
  readonly open: () => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>;
}

/**
 * Has a store take an object, from the start again where its connection breaks.
 *
 * @param onBytes told of its bytes as they come, and takes those back that were for nothing.
 * @throws Problem; the job's reason.
 */
export async function fetchObject(
  { id, device, source, open }: ObjectAtDevice,
  store: ObjectStore,
  onBytes: (bytes: number) => void,
  job: Job,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    let counted = 0;
    try {
      const bytes = await open();
      const counting = async function* (): AsyncGenerator<Buffer> {
        for await (const chunk of bytes) {
          counted += chunk.length;
          onBytes(chunk.length);
          yield chunk;
        }
      };
      await store.receive(id, counting(), { source, signal: job.signal });
      return;
    } catch (error) {
      job.signal.throwIfAborted();
      onBytes(-counted);
      if (attempt === attempts || !isBroken(error)) throw problemOf(error, device, id);
    }
    await pause(1_000, job.signal);
  }
}

/** A connection that broke, which is worth another try; what the disk or the object itself says isn't. */
function isBroken(error: unknown): boolean {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if (one instanceof Absence) return true;
    const code = 'code' in one ? String(one.code) : '';
    if (/^(?:ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE|SILENT|SLOW)$/.test(code)) return true;
  }
  return false;
}

function problemOf(error: unknown, device: string, id: string): Problem {
  if (error instanceof Problem) return error;
  return new Problem({
    doing: `fetching the object ${id} from ${device}`,
    found: `the connection broke (${describeError(error)})`,
    remedy: 'Try again later',
    cause: error,
  });
}

function gone(ctrl: PvCtrl, id: string): Problem {
  return new Problem({
    doing: `fetching the object ${id} from ${ctrl.way.name}`,
    found: 'the device does not have it',
    remedy: 'Take another revision: that one can’t run any more',
  });
}
