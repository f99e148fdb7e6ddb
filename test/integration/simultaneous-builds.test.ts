import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { BackendClient } from '../../src/backend/client';
import { checkoutState } from '../device-view/checkout-files';
import { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';

const noise = (name: string, of: number) =>
  ({ path: name, kind: 'file', content: new Random(of).bytes(100_000) }) as const;
const v1 = makeImage([makeLayer([noise('bin/app', 1)])]);
const v2 = derive(v1, [noise('bin/app', 2)]);
const extension = derive(v1, [noise('opt/more', 3)]);

interface Ended {
  readonly code: number | null;
  readonly errors: string;
}

describe('twenty builds in one checkout that start at the same moment', { timeout: 300_000 }, () => {
  let folder: string;
  let source: string;
  let pvx: Pvx;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'simultaneous-'));
    await writeOciLayout(path.join(folder, 'images'), { v1, v2, extension });
    source = `archive:${path.join(folder, 'images')}`;
    pvx = new Pvx(path.join(folder, 'home'));
  });
  after(() => rm(folder, { recursive: true }));

  const from = (tag: string) => ['--from', `localhost/app:${tag}`, '--source', source];
  const newBase = () => ['app', 'update', 'web', '--newbase', ...from('v2')];
  const addMore = () => ['app', 'add', 'more', '--base', 'web', ...from('extension')];

  async function start(checkout: string, args: readonly string[]): Promise<Ended> {
    const child = pvx.start(checkout, ...args);
    const [[code], errors] = await Promise.all([
      once(child, 'exit') as Promise<[number | null]>,
      text(child.stderr),
    ]);
    return { code, errors };
  }

  it('come one after the other, from terminals and from editors, and say whom they wait for', async () => {
    const checkout = path.join(folder, 'checkout');
    await mkdir(checkout);
    await pvx.run(checkout, 'init');
    await pvx.run(checkout, 'app', 'add', 'web', ...from('v1'));
    const oneByOne = path.join(folder, 'one-by-one');
    await cp(checkout, oneByOne, { recursive: true });
    await pvx.run(oneByOne, ...newBase());
    await pvx.run(oneByOne, ...addMore());

    const warnings: string[] = [];
    const editors = Array.from({ length: 4 }, () => editor());
    const [updates, additions, inEditors] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => start(checkout, newBase()))),
      Promise.all(Array.from({ length: 6 }, () => start(checkout, addMore()))),
      Promise.allSettled(
        editors.map((client) =>
          client.request(
            'updateApp',
            {
              checkoutDirectory: checkout,
              request: { app: 'web', kind: 'new-base', reference: 'localhost/app:v2', sources: source },
            },
            { onWarning: (message) => warnings.push(message) },
          ),
        ),
      ),
    ]);
    await Promise.all(editors.map((client) => client.dispose()));

    assert.deepEqual(
      [...updates.map(({ code, errors }) => [code, errors]), ...inEditors.map(({ status }) => status)].filter(
        (ending) => (Array.isArray(ending) ? ending[0] !== 0 : ending !== 'fulfilled'),
      ),
      [],
    );
    // The first one that comes makes it; the others find it there.
    const refusals = additions.filter(({ code }) => code !== 0);
    assert.equal(refusals.length, additions.length - 1);
    for (const { code, errors } of refusals) {
      assert.equal(code, 1);
      assert.match(errors, /pvx: adding more: there is more already\./);
    }
    const told = [...updates, ...additions].flatMap(({ errors }) => errors.split('\n')).concat(warnings);
    assert.ok(
      told.some((line) =>
        /Waiting for process \d+, which has the checkout for (updating web|adding more)/.test(line),
      ),
    );
    assert.deepEqual(await checkoutState(checkout), await checkoutState(oneByOne));
  });

  function editor(): BackendClient {
    return new BackendClient({
      entry: path.resolve('dist', 'backend.js'),
      settings: { cacheDirectory: pvx.cache },
      credentials: () => Promise.resolve(undefined),
      log: () => undefined,
    });
  }
});
