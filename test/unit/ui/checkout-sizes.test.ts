import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { App } from '../../../src/core/checkout/app';
import type { Part } from '../../../src/core/checkout/parts';
import type { SameFiles } from '../../../src/core/checkout/same-files';
import { checkoutSizes, type SizeFacts } from '../../../src/ui/dashboard/checkout-sizes';
import { SameFilesKnown } from '../../../src/ui/dashboard/same-files-known';
import type { AppBar, Bar } from '../../../webview/dashboard/protocol';
import { aCheckout, anApp, digest } from './an-app';

/** An app with file systems of these sizes, and one more file of a byte. */
function weighing(name: string, base: number | undefined, overlay?: number, more: Partial<App> = {}): App {
  const file = (volume: string, size: number | undefined) =>
    size === undefined ? undefined : { path: `${name}/${volume}`, size, digest: digest(name.slice(-1)) };
  const parts = { base: file('root.squashfs', base), overlay: file('root.ovl.squashfs', overlay) };
  const files = Object.values(parts).flatMap((found) =>
    found
      ? [{ path: found.path.slice(name.length + 1), size: found.size, tracking: 'not-compared' } as const]
      : [],
  );
  return anApp(name, {
    ...parts,
    files: [...files, { path: 'src.json', size: 1, tracking: 'not-compared' }],
    ...more,
  });
}

function part(name: string, kind: Part['kind'], files: Readonly<Record<string, number>>): Part {
  return {
    name,
    kind,
    boots: undefined,
    files: Object.entries(files).map(([path, size]) => ({ path, size, tracking: 'not-compared' })),
    missingFiles: [],
  };
}

function sizesOf(apps: readonly App[], parts: readonly Part[] = [], facts: Partial<SizeFacts> = {}) {
  const known = { name: 'device', newBaseThreshold: 80, history: () => [], sameFiles: [] };
  return checkoutSizes(aCheckout('/device', apps, { parts }), { ...known, ...facts });
}

/** `web 101 (shop 11)` */
function outline(bar: Bar): string {
  const below = bar.kind === 'app' ? bar.extensions.map(outline) : [];
  return `${bar.name} ${bar.size}${below.length > 0 ? ` (${below.join(', ')})` : ''}`;
}

function appBar(bars: readonly Bar[], name: string): AppBar {
  const found = bars.find((bar) => bar.name === name);
  assert.ok(found?.kind === 'app');
  return found;
}

describe('what the dashboard shows of a checkout', () => {
  it('is every app and the bsp, the heaviest first, extensions below their base', () => {
    const { bars, total, rest } = sizesOf(
      [
        weighing('small', 50),
        weighing('web', 100, 20),
        weighing('shop', undefined, 10, { baseApp: 'web' }),
        weighing('kiosk', undefined, 30, { baseApp: 'web' }),
      ],
      [
        part('bsp', 'bsp', { 'bsp/kernel.img': 60, 'bsp/modules.squashfs': 140 }),
        part('_config', 'config', { '_config/web/etc/x': 3 }),
        part('device.json', 'device', { 'device.json': 4 }),
      ],
    );
    assert.deepEqual(bars.map(outline), ['bsp 200', 'web 121 (kiosk 31, shop 11)', 'small 51']);
    assert.equal(rest, 7);
    assert.equal(total, 200 + 121 + 31 + 11 + 51 + 7);
    const [bsp] = bars;
    assert.ok(bsp?.kind === 'bsp');
    assert.deepEqual(bsp.files, [
      { name: 'modules.squashfs', size: 140 },
      { name: 'kernel.img', size: 60 },
    ]);
  });

  it('compares each overlay with the base that it lies on', () => {
    const history = (app: string) => (app === 'web' ? [40, 90] : []);
    const { bars } = sizesOf(
      [weighing('web', 100, 90), weighing('shop', undefined, 45, { baseApp: 'web' })],
      [],
      { history },
    );
    const web = appBar(bars, 'web');
    assert.deepEqual(web.overlay, { size: 90, of: 100, level: 'recommended', history: [40, 90] });
    const [shop] = web.extensions;
    assert.deepEqual(
      [shop?.base, shop?.overlay],
      [undefined, { size: 45, of: 100, level: undefined, history: [] }],
    );
    const lenient = sizesOf([weighing('web', 100, 90)], [], { newBaseThreshold: 200 });
    assert.equal(appBar(lenient.bars, 'web').overlay?.level, 'fine');
    assert.equal(lenient.threshold, 200);
  });

  it('lets an extension whose base is gone, or extends another one, stand by itself', () => {
    const { bars } = sizesOf([
      weighing('orphan', undefined, 10, { baseApp: 'gone' }),
      weighing('first', undefined, 20, { baseApp: 'second' }),
      weighing('second', undefined, 30, { baseApp: 'first' }),
      weighing('self', undefined, 40, { baseApp: 'self' }),
    ]);
    assert.deepEqual(bars.map(outline), ['self 41', 'second 31', 'first 21', 'orphan 11']);
    const orphan = appBar(bars, 'orphan').overlay;
    assert.deepEqual([orphan?.of, orphan?.level], [undefined, undefined]);
  });

  it('counts files that are the same once, and says so', () => {
    const sameFiles: readonly SameFiles[] = [
      { files: ['a/root.squashfs', 'b/root.squashfs', 'c/root.squashfs'], size: 100 },
    ];
    const apps = ['a', 'b', 'c'].map((name) => weighing(name, 100));
    const { total, repeated } = sizesOf(apps, [], { sameFiles });
    assert.equal(total, 103);
    assert.deepEqual(repeated, [{ kind: 'sameFile', ...sameFiles[0] }]);
  });

  it('tells of bases of the same image that differ, but not of those that are the same file', () => {
    // The digest of an image goes by the last letter here.
    const apps = [
      weighing('one-a', 100),
      weighing('two-a', 90),
      weighing('three-a', 100),
      weighing('b', 100),
    ];
    const sameFiles = [{ files: ['one-a/root.squashfs', 'three-a/root.squashfs'], size: 100 }];
    const twice = (facts: Partial<SizeFacts>) =>
      sizesOf(apps, [], facts).repeated.filter(({ kind }) => kind === 'sameImage');
    const named = ['one-a', 'two-a', 'three-a'];
    assert.deepEqual(twice({ sameFiles }), [{ kind: 'sameImage', apps: named, size: 90 }]);
    assert.deepEqual(twice({}), [{ kind: 'sameImage', apps: named, size: 190 }]);
    const same = [{ files: named.map((name) => `${name}/root.squashfs`), size: 100 }];
    assert.deepEqual(twice({ sameFiles: same }), []);
  });
});

describe('which files are the same', () => {
  const twins = (image: string) => {
    const large = { path: 'root.squashfs', size: 1e6, tracking: 'not-compared' } as const;
    const base = { path: 'root.squashfs', size: 1e6, digest: digest(image) };
    return aCheckout('/device', [anApp('a', { files: [large], base }), anApp('b', { files: [large], base })]);
  };
  const found = [{ files: ['a/root.squashfs', 'b/root.squashfs'], size: 1e6 }];

  const unexpected = (error: unknown) => {
    throw error;
  };

  it('is asked once, and told when it is known', async () => {
    const asked: (readonly SameFiles[])[] = [];
    const known = new SameFilesKnown((_, candidates) => {
      asked.push(candidates);
      return Promise.resolve(found);
    }, unexpected);
    const told = new Promise<void>((resolve) => known.onDidChange(resolve));
    assert.deepEqual(known.of(twins('1')), []);
    assert.deepEqual(known.of(twins('1')), []);
    await told;
    assert.deepEqual(known.of(twins('1')), found);
    assert.deepEqual(asked, [found]);
  });

  it('is asked again when a build put others of the same size in their place', async () => {
    const answers: ((found: readonly SameFiles[]) => void)[] = [];
    const known = new SameFilesKnown(() => new Promise((resolve) => answers.push(resolve)), unexpected);
    const told = new Promise<void>((resolve) => known.onDidChange(resolve));
    known.of(twins('1'));
    known.of(twins('2'));
    // The answer to the first question comes too late to be true.
    answers[0]?.([]);
    answers[1]?.(found);
    await told;
    assert.deepEqual(known.of(twins('2')), found);
  });

  it('is given up when nobody looks, and asked anew when somebody does', async () => {
    const signals: AbortSignal[] = [];
    const known = new SameFilesKnown((_directory, _candidates, signal) => {
      signals.push(signal);
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    }, unexpected);
    known.of(twins('1'));
    known.stop();
    assert.equal(signals[0]?.aborted, true);
    await new Promise(setImmediate);
    known.of(twins('1'));
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
  });

  it('is not asked where no two files could be, and asked again after it could not be told', async () => {
    const failures: unknown[] = [];
    let asked = 0;
    const known = new SameFilesKnown(
      () => {
        asked++;
        return Promise.reject(new Error('no backend'));
      },
      (error) => failures.push(error),
    );
    known.of(aCheckout('/device', [anApp('a')]));
    assert.equal(asked, 0);
    known.of(twins('1'));
    await new Promise(setImmediate);
    assert.equal(failures.length, 1);
    known.of(twins('1'));
    assert.equal(asked, 2);
  });
});
