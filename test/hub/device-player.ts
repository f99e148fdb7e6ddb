import { setTimeout as sleep } from 'node:timers/promises';
import type { Hub } from './hub';
import { addLog } from './logs';
import type { Device } from './world';

/** How a revision ends on a device. */
export type Outcome =
  { readonly status: 'DONE' | 'UPDATED' } | { readonly status: 'ERROR' | 'WONTGO'; readonly message: string };

export interface DevicePlayerOptions {
  /** How it ends; DONE where nothing is said. */
  readonly outcomeOf?: (rev: number) => Outcome;
  /** Milliseconds between two looks, and between two reports. */
  readonly pace?: number;
}

/** A device at its hub, which takes what is posted, oldest first, one after the other, with the requests of Pantavisor in their order. */
export interface DevicePlayer extends AsyncDisposable {
  /** Revisions that it has ended with. */
  readonly taken: number[];
}

export function playDevice(hub: Hub, device: Device, options: DevicePlayerOptions = {}): DevicePlayer {
  const { outcomeOf = () => ({ status: 'DONE' }), pace = 5 } = options;
  const stop = new AbortController();
  const taken: number[] = [];
  let running = hub.world.trails
    .get(device.id)
    ?.steps.findLast(({ progress }) => progress.status === 'DONE')?.rev;

  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const token = hub.tokens.forDevice(device, device.prn);
    const request = {
      method,
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'pantavisor' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: stop.signal,
    };
    for (;;) {
      try {
        return await fetch(`${hub.url}${path}`, request);
      } catch {
        // A connection that had been idle was closed at that moment: a device tries on, too.
        await sleep(pace, undefined, { signal: stop.signal });
      }
    }
  }

  async function tell(meta: Record<string, unknown>): Promise<void> {
    await call('PATCH', `/devices/${device.id}/device-meta`, meta);
  }

  async function play(rev: number): Promise<void> {
    const report = async (progress: number, status: string, message: string, downloads?: unknown) => {
      const body = {
        status,
        'status-msg': message,
        progress,
        retries: 0,
        ...(downloads !== undefined && { downloads }),
      };
      await call('PUT', `/trails/${device.id}/steps/${rev}/progress`, body);
      await sleep(pace, undefined, { signal: stop.signal });
    };
    const log = (lvl: string, msg: string, plat = 'pantavisor') =>
      addLog(hub.world, device, { tsec: 1, lvl, src: `/${plat}.log`, plat, rev: String(rev), msg });
    const outcome = outcomeOf(rev);
    await report(5, 'QUEUED', 'Retried 0 of 10');
    if (outcome.status === 'WONTGO') {
      log('ERROR', `revision ${rev}: ${outcome.message}\n`);
      await report(100, 'WONTGO', outcome.message);
      return;
    }
    const answer = await call('GET', `/trails/${device.id}/steps/${rev}/objects`);
    const objects = (await answer.json()) as readonly {
      readonly sizeint: number;
      readonly 'signed-geturl': string;
    }[];
    const total = objects.reduce((sum, { sizeint }) => sum + sizeint, 0);
    const total_size = {
      object_name: 'total',
      object_id: 'none',
      total_size: total,
      start_time: 1,
      current_time: 2,
    };
    const fetching = 'Downloading update artifacts, retry 0 of 10';
    await report(25, 'DOWNLOADING', fetching, {
      total: { ...total_size, total_downloaded: Math.floor(total / 2) },
    });
    for (const object of objects) await (await fetch(object['signed-geturl'])).arrayBuffer();
    log('INFO', `revision ${rev} downloaded\n`);
    await report(50, 'INPROGRESS', 'Update applied');
    await report(75, 'TESTING', 'Awaiting to set rollback point if update is stable');
    if (outcome.status === 'ERROR') {
      log('ERROR', `could not start platform 'web'\n`, 'web');
      await report(100, 'ERROR', outcome.message);
      return;
    }
    running = rev;
    await tell({ 'pantavisor.revision': String(rev) });
    await report(
      100,
      outcome.status,
      outcome.status === 'DONE' ? 'Update finished, revision set as rollback point' : 'Update finished',
    );
  }

  async function run(): Promise<void> {
    await tell({
      'pantavisor.revision': String(running ?? 0),
      'pantahub.online': '1',
      'pantavisor.version': '027',
    });
    for (;;) {
      const answer = await call('GET', `/trails/${device.id}/steps`);
      const [oldest] = (await answer.json()) as readonly { readonly rev: number }[];
      if (oldest !== undefined) {
        await play(oldest.rev);
        taken.push(oldest.rev);
      }
      await sleep(pace, undefined, { signal: stop.signal });
    }
  }

  const playing = run().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    taken,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await playing;
    },
  };
}
