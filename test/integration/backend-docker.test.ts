import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackendClient } from '../../src/backend/client';
import type { BackendSettings } from '../../src/backend/protocol';
import { dockerArchive } from '../image-maker/docker-archive';
import { makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { Workshop } from '../unit/backend/workshop';
import { startDockerDaemon, type DockerDaemon } from './docker-daemon';

/** Names an image anew, again and again, until `client` hears of it. */
async function untilHeard(client: BackendClient, docker: DockerDaemon): Promise<void> {
  const heard = new AbortController();
  const listening = client.subscribe('dockerChanges', {}, () => heard.abort());
  for (let tag = 1; !heard.signal.aborted; tag++) {
    await docker.tag('new:1', 'tagged', String(tag));
    await delay(50);
  }
  listening.dispose();
}

describe('the backend and a real docker', { timeout: 120_000 }, () => {
  let docker: DockerDaemon;
  let workshop: Workshop;
  let settings: BackendSettings;
  let client: BackendClient;

  before(async () => {
    docker = await startDockerDaemon();
    workshop = await Workshop.open();
    settings = { ...workshop.settings, dockerHost: docker.host };
    client = workshop.client({ settings });
    const layers = [makeLayer([{ path: 'app', kind: 'file', content: 'app\n' }])];
    const older = makeImage(layers, { created: '2020-01-01T00:00:00Z' });
    const newer = makeImage(layers, { created: '2025-01-01T00:00:00Z' });
    await docker.load(
      dockerArchive([
        { image: older, names: ['old:1', 'old:2'] },
        { image: newer, names: ['new:1'] },
        { image: makeImage(layers), names: [] },
      ]),
    );
  });
  after(async () => {
    await workshop.close();
    await docker.stop();
  });

  it('lists the names of its images, the newest image first', async () => {
    const images = await client.request('listDockerImages', {});
    assert.deepEqual(
      images.map(({ reference, created }) => [reference, new Date(created * 1000).getUTCFullYear()]),
      [
        ['new:1', 2025],
        ['old:1', 2020],
        ['old:2', 2020],
      ],
    );
    for (const { id, size } of images) {
      assert.match(id, /^sha256:[0-9a-f]{64}$/);
      assert.ok(size >= 4);
    }
  });

  it('tells of changes, and needs its process as long as somebody listens', async () => {
    const restless = workshop.client({ settings, idleTime: 20 });
    const listening = restless.subscribe('dockerChanges', {}, () => undefined);
    await untilHeard(restless, docker);
    const [first] = restless.processIds;
    await untilHeard(restless, docker);
    assert.ok(first !== undefined);
    assert.deepEqual(restless.processIds, [first]);
    listening.dispose();
    while (restless.processIds.length > 0) await delay(10);
  });

  it('goes on telling of changes when its process was killed', async () => {
    const listening = client.subscribe('dockerChanges', {}, () => undefined);
    await untilHeard(client, docker);
    const [first = 0] = client.processIds;
    process.kill(first, 'SIGKILL');
    while (client.processIds.length > 0) await delay(10);
    await client.request('listDockerImages', {});
    await untilHeard(client, docker);
    listening.dispose();
  });
});
