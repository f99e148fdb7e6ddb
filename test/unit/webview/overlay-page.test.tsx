import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { OverlayChange } from '../../../src/core/rootfs/overlay-changes';
import type { ToPage } from '../../../webview/protocol';
import { FakeHost, PageInTest } from './fake-host';

const aFile: OverlayChange = {
  path: 'etc/web.conf',
  change: 'changed',
  kind: 'file',
  size: 20,
  baseSize: 10,
  details: ['mode 0600 → 0644'],
};
const changes: readonly OverlayChange[] = [
  aFile,
  { path: 'www/film.bin', change: 'added', kind: 'file', size: 3000, details: [] },
  {
    path: 'www/old',
    change: 'deleted',
    kind: 'directory',
    size: 0,
    hidden: { entries: 4, bytes: 700 },
    details: [],
  },
  {
    path: 'www/same.bin',
    change: 'added',
    kind: 'file',
    size: 3000,
    hardLinkOf: 'www/film.bin',
    details: [],
  },
];

describe('the overlay page', () => {
  let host: FakeHost;
  let page: PageInTest;

  const open = async (given = new FakeHost()) => {
    host = given;
    page = await PageInTest.open(async () => {
      const { OverlayPage } = await import('../../../webview/overlay/overlay-page');
      return <OverlayPage host={host} />;
    });
  };
  const say = (message: ToPage) => page.do(() => host.say(message));
  const grid = () => page.one('[role=treegrid]');
  const byName = () => page.click(page.one('.head .name button'));

  beforeEach(async () => {
    await open();
    await say({ type: 'heading', title: 'The overlay of web', facts: ['3 kB'], views: ['overlay', 'base'] });
    await say({ type: 'listing', view: 'overlay', entries: changes });
  });
  afterEach(() => page.close());

  it('asks when it can listen, and says so while it waits', async () => {
    await page.close();
    await open();
    assert.deepEqual(host.posted, [{ type: 'ready', view: 'overlay', isShown: false }]);
    assert.match(page.one('.notice').textContent, /Reading/);
  });

  it('shows at once what it found in its document, and says that it did', async () => {
    await page.close();
    const state = { view: 'overlay', filter: '' } as const;
    const listing = { type: 'listing', view: 'overlay', entries: changes } as const;
    await open(new FakeHost(state, [listing]));
    assert.equal(page.rows.length, 6);
    assert.deepEqual(host.posted, [{ type: 'ready', view: 'overlay', isShown: true }]);
  });

  it('shows each change with sizes, share and details, in folders', () => {
    assert.equal(page.one('h1').textContent, 'The overlay of web');
    assert.deepEqual(page.rows, [
      'www/||3 kB|700 B|99 %|',
      'film.bin|added|3 kB||99 %|',
      'old/|deleted||700 B||with 4 entries',
      'same.bin|added|0 B|||hard link of /www/film.bin',
      'etc/||20 B|10 B|0.7 %|',
      'web.conf|changed|20 B|10 B|0.7 %|mode 0600 → 0644',
    ]);
    assert.equal(page.one('.totals').textContent, '4 entries, 3 kB');
  });

  it('filters by text and by change, and keeps the text for the next time', async () => {
    await page.enter(page.one('vscode-text-field'), 'input', 'WWW');
    assert.equal(page.rows.length, 4);
    assert.equal(page.one('.totals').textContent, '3 of 4 entries, 3 kB');
    await page.enter(page.one('vscode-dropdown'), 'change', 'deleted');
    assert.deepEqual(page.rows, ['www/|||700 B||', 'old/|deleted||700 B||with 4 entries']);
    assert.equal(host.kept.at(-1)?.filter, 'WWW');
    await page.enter(page.one('vscode-text-field'), 'input', 'nowhere');
    assert.equal(page.one('.notice').textContent, 'No match');
  });

  it('finds what lies in folders that were folded or unfolded before the filter', async () => {
    await byName();
    const foldAll = async () => {
      await page.press(grid(), 'Home', ' ');
      await page.press(grid(), 'End', 'ArrowLeft', 'ArrowLeft');
    };
    await foldAll();
    assert.deepEqual(
      page.rows.map((row) => row.split('|')[0]),
      ['etc/', 'www/'],
    );
    await page.enter(page.one('vscode-text-field'), 'input', 'film');
    assert.deepEqual(
      page.rows.map((row) => row.split('|')[0]),
      ['www/', 'film.bin'],
    );
    await page.enter(page.one('vscode-text-field'), 'input', '');
    assert.equal(page.rows.length, 2);

    const many = Array.from({ length: 600 }, (_, at) => ({ ...aFile, path: `usr/file-${at}` }));
    await say({ type: 'listing', view: 'overlay', entries: many });
    await page.press(grid(), 'Home', ' ');
    await page.enter(page.one('vscode-text-field'), 'input', 'file-599');
    assert.equal(page.rows.length, 2);
  });

  it('forgets a choice of the filter that there is no longer', async () => {
    await page.enter(page.one('vscode-dropdown'), 'change', 'deleted');
    assert.equal(page.rows.length, 2);
    await say({ type: 'listing', view: 'overlay', entries: changes.slice(0, 2) });
    assert.equal(page.rows.length, 4);
  });

  it('counts the bytes of an inode once, in the base too', async () => {
    const names = [
      { ...aFile, path: 'bin/ping' },
      { ...aFile, path: 'bin/ping6', hardLinkOf: 'bin/ping' },
    ];
    await say({ type: 'listing', view: 'overlay', entries: names });
    assert.equal(page.rows[0], 'bin/||20 B|10 B|100 %|');
  });

  it('looks as it did when it was last seen', async () => {
    await byName();
    await page.click(page.one('.head .size button'));
    await page.press(grid(), 'Home', ' ');
    const before = { rows: page.rows, active: grid().getAttribute('aria-activedescendant') };
    assert.equal(before.rows.length, 3);
    const state = host.kept.at(-1);
    await page.close();
    await open(new FakeHost(structuredClone(state)));
    await say({ type: 'listing', view: 'overlay', entries: changes });
    assert.deepEqual({ rows: page.rows, active: grid().getAttribute('aria-activedescendant') }, before);
    assert.equal(page.one('[role=columnheader].size').getAttribute('aria-sort'), 'descending');
    await page.click(page.one('.filters vscode-button'));
    await page.click(page.one('.tile.group'));
    await page.click(page.one('.schemes button:last-child'));
    const kept = host.kept.at(-1);
    await page.close();
    await open(new FakeHost(structuredClone(kept)));
    await say({ type: 'listing', view: 'overlay', entries: changes });
    assert.equal(page.all('.tile').length, 1);
    assert.equal(page.one('.schemes [aria-pressed=true]').textContent, 'Kind');
  });

  it('sorts by a click on a head, large ones first, and says so', async () => {
    const size = () => page.one('[role=columnheader].size');
    await byName();
    await page.click(page.one('.head .size button'));
    assert.equal(size().getAttribute('aria-sort'), 'descending');
    assert.deepEqual(
      page.rows.map((row) => row.split('|')[0]),
      ['www/', 'film.bin', 'old/', 'same.bin', 'etc/', 'web.conf'],
    );
    await page.click(page.one('.head .size button'));
    assert.equal(size().getAttribute('aria-sort'), 'ascending');
    assert.equal(page.rows[0]?.split('|')[0], 'etc/');
  });

  it('moves and folds by arrow keys', async () => {
    await byName();
    const active = () => page.one(`#${grid().getAttribute('aria-activedescendant') ?? 'none'}`);
    await page.press(grid(), 'ArrowDown', 'ArrowDown', 'ArrowLeft', 'ArrowLeft');
    assert.match(active().textContent, /^etc/);
    assert.equal(active().getAttribute('aria-expanded'), 'false');
    assert.equal(page.rows.length, 5);
    await page.press(grid(), 'ArrowRight', 'ArrowRight');
    assert.match(active().textContent, /^web\.conf/);
    await page.press(grid(), 'End');
    assert.match(active().textContent, /^same\.bin/);
    await page.press(grid(), 'Home', ' ');
    assert.equal(page.rows.length, 5);
  });

  it('opens the file of a row by a double click and by Enter, and no folder', async () => {
    const row = (name: RegExp) => {
      const found = page.all('[role=row][aria-level]').find((one) => name.test(one.textContent));
      assert.ok(found, String(name));
      return found;
    };
    const opened = () => host.posted.filter((message) => message.type === 'open').map(({ entry }) => entry);
    const conf = { view: 'overlay', path: 'etc/web.conf', kind: 'file', change: 'changed' } as const;
    await page.click(row(/^web\.conf/));
    assert.deepEqual(opened(), []);
    await page.doubleClick(row(/^web\.conf/));
    assert.deepEqual(opened(), [conf]);
    await page.press(grid(), 'Enter');
    assert.deepEqual(opened(), [conf, conf]);
    await page.doubleClick(row(/^old\//));
    await page.doubleClick(row(/^www\//));
    assert.equal(opened().length, 2);
  });

  it("tells VS Code's context menu which row it is for, by mouse and by key", async () => {
    const menuOf = (element: HTMLElement) =>
      JSON.parse(element.getAttribute('data-vscode-context') ?? 'null') as Record<string, unknown> | null;
    await byName();
    const [folder, conf] = page.all('[role=row][aria-level]');
    assert.ok(folder !== undefined && conf !== undefined);
    const wanted = {
      preventDefaultContextMenuItems: true,
      webviewSection: 'pantavisorEntry',
      entryChange: 'changed',
      entry: { view: 'overlay', path: 'etc/web.conf', kind: 'file', change: 'changed' },
    };
    assert.deepEqual(menuOf(conf), wanted);
    assert.deepEqual(menuOf(folder), { preventDefaultContextMenuItems: true });
    await page.click(conf);
    assert.deepEqual(menuOf(grid()), wanted);
  });

  it('shows what a file says of itself', async () => {
    const properties = [{ label: 'Block size', text: '128 KiB' }];
    await say({ type: 'properties', title: 'The file', properties });
    assert.equal(page.one('.properties').textContent, 'The fileBlock size128 KiB');
    await say({ type: 'properties', title: 'The file', properties: [] });
    assert.equal(page.all('.properties').length, 0);
  });

  it('asks for another view once, and shows it', async () => {
    await page.click(page.one('#tab-base'));
    assert.deepEqual(host.posted.at(-1), { type: 'show', view: 'base' });
    const key = { path: 'key', kind: 'file', size: 9, mode: 0o600, uid: 0, gid: 5 } as const;
    const zero = { ...key, path: 'zero', kind: 'char', size: 0, device: '1:5' } as const;
    await say({ type: 'listing', view: 'base', entries: [key, zero] });
    assert.deepEqual(page.rows, ['key|9 B|100 %|0600 0:5', 'zero|||0600 0:5, device 1:5']);
    await page.click(page.one('#tab-overlay'));
    await page.click(page.one('#tab-base'));
    assert.equal(host.posted.filter(({ type }) => type === 'show').length, 1);
    assert.equal(host.kept.at(-1)?.view, 'base');
  });

  it('shows the base once there is no overlay any more', async () => {
    await say({ type: 'heading', title: 'The base of web', facts: [], views: ['base'] });
    assert.deepEqual(host.posted.at(-1), { type: 'show', view: 'base' });
    const key = { path: 'key', kind: 'file', size: 9, mode: 0o600, uid: 0, gid: 5 } as const;
    await say({ type: 'listing', view: 'base', entries: [key] });
    assert.deepEqual(page.rows, ['key|9 B|100 %|0600 0:5']);
    assert.equal(page.all('[role=tab]').length, 0);
  });

  it('says what is wrong in place of what it could not have, until it can', async () => {
    await say({ type: 'trouble', view: 'overlay', text: 'it is cut short' });
    assert.equal(page.one('[role=alert]').textContent, 'it is cut short');
    await say({ type: 'listing', view: 'overlay', entries: [] });
    assert.equal(page.one('.notice').textContent, 'Nothing');
  });

  it('gives advice, unfolded where it matters, with the button that follows it', async () => {
    const advice = {
      level: 'recommended',
      title: 'A new base is recommended',
      facts: [{ label: 'A new base', text: 'weighs 3 MB' }],
      action: 'Build',
      preview: 'Preview',
    } as const;
    await say({ type: 'advice', advice });
    assert.ok(page.one('.advice details').hasAttribute('open'));
    assert.match(page.one('.advice dl').textContent, /A new baseweighs 3 MB/);
    await page.click(page.one('.advice vscode-button'));
    assert.deepEqual(host.posted.at(-1), { type: 'buildNewBase' });
    await page.click(page.one('.advice vscode-button:last-child'));
    assert.deepEqual(host.posted.at(-1), { type: 'previewNewBase' });
    await say({ type: 'advice', advice: { ...advice, level: 'fine' } });
    assert.equal(page.one('.advice details').hasAttribute('open'), false);
    await say({ type: 'advice', advice: undefined });
    assert.equal(page.all('.advice').length, 0);
  });

  describe('as a treemap', () => {
    const labels = () => page.all('.tile').map((tile) => tile.getAttribute('aria-label'));
    const focused = () => page.body.ownerDocument.activeElement?.getAttribute('aria-label');
    beforeEach(async () => {
      const conf = { ...aFile, size: 4000 };
      await say({ type: 'listing', view: 'overlay', entries: [conf, ...changes.slice(1)] });
      await page.click(page.one('.filters vscode-button'));
    });

    it('shows several levels at once, with what each weighs and how it changed', () => {
      assert.deepEqual(labels(), [
        'etc/, 4 kB, 57 %',
        'web.conf, 4 kB, 57 %, changed',
        'www/, 3 kB, 43 %',
        'film.bin, 3 kB, 43 %, added',
      ]);
      assert.equal(page.one('[role=tree]').getAttribute('aria-label'), '/');
      assert.deepEqual(
        page.all('.legend li').map(({ textContent }) => textContent),
        ['added 43 %', 'changed 57 %'],
      );
    });

    it('goes into folders by a click or Enter, and out by Escape, Backspace and the path above', async () => {
      await page.click(page.all('.tile.group')[1] ?? page.body);
      assert.deepEqual(labels(), ['film.bin, 3 kB, 43 %, added']);
      assert.equal(focused(), 'film.bin, 3 kB, 43 %, added');
      await page.press(page.one('.tile'), 'Escape');
      assert.equal(labels().length, 4);
      assert.equal(focused(), 'www/, 3 kB, 43 %');
      await page.press(page.all('.tile')[2] ?? page.body, 'Enter');
      assert.equal(page.one('.treemap nav').textContent, '/www/3 kB');
      await page.click(page.one('.treemap nav button'));
      assert.equal(labels().length, 4);
      await page.press(page.one('.tiles'), 'Enter', 'Backspace');
      assert.equal(labels().length, 4);
      await page.press(page.one('.tile'), 'Backspace');
      assert.equal(labels().length, 4);
    });

    it('opens files, and moves by arrow keys to what lies beside', async () => {
      await page.click(page.all('.tile.leaf')[1] ?? page.body);
      const film = { view: 'overlay', path: 'www/film.bin', kind: 'file', change: 'added' } as const;
      assert.deepEqual(host.posted.at(-1), { type: 'open', entry: film });
      await page.press(page.one('.tiles'), 'ArrowLeft');
      assert.match(focused() ?? '', /^web\.conf/);
      await page.press(page.one('.tiles'), 'ArrowUp');
      assert.match(focused() ?? '', /^etc/);
      await page.press(page.one('.tiles'), 'ArrowRight', 'ArrowDown', 'Enter');
      assert.equal(host.posted.filter(({ type }) => type === 'open').length, 2);
      assert.equal(page.all('.tile[tabindex="0"]').length, 1);
    });

    it('colours by the kind of files instead, and shows base and device by that alone', async () => {
      await page.click(page.one('.schemes button:last-child'));
      assert.deepEqual(labels().slice(0, 2), ['etc/, 4 kB, 57 %', 'web.conf, 4 kB, 57 %, texts']);
      await page.click(page.one('#tab-base'));
      const tool = { path: 'tool', kind: 'file', size: 9, mode: 0o755, uid: 0, gid: 5 } as const;
      await say({ type: 'listing', view: 'base', entries: [tool] });
      await page.click(page.one('.filters vscode-button'));
      assert.deepEqual(labels(), ['tool, 9 B, 100 %, programs']);
      assert.equal(page.all('.schemes').length, 0);
    });

    it('shows what is gone by what it weighed, where two file systems are compared', async () => {
      await page.close();
      await open(new FakeHost({ view: 'overlay', filter: '', isComparison: true }));
      await say({ type: 'listing', view: 'overlay', entries: changes });
      assert.deepEqual(page.rows.length, 6);
      assert.match(page.rows[0] ?? '', /^etc/);
      await page.click(page.one('.filters vscode-button'));
      assert.ok(labels().includes('old/, 700 B, 19 %, deleted'), labels().join('\n'));
    });
  });

  describe('by package', () => {
    const nginx = {
      id: 'dpkg:nginx',
      name: 'nginx',
      details: 'dpkg 1.26 → 1.27',
      paths: ['etc/web.conf', 'www/film.bin'],
    };
    const tzdata = { id: 'dpkg:tzdata', name: 'tzdata', details: 'dpkg 2 (removed)', paths: ['www/old'] };
    const packages = { type: 'packages', groups: [nginx, tzdata], notes: [] } as const;
    const toggle = () => page.one('.filters vscode-button:nth-of-type(2)');
    const asked = () => host.posted.filter(({ type }) => type === 'showPackages').length;
    const byPackage = async () => {
      await say({ type: 'grouping', isByPackage: true });
      await page.click(toggle());
      await say(packages);
    };

    it('is offered only where the image knows of packages, and for the overlay', async () => {
      assert.equal(page.all('.filters vscode-button').length, 1);
      await say({ type: 'grouping', isByPackage: true });
      assert.equal(toggle().textContent, 'By Package');
      await say({ type: 'listing', view: 'base', entries: [] });
      await page.click(page.one('#tab-base'));
      assert.equal(page.all('.filters vscode-button').length, 0);
      await page.click(page.one('#tab-overlay'));
      await say({ type: 'grouping', isByPackage: false });
      assert.equal(page.all('.filters vscode-button').length, 1);
    });

    it('asks for packages when somebody wants to see them, once, and shows folders until they come', async () => {
      await say({ type: 'grouping', isByPackage: true });
      assert.equal(asked(), 0);
      await page.click(toggle());
      assert.equal(asked(), 1);
      assert.equal(page.one('.totals').textContent, 'Reading');
      assert.equal(page.one('#view').getAttribute('aria-busy'), 'true');
      assert.equal(page.rows.length, 6);
      await say(packages);
      assert.equal(page.one('#view').getAttribute('aria-busy'), 'false');
      assert.deepEqual(page.rows, [
        'nginx||3 kB|10 B|100 %|dpkg 1.26 → 1.27',
        'tzdata|||700 B||dpkg 2 (removed)',
        'No package|||||',
      ]);
      await page.click(toggle());
      assert.equal(page.rows.length, 6);
      await page.click(toggle());
      assert.equal(page.rows.length, 3);
      assert.equal(asked(), 1);
    });

    it('unfolds packages by keys, opens files, and shows folders of what no package has', async () => {
      await byPackage();
      await page.press(grid(), 'Home', 'ArrowRight');
      assert.deepEqual(page.rows.slice(1, 3), [
        '/www/film.bin|added|3 kB||99 %|',
        '/etc/web.conf|changed|20 B|10 B|0.7 %|mode 0600 → 0644',
      ]);
      await page.press(grid(), 'ArrowDown', 'Enter');
      const film = { view: 'overlay', path: 'www/film.bin', kind: 'file', change: 'added' } as const;
      assert.deepEqual(host.posted.at(-1), { type: 'open', entry: film });
      await page.press(grid(), 'End', 'ArrowRight');
      assert.equal(page.rows.at(-1), 'www/|||||');
      assert.equal(page.all('[role=gridcell].name').at(-1)?.title, '/www');
    });

    it('finds files by path and by package, and sums only these up', async () => {
      await byPackage();
      await page.enter(page.one('vscode-text-field'), 'input', 'nginx');
      assert.equal(page.one('.totals').textContent, '2 of 4 entries, 3 kB');
      await page.enter(page.one('vscode-text-field'), 'input', '/etc');
      assert.deepEqual(
        page.rows.map((row) => row.split('|')[0]),
        ['nginx', '/etc/web.conf'],
      );
      assert.match(page.rows[0] ?? '', /dpkg 1\.26/);
    });

    it('is shown on the map, too, and remembered', async () => {
      await page.click(page.one('.filters vscode-button'));
      await byPackage();
      const labels = () => page.all('.tile').map((tile) => tile.getAttribute('aria-label'));
      assert.deepEqual(labels(), [
        'nginx, 3 kB, 100 %',
        '/www/film.bin, 3 kB, 99 %, added',
        '/etc/web.conf, 20 B, 0.7 %, changed',
      ]);
      assert.equal(page.one('.tiles').getAttribute('aria-label'), 'Packages');
      await page.click(page.one('.tile'));
      assert.deepEqual(labels(), ['/www/film.bin, 3 kB, 99 %, added', '/etc/web.conf, 20 B, 0.7 %, changed']);
      assert.equal(page.one('.treemap nav').textContent, 'Packagesnginx3 kB');
      const kept = host.kept.at(-1);
      await page.close();
      await open(new FakeHost(structuredClone(kept)));
      await say({ type: 'listing', view: 'overlay', entries: changes });
      assert.equal(asked(), 0);
      await say({ type: 'grouping', isByPackage: true });
      assert.equal(asked(), 1);
      await say(packages);
      assert.equal(labels().length, 2);
    });

    it('says what it lacks something for', async () => {
      await byPackage();
      await say({ type: 'packages', groups: [], notes: ['rpm is not told'] });
      assert.equal(page.one('.note').textContent, 'rpm is not told');
      assert.equal(page.rows.length, 1);
      await page.click(toggle());
      assert.equal(page.all('.note').length, 0);
    });
  });

  it('says so where nothing on the map weighs anything', async () => {
    await page.click(page.one('.filters vscode-button'));
    await page.enter(page.one('vscode-dropdown'), 'change', 'deleted');
    assert.equal(page.one('.treemap .notice').textContent, 'Nothing weighs');
  });

  it('says what bloats the overlay, and the line that avoids it', async () => {
    const logs = { title: 'Logs', paths: ['var/log/a'], file: 'Dockerfile', line: 'RUN rm /var/log/*' };
    await say({ type: 'bloat', title: '1 finding', findings: [logs] });
    assert.match(
      page.one('.bloat').textContent,
      /1 findingLogs\/var\/log\/aDockerfile: RUN rm \/var\/log\/\*/,
    );
    await say({ type: 'bloat', title: 'none', findings: [] });
    assert.equal(page.all('.bloat').length, 0);
  });

  it('has few rows in the document of 100,000, finds what is wanted, and sorts it', async () => {
    const name = (at: number) => `d${String(at % 400).padStart(3, '0')}/f${String(at).padStart(6, '0')}`;
    const entries = Array.from({ length: 100_000 }, (_, at) => name(at))
      .sort()
      .map((path) => ({
        path,
        change: 'added' as const,
        kind: 'file' as const,
        size: Number(path.slice(6)),
        details: [],
      }));
    await say({ type: 'listing', view: 'overlay', entries });
    // All of them are folded: 400 folders, of which there are as many in the document as can be seen.
    assert.equal(grid().getAttribute('aria-rowcount'), '401');
    assert.ok(page.rows.length < 200);
    await page.enter(page.one('vscode-text-field'), 'input', 'F0123');
    assert.equal(page.one('.totals').textContent, '100 of 100,000 entries, 1.2 MB');
    assert.equal(grid().getAttribute('aria-rowcount'), '201');
    await page.enter(page.one('vscode-text-field'), 'input', 'd');
    assert.equal(page.one('.totals').textContent, '100,000 of 100,000 entries, 5 GB');
    assert.equal(grid().getAttribute('aria-rowcount'), '100401');
    assert.ok(page.rows.length < 200);
    assert.match(page.rows[0] ?? '', /^d399/);
    assert.match(page.rows[1] ?? '', /^f099999/);
    assert.ok(page.rows.length < 200);
  });

  it('shows the first entries while all are on their way, and says so', async () => {
    const view = { type: 'listing', view: 'overlay' } as const;
    await say({ ...view, isPartial: true, entries: changes.slice(0, 1) });
    assert.equal(page.rows.length, 2);
    assert.equal(page.one('.totals').textContent, 'Reading');
    assert.equal(page.one('[role=tabpanel]').getAttribute('aria-busy'), 'true');
    await page.press(grid(), 'Home', 'ArrowLeft');
    assert.equal(page.rows.length, 1);
    await say({ ...view, entries: changes });
    // What was folded stays so.
    assert.equal(page.rows.length, 5);
    assert.equal(page.one('.totals').textContent, '4 entries, 3 kB');
    assert.equal(page.one('[role=tabpanel]').getAttribute('aria-busy'), 'false');
  });

  describe('formats', () => {
    const button = () => page.one('.formats > vscode-button');

    it('are offered where there are some to compare, compared when asked for, and stopped', async () => {
      assert.deepEqual(page.all('.formats'), []);
      await say({ type: 'formats', formats: { state: 'offered' } });
      assert.equal(button().textContent, 'Compare Formats');
      await page.click(button());
      assert.deepEqual(host.posted.at(-1), { type: 'compareFormats' });
      const asked = button();
      await say({ type: 'formats', formats: { state: 'comparing', text: '42 %' } });
      assert.equal(button(), asked, 'it keeps the focus');
      assert.equal(button().textContent, 'Stop');
      assert.equal(page.one('.formats .notice').textContent.trim(), '42 %');
      assert.equal(page.one('.formats [aria-live]').getAttribute('aria-busy'), 'true');
      await page.click(button());
      assert.deepEqual(host.posted.at(-1), { type: 'stopComparingFormats' });
    });

    it('are a table with names, and a button to copy each', async () => {
      const row = (formatOptions: string) => ({
        formatOptions,
        bytes: '4096',
        size: '4 kB',
        share: '50 %',
        needs: 'CONFIG_SQUASHFS_XZ',
      });
      const rows = [row('-comp xz -b 1M'), row('-comp gzip -b 128K')];
      await say({ type: 'formats', formats: { state: 'compared', rows } });
      assert.deepEqual(
        page.all('.formats [scope=col]').map(({ textContent }) => textContent),
        ['Bytes', 'Size', 'Of Now', 'Needs', 'format_options'],
      );
      assert.deepEqual(
        page.all('.formats [scope=row]').map(({ textContent }) => textContent),
        ['-comp xz -b 1M', '-comp gzip -b 128K'],
      );
      assert.equal(page.one('.formats caption').textContent, 'Formats');
      await page.click(page.one('[aria-label="Copy -comp gzip -b 128K"]'));
      assert.deepEqual(host.posted.at(-1), { type: 'copy', text: '-comp gzip -b 128K' });
      assert.equal(button().textContent, 'Compare Formats');
    });

    it('say what failed', async () => {
      await say({ type: 'formats', formats: { state: 'failed', text: 'No image' } });
      assert.equal(page.one('.formats [role=alert]').textContent, 'No image');
      await say({ type: 'formats', formats: undefined });
      assert.deepEqual(page.all('.formats'), []);
    });
  });
});

describe('a page that fails', () => {
  it('shows a report that can be copied', async () => {
    const host = new FakeHost();
    const quiet = console.error;
    console.error = () => undefined;
    const page = await PageInTest.open(async () => {
      const { ErrorBoundary } = await import('../../../webview/error-boundary');
      const Broken = () => {
        throw new Error('no luck');
      };
      return (
        <ErrorBoundary host={host}>
          <Broken />
        </ErrorBoundary>
      );
    });
    console.error = quiet;
    assert.match(page.one('pre').textContent, /no luck/);
    await page.click(page.one('vscode-button'));
    const [copied] = host.posted;
    assert.ok(copied?.type === 'copy' && copied.text.includes('no luck'));
    await page.close();
  });
});
