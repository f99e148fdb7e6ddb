import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { checkoutFiles } from '../../device-view/checkout-files';
import { Pvx } from '../../device-view/pvx';
import { Random } from '../../device-view/random';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';
import { serve } from '../image/http-server';

const v1 = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'the app\n' }])]);
const v2 = derive(v1, [{ path: 'bin/large', kind: 'file', content: new Random(1).bytes(2 ** 20) }]);

// Windows has no signals: whoever sends one ends the process at once.
const skip = process.platform === 'win32';

describe('a build that is stopped in the middle of a download', { skip }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'interruption-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`by ${signal} leaves the checkout as it was, and can be done again`, async () => {
      const registry = await startRegistry(path.join(folder, `layout-${signal}`));
      try {
        const pvx = new Pvx(path.join(folder, `home-${signal}`));
        const checkout = await mkdtemp(path.join(folder, 'checkout-'));
        await pvx.run(checkout, 'init');
        await pvx.run(checkout, 'app', 'add', 'web', '--from', `${registry.host}/app:v1`);
        const before = await checkoutFiles(checkout);

        const update = ['app', 'update', 'web', '--patch', '--from', `${registry.host}/app:v2`];
        const halted = registry.haltInLargeBlob();
        const child = pvx.start(checkout, ...update);
        const ended = Promise.all([once(child, 'exit'), text(child.stderr)]);
        await halted;
        child.kill(signal);
        assert.deepEqual(await ended, [[130, null], 'Interrupted; the checkout is as it was.\n']);
        assert.deepEqual(await checkoutFiles(checkout), before);

        registry.resume();
        await pvx.run(checkout, ...update);
      } finally {
        await registry.close();
      }
    });
  }
});

interface HaltingRegistry {
  readonly host: string;
  /** From now on large blobs come to a halt half-way; ends when the first one has. */
  haltInLargeBlob(): Promise<void>;
  resume(): void;
  close(): Promise<void>;
}

async function startRegistry(layout: string): Promise<HaltingRegistry> {
  const digests = await writeOciLayout(layout, { v1, v2 });
  const half = 2 ** 19;
  let onHalt: (() => void) | undefined;
  const server = await serve(({ url = '' }, response) => {
    const name = path.basename(url);
    const blob = path.join(layout, 'blobs', ...(digests.get(name) ?? name).split(':'));
    void readFile(blob).then(
      (content) => {
        if (url.includes('/manifests/')) {
          const { mediaType } = JSON.parse(content.toString()) as { mediaType: string };
          response.setHeader('Content-Type', mediaType);
        }
        response.setHeader('Content-Length', content.length);
        if (onHalt === undefined || content.length < half) response.end(content);
        else response.write(content.subarray(0, half), onHalt);
      },
      () => response.writeHead(url === '/v2/' ? 200 : 404).end(),
    );
  });
  return {
    host: server.host,
    haltInLargeBlob: () => new Promise((resolve) => (onHalt = resolve)),
    resume: () => (onHalt = undefined),
    close: () => server.close(),
  };
}
