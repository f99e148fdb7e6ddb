import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type {
  AppBar,
  CheckoutSizes,
  DashboardProtocol,
  OverlayBar,
} from '../../../webview/dashboard/protocol';
import { dashboardStrings } from './dashboard-strings';
import { FakeHostOf, PageInTest } from './fake-host';

function app(name: string, base: number | undefined, overlay?: OverlayBar, ...extensions: AppBar[]): AppBar {
  return { kind: 'app', name, size: (base ?? 0) + (overlay?.size ?? 0), base, overlay, extensions };
}

function overlay(size: number, of: number | undefined, more: Partial<OverlayBar> = {}): OverlayBar {
  return { size, of, level: of === undefined ? undefined : 'fine', history: [], ...more };
}

const shop = app('shop', undefined, overlay(100, 1000));
const web = app('web', 1000, overlay(900, 1000, { level: 'recommended', history: [300, 600, 900] }), shop);

const device: CheckoutSizes = {
  directory: '/work/device',
  name: 'device',
  trouble: undefined,
  total: 2500,
  threshold: 80,
  bars: [web, { kind: 'bsp', name: 'bsp', size: 500, files: [{ name: 'kernel.img', size: 400 }] }],
  rest: 7,
  repeated: [
    { kind: 'sameFile', files: ['a/root.squashfs', 'b/root.squashfs'], size: 5000 },
    { kind: 'sameImage', apps: ['web', 'old'], size: 900 },
  ],
};
const other: CheckoutSizes = {
  ...device,
  directory: '/work/other',
  name: 'other',
  bars: [app('solo', 3000)],
};

describe('the size dashboard', () => {
  let host: FakeHostOf<DashboardProtocol>;
  let page: PageInTest;

  const open = async (state: DashboardProtocol['state'] = { folded: [] }) => {
    host = new FakeHostOf<DashboardProtocol>(dashboardStrings, state);
    page = await PageInTest.open(async () => {
      const { DashboardPage } = await import('../../../webview/dashboard/dashboard-page');
      return <DashboardPage host={host} />;
    });
  };
  const say = (...checkouts: readonly CheckoutSizes[]) =>
    page.do(() => host.say({ type: 'sizes', checkouts }));
  /** Name and description of each, as a screen reader tells them. */
  const buttons = () => page.all('button').map((each) => `${each.textContent} | ${each.title}`);
  const button = (label: RegExp) => {
    const found = page.all('button').find((each) => label.test(each.textContent));
    assert.ok(found, String(label));
    return found;
  };
  const style = (selector: string, property: 'width' | 'left') =>
    page.all(selector).map((element) => element.style[property]);

  beforeEach(() => open());
  afterEach(() => page.close());

  it('asks when it can listen, and says so while it waits', () => {
    assert.deepEqual(host.posted, [{ type: 'ready' }]);
    assert.equal(page.one('.notice').textContent, 'Reading');
  });

  it('names every bar with all that it shows', async () => {
    await say(device);
    assert.deepEqual(buttons(), [
      'web 1.9 kB | base 1 kB, overlay 900 B',
      'Overlay of web + 900 B · 90 %Recommended | 90 % of the base. Recommended. recommended from 80 %. 3 builds: 300 B, 600 B, 900 B',
      'shop 100 B | extends web, overlay 100 B',
      'Overlay of shop + 100 B · 10 % | 10 % of the base. Fine. recommended from 80 %',
      'bsp 500 B | kernel.img 80 %',
    ]);
    assert.equal(page.one('.total').textContent, 'On the device: 2.5 kB');
    assert.equal(page.one('.rest').textContent, 'The rest: 7 B');
    assert.deepEqual(
      page.all('.repeated li').map((each) => each.textContent),
      ['a/root.squashfs, b/root.squashfs are one file of 5 kB', 'web, old could save 900 B'],
    );
  });

  it('draws all bars of a checkout to one scale', async () => {
    const half = app('half', 950);
    await say({ ...device, bars: [web, half] });
    const [base = '', ovl = '', extension = '', small = ''] = style('.part', 'width');
    assert.equal((parseFloat(base) + parseFloat(ovl)).toFixed(6), '100.000000');
    assert.equal(parseFloat(extension).toFixed(2), ((100 / 1900) * 100).toFixed(2));
    assert.equal(small, '50%');
  });

  it('draws overlays against their base, with a line at the threshold, whatever that is', async () => {
    const bars = [app('a', 1000, overlay(250, 1000)), app('b', 1000, overlay(2000, 1000))];
    await say({ ...device, bars });
    assert.deepEqual(style('.gauge .fill', 'width'), ['25%', '100%']);
    assert.deepEqual(style('.gauge .threshold', 'left'), ['80%', '40%']);
    await say({ ...device, bars, threshold: 500 });
    const [fill = '', line = ''] = [
      ...style('.gauge .fill', 'width'),
      ...style('.gauge .threshold', 'left').slice(1),
    ];
    assert.ok(parseFloat(fill) < 5);
    assert.ok(parseFloat(line) < 100);
    await say({ ...device, bars: [app('orphan', undefined, overlay(10, undefined))] });
    assert.equal(page.all('.gauge').length, 0);
  });

  it('draws how an overlay grew once there are two builds, the highest at the top', async () => {
    await say({ ...device, bars: [web, app('once', 10, overlay(1, 10, { history: [1] }))] });
    const [line] = page.all('.sparkline polyline');
    assert.equal(page.all('.sparkline').length, 1);
    const heights = (line?.getAttribute('points') ?? '')
      .split(' ')
      .map((point) => Number(point.split(',')[1]));
    assert.equal(heights.length, 3);
    assert.deepEqual(
      heights.toSorted((a, b) => b - a),
      heights,
    );
    assert.equal(heights.at(-1), 1);
  });

  it('leads to the app, to its overlay, and to the folder of the bsp', async () => {
    await say(device);
    await page.click(button(/^shop/));
    await page.click(button(/^Overlay of shop/));
    await page.click(button(/^bsp/));
    const checkout = '/work/device';
    assert.deepEqual(host.posted.slice(1), [
      { type: 'goToApp', checkout, app: 'shop' },
      { type: 'showOverlay', checkout, app: 'shop' },
      { type: 'revealFolder', checkout, name: 'bsp' },
    ]);
  });

  it('moves the focus by arrow keys', async () => {
    await say(device);
    const focused = () => page.body.ownerDocument.activeElement?.textContent ?? '';
    await page.do(() => button(/^web/).focus());
    await page.press(page.one('main'), 'ArrowDown', 'ArrowDown');
    assert.match(focused(), /^shop/);
    await page.press(page.one('main'), 'ArrowUp');
    assert.match(focused(), /^Overlay of web/);
    await page.press(page.one('main'), 'End');
    assert.match(focused(), /^bsp/);
    await page.press(page.one('main'), 'ArrowDown');
    assert.match(focused(), /^web/);
  });

  it('shows several checkouts below each other, folds them, and keeps that for the next time', async () => {
    await say(device, other);
    assert.equal(page.all('.bars').length, 2);
    await page.click(button(/^device/));
    assert.equal(button(/^device/).getAttribute('aria-expanded'), 'false');
    assert.deepEqual(host.kept.at(-1), { folded: ['/work/device'] });
    assert.equal(page.all('.bars').length, 1);
    await page.close();
    await open({ folded: ['/work/device'] });
    await say(device, other);
    assert.equal(page.all('.bars').length, 1);
    // One that is alone can't be unfolded, so it never is folded.
    await say(device);
    assert.equal(page.all('.bars').length, 1);
    assert.equal(page.all('[aria-expanded]').length, 0);
  });

  it('says why a checkout can’t be read, beside the others', async () => {
    await say({ ...device, trouble: 'its .pvr/json is broken' }, other);
    assert.equal(page.one('[role=alert]').textContent, 'its .pvr/json is broken');
    assert.equal(page.all('.bars').length, 1);
  });

  it('says when there is nothing to see, until there is', async () => {
    await say();
    assert.equal(page.one('.notice').textContent, 'No checkout');
    await say({ ...device, bars: [] });
    assert.equal(page.one('.notice').textContent, 'No apps');
    await say(device);
    assert.equal(page.all('.notice').length, 0);
  });
});
