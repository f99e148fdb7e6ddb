import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileOpened } from '../../../src/core/files/text-file';
import { addApp } from '../../../src/core/use-cases/add-app';
import { installApp } from '../../../src/core/use-cases/install-app';
import { removeApp } from '../../../src/core/use-cases/remove-app';
import { updateApp } from '../../../src/core/use-cases/update-app';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { Workshop } from './workshop';

const v1 = makeImage([makeLayer([{ path: 'app', kind: 'file', content: '1\n' }])]);
const v2 = derive(v1, [{ path: 'app', kind: 'file', content: '2\n' }]);
const shop = derive(v1, [{ path: 'shop', kind: 'file', content: 'shop\n' }]);

describe('one change of a checkout', () => {
  let workshop: Workshop;
  let sources: string;
  before(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, v2, shop });
    await addApp(...request({ app: 'web', reference: 'localhost:1/web:v1', sources }));
    await addApp(...request({ app: 'shop', reference: 'localhost:1/web:shop', base: 'web', sources }));
  });
  after(() => workshop.close());

  function request<const Request>(what: Request) {
    return [workshop.checkout, what, workshop.environment, workshop.job()] as const;
  }

  /** How often `work` opens each of the checkout's small files. */
  async function timesOpened(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
    const times: Record<string, number> = {};
    const count = (file: unknown) => {
      const name = path.relative(workshop.checkout, String(file));
      times[name] = (times[name] ?? 0) + 1;
    };
    subscribe(fileOpened, count);
    try {
      await work();
    } finally {
      unsubscribe(fileOpened, count);
    }
    return times;
  }

  const stateAndManifests = [
    '.pvr/json',
    'shop/run.json',
    'shop/src.json',
    'web/run.json',
    'web/src.json',
  ] as const;

  for (const kind of ['patch', 'new-base'] as const) {
    it(`opens the state and each manifest once when it makes a ${kind}`, async () => {
      const reference = `localhost:1/web:${kind === 'patch' ? 'v2' : 'v1'}`;
      const times = await timesOpened(() => updateApp(...request({ app: 'web', kind, reference, sources })));
      assert.deepEqual(
        stateAndManifests.map((file) => [file, times[file]]),
        stateAndManifests.map((file) => [file, 1]),
      );
    });
  }

  it('opens them no more than once when it finds that there is nothing to do, installs or removes', async () => {
    const [unchanged, installed, removed] = [
      await timesOpened(() =>
        updateApp(...request({ app: 'web', kind: 'automatic', reference: 'localhost:1/web:v1', sources })),
      ),
      await timesOpened(() => installApp(...request({ app: 'shop', sources }))),
      await timesOpened(() =>
        removeApp(workshop.checkout, { app: 'web', dependants: 'remove' }, workshop.job()),
      ),
    ];
    for (const times of [unchanged, installed, removed]) {
      assert.equal(times['.pvr/json'], 1);
      assert.ok(stateAndManifests.every((file) => (times[file] ?? 0) <= 1));
    }
  });
});
