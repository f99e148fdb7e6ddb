import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
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
import { startRegistry } from './halting-registry';

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
      const registry = await startRegistry(path.join(folder, `layout-${signal}`), { v1, v2 });
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
        const [exit, stderr] = await ended;
        assert.deepEqual(exit, [130, null]);
        assert.match(stderr, /^Downloading .*\nInterrupted; the checkout is as it was\.\n$/m);
        assert.deepEqual(await checkoutFiles(checkout), before);

        registry.resume();
        await pvx.run(checkout, ...update);
      } finally {
        await registry.close();
      }
    });
  }

  it('keeps the apps that were updated before it, where it is one of several, and says so', async () => {
    const small = derive(v1, [{ path: 'bin/app', kind: 'file', content: 'the newer app\n' }]);
    const registry = await startRegistry(path.join(folder, 'layout-newer'), { first: small, second: v2 });
    try {
      const older = path.join(folder, 'layout-older');
      await writeOciLayout(older, { first: v1, second: v1 });
      const pvx = new Pvx(path.join(folder, 'home-several'));
      const checkout = await mkdtemp(path.join(folder, 'checkout-'));
      await pvx.run(checkout, 'init');
      for (const app of ['first', 'second']) {
        const from = ['--from', `${registry.host}/app:${app}`, '--source', `archive:${older}`];
        await pvx.run(checkout, 'app', 'add', app, ...from);
      }
      const halted = registry.haltInLargeBlob();
      const child = pvx.start(checkout, 'app', 'update', '--all', '--patch');
      const ended = Promise.all([once(child, 'exit'), text(child.stderr)]);
      await halted;
      child.kill('SIGINT');
      const [exit, stderr] = await ended;
      assert.deepEqual(exit, [130, null]);
      assert.match(stderr, /^Interrupted; what was changed before stays, and pvx app ls shows it\.\n$/m);
      const { apps } = JSON.parse(await pvx.run(checkout, 'app', 'ls', '--json')) as {
        readonly apps: readonly { readonly name: string; readonly isPatched: boolean }[];
      };
      assert.deepEqual(
        apps.map(({ name, isPatched }) => [name, isPatched]),
        [
          ['first', true],
          ['second', false],
        ],
      );
    } finally {
      await registry.close();
    }
  });
});
