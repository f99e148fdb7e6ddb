import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { checkoutFiles } from '../../device-view/checkout-files';
import { Pvx } from '../../device-view/pvx';
import { Random } from '../../device-view/random';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { crashWhen } from '../crash-when';
import { startRegistry } from './halting-registry';

const v1 = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'the app\n' }])]);
const v2 = derive(v1, [{ path: 'bin/large', kind: 'file', content: new Random(1).bytes(2 ** 20) }]);

const errors = [
  {
    what: 'a defect',
    error: "new TypeError('nothing is not a function')",
    said: /^pvx: unexpected: nothing is not a function\. The checkout is as it was\. Please report this as a defect; PVX_DEBUG=1 shows where it happened\.$/,
  },
  {
    what: 'memory that runs out',
    error: "new RangeError('WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory')",
    said: /^pvx: there is not enough memory, or not enough address space \(WebAssembly\.instantiate.*\)\. The checkout is as it was\. .*ulimit -v.*--workers 1 takes the least\.$/,
  },
];

describe('an error that nobody catches, in the middle of a download', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'crash-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const [at, { what, error, said }] of errors.entries()) {
    it(`${what} is told in words, and leaves the checkout as it was`, async () => {
      const registry = await startRegistry(path.join(folder, `layout-${at}`), { v1, v2 });
      try {
        const home = path.join(folder, `home-${at}`);
        const trigger = path.join(folder, `now-${at}`);
        const pvx = new Pvx(home, { NODE_OPTIONS: await crashWhen(trigger, error, folder), PVX_DEBUG: '' });
        const checkout = await mkdtemp(path.join(folder, 'checkout-'));
        await pvx.run(checkout, 'init');
        await pvx.run(checkout, 'app', 'add', 'web', '--from', `${registry.host}/app:v1`);
        const before = await checkoutFiles(checkout);

        const halted = registry.haltInLargeBlob();
        const child = pvx.start(checkout, 'app', 'update', 'web', '--from', `${registry.host}/app:v2`);
        const ended = Promise.all([once(child, 'exit'), text(child.stderr)]);
        await halted;
        await writeFile(trigger, '');
        const [exit, stderr] = await ended;
        assert.deepEqual(exit, [70, null]);
        assert.match(stderr.trimEnd().split('\n').at(-1) ?? '', said);
        assert.doesNotMatch(stderr, /^ +at /m);
        assert.deepEqual(await checkoutFiles(checkout), before);
      } finally {
        await registry.close();
      }
    });
  }
});
