import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { checkoutFiles } from '../../device-view/checkout-files';
import { Pvx } from '../../device-view/pvx';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';
import { signatureText } from '../checkout/sample-checkout';

const v1 = makeImage([
  makeLayer([
    { path: 'dev/null', kind: 'char', mode: 0o666, major: 1, minor: 3 },
    { path: 'etc/hosts', kind: 'file', content: '127.0.0.1 localhost\n' },
    { path: 'etc/old', kind: 'file', content: 'to go\n' },
    { path: 'usr/bin/app', kind: 'file', mode: 0o755, content: '1'.repeat(5000) },
  ]),
]);
const v2 = derive(v1, [
  { path: 'etc/old', kind: 'whiteout' },
  { path: 'etc/new', kind: 'file', content: 'new\n' },
  { path: 'usr/bin/app', kind: 'file', mode: 0o700, content: '2'.repeat(7000) },
]);
/** Images with packages; usr is merged, and lists have names from before that. */
const p1 = makeImage([
  makeLayer([
    { path: 'lib', kind: 'symlink', target: 'usr/lib' },
    { path: 'usr/lib/libssl.so.3', kind: 'file', content: '1'.repeat(3000) },
    { path: 'usr/bin/old', kind: 'file', content: 'old' },
    { path: 'var/lib/dpkg/info/libssl:arm64.list', kind: 'file', content: '/lib\n/lib/libssl.so.3\n' },
    { path: 'var/lib/dpkg/info/old.list', kind: 'file', content: '/usr/bin/old\n' },
    {
      path: 'var/lib/dpkg/status',
      kind: 'file',
      content:
        'Package: libssl\nArchitecture: arm64\nVersion: 3.0.1\n\nPackage: old\nArchitecture: all\nVersion: 1\n',
    },
  ]),
]);
const p2 = derive(p1, [
  { path: 'usr/lib/libssl.so.3', kind: 'file', content: '2'.repeat(3000) },
  { path: 'usr/lib/libssl.so', kind: 'hardlink', target: 'usr/lib/libssl.so.3' },
  { path: 'usr/share/doc/libssl', kind: 'directory' },
  { path: 'usr/bin/old', kind: 'whiteout' },
  {
    path: 'var/lib/dpkg/info/libssl:arm64.list',
    kind: 'file',
    content: '/lib\n/lib/libssl.so.3\n/lib/libssl.so\n/usr/share/doc\n/usr/share/doc/libssl\n',
  },
  { path: 'var/lib/dpkg/info/old.list', kind: 'whiteout' },
  {
    path: 'var/lib/dpkg/status',
    kind: 'file',
    content: 'Package: libssl\nArchitecture: arm64\nVersion: 3.0.2\n',
  },
  {
    path: 'usr/lib/python3/dist-packages/six-1.17.0.dist-info/RECORD',
    kind: 'file',
    content: 'six.py,,\nsix-1.17.0.dist-info/RECORD,,\n',
  },
  { path: 'usr/lib/python3/dist-packages/six.py', kind: 'file', content: 'six' },
  {
    path: 'usr/lib/python3/dist-packages/__pycache__/six.cpython-311.pyc',
    kind: 'file',
    content: 'c'.repeat(1000),
  },
  { path: 'srv/data', kind: 'file', content: 'data' },
]);
const extension = derive(v1, [{ path: 'opt/extension', kind: 'file', content: 'more\n' }]);

describe('the command line', () => {
  let folder: string;
  let checkout: string;
  /** Options that say where the images lie. */
  let source: string;
  let pvx: Pvx;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cli-'));
    const layout = path.join(folder, 'layout');
    await writeOciLayout(layout, { v1, v2, p1, p2, extension });
    source = `--source archive:${layout}`;
    pvx = new Pvx(path.join(folder, 'home'));
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    checkout = await mkdtemp(path.join(folder, 'checkout-'));
    await run('init');
  });

  /** @param line words with a space between each two, and no spaces in them. */
  const run = (line: string): Promise<string> => pvx.run(checkout, ...line.split(' '));

  const runBoth = (line: string) => pvx.runBoth(checkout, ...line.split(' '));

  async function runJson<T>(line: string): Promise<T> {
    return JSON.parse(await run(`${line} --json`)) as T;
  }

  /** It must fail with this on stderr, nothing on stdout, and leave everything as it was. */
  async function requireFailure(line: string, code: number, stderr: RegExp): Promise<void> {
    const before = await checkoutFiles(checkout);
    await assert.rejects(run(line), { code, stdout: '', stderr });
    assert.deepEqual(await checkoutFiles(checkout), before);
  }

  it('takes options before and after the name of the app', async () => {
    await run(`app add ${source} web --from=localhost/app:v1`);
    await run(`app update --patch web ${source} --from localhost/app:v2`);
    const { apps } = await runJson<{ apps: { name: string; isPatched: boolean }[] }>('app ls');
    assert.deepEqual(
      apps.map(({ name, isPatched }) => ({ name, isPatched })),
      [{ name: 'web', isPatched: true }],
    );
  });

  it('reads large files where somebody looks at an app, and lists say that nobody has', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    const file = path.join(checkout, 'web', 'data');
    await writeFile(file, 'x'.repeat(100_000));
    await utimes(file, 1, 1.5);
    const sha256 = createHash('sha256').update('x'.repeat(100_000)).digest('hex');
    await writeFile(
      path.join(checkout, '.pvr', 'json'),
      JSON.stringify({ '#spec': 'pantavisor-service-system@1', 'web/data': sha256 }),
    );
    assert.match(await run('app ls'), /Large files of web have not been compared .* pvx app info --table/);
    assert.match(await run('app info web --table'), /^ {2}data +\S+ \S+ +unchanged$/m);
    assert.doesNotMatch(await run('app ls'), /not been compared/);
    await writeFile(file, 'y'.repeat(100_000));
    assert.match(await run('app info web --table'), /^ {2}data +\S+ \S+ +changed$/m);
  });

  it('says how bad each thing is that contradicts itself, to programs as well', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await rm(path.join(checkout, 'web', 'run.json'));
    await rm(path.join(checkout, 'web', 'root.squashfs'));
    const listed = await run('app ls');
    assert.match(listed, /^warning: web has no run\.json.*\.$/m);
    assert.match(listed, /^error: web has no root file system\. Build it with pvx app install web\.$/m);
    const { apps } = await runJson<{ apps: { contradictions: { kind: string; severity: string }[] }[] }>(
      'app ls',
    );
    assert.deepEqual(
      apps.flatMap(({ contradictions }) => contradictions.map(({ kind, severity }) => [kind, severity])),
      [
        ['missing-run-json', 'warning'],
        ['missing-squashfs', 'error'],
      ],
    );
  });

  it('works from any folder inside the checkout', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    const text = await pvx.run(path.join(checkout, 'web'), 'app', 'info', 'web', '--table');
    assert.match(text, /^image: +localhost\/app:v1$/m);
  });

  it('says which checkout it works in where that is not the current folder', async () => {
    const below = path.join(checkout, 'docs');
    await mkdir(below);
    const { stderr } = await pvx.runBoth(below, 'app', 'ls');
    assert.match(stderr, /^Working in the checkout .*checkout-\w+\n$/);
    assert.equal((await pvx.runBoth(checkout, 'app', 'ls')).stderr, '');
  });

  it('never works in the checkout around one that is broken', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    const inner = path.join(checkout, 'inner');
    await mkdir(path.join(inner, '.pvr'), { recursive: true });
    const before = await checkoutFiles(checkout);
    for (const line of ['app rm web --force', 'app ls', 'app update web', 'app info web']) {
      await assert.rejects(pvx.run(inner, ...line.split(' ')), (error: { code: number; stderr: string }) => {
        assert.equal(error.code, 1);
        assert.match(error.stderr, /^pvx: opening the checkout: .*inner.\.pvr has no state in it/);
        assert.doesNotMatch(error.stderr, /init/);
        return true;
      });
    }
    assert.deepEqual(await checkoutFiles(checkout), before);
  });

  it('keeps what the options of add say', async () => {
    const settings = '--group platform --status-goal READY --restart-policy container';
    const template = '--volume /var/lib/app:permanent --volume /cache:boot --arg PV_LXC_CAP_KEEP=sys_time';
    await run(`app add web --from localhost/app:v1 ${source} ${settings} ${template}`);
    const { container } = await runJson<{ container: unknown }>('app info web');
    assert.deepEqual(container, {
      group: { name: 'platform', from: 'run.json' },
      statusGoal: { value: 'READY', from: 'run.json' },
      hasVerifiedBase: false,
      restartPolicy: { value: 'container', from: 'run.json' },
    });
    const manifest = JSON.parse(await readFile(path.join(checkout, 'web', 'src.json'), 'utf8')) as {
      args: object;
      persistence: object;
    };
    assert.deepEqual(manifest.args, {
      PV_GROUP: 'platform',
      PV_LXC_CAP_KEEP: 'sys_time',
      PV_RESTART_POLICY: 'container',
      PV_STATUS_GOAL: 'READY',
    });
    assert.deepEqual(manifest.persistence, { '/cache': 'boot', '/var/lib/app': 'permanent' });
  });

  it('patches an app that has an overlay, and gives any other one a new base', async () => {
    const kinds = async (line: string): Promise<string[]> => {
      const { built } = await runJson<{ built: { kind: string }[] }>(`${line} ${source}`);
      return built.map(({ kind }) => kind);
    };
    assert.deepEqual(await kinds('app add web --from localhost/app:v1'), ['base']);
    assert.deepEqual(await kinds('app add more --base web --from localhost/app:extension'), ['overlay']);
    assert.deepEqual(await kinds('app update web --from localhost/app:v2'), ['base', 'overlay']);
    assert.deepEqual(await kinds('app update web --from localhost/app:v1 --patch'), ['overlay']);
    assert.deepEqual(await kinds('app update web --from localhost/app:extension'), ['overlay']);
    assert.deepEqual(await kinds('app update more --from localhost/app:v1'), ['overlay']);
    assert.deepEqual(await kinds('app update web --from localhost/app:v1 --newbase'), ['base', 'overlay']);
  });

  describe('updating all apps', () => {
    interface Outcome {
      readonly app: string;
      readonly outcome: string;
      readonly built?: readonly { readonly path: string }[];
      readonly found?: string;
      readonly remedy?: string;
    }
    const filesOf = (outcomes: readonly Outcome[]) =>
      outcomes.map(({ app, outcome, built }) => [app, outcome, ...(built ?? []).map(({ path }) => path)]);
    /** The same tags, which name newer images there. */
    let moved: string;
    before(async () => {
      const layout = path.join(folder, 'moved');
      await writeOciLayout(layout, {
        v1: v2,
        extension: derive(extension, [{ path: 'opt/new', kind: 'file', content: 'new\n' }]),
      });
      moved = `--source archive:${layout}`;
    });
    beforeEach(async () => {
      await run(`app add web --from localhost/app:v1 ${source}`);
      await run(`app add more --base web --from localhost/app:extension ${source}`);
    });

    it('builds for each what is built of it alone, a base before what extends it', async () => {
      const { stdout, stderr } = await runBoth(`app update --all ${moved} --json`);
      assert.deepEqual(filesOf(JSON.parse(stdout) as Outcome[]), [
        ['web', 'installed', 'web/root.squashfs', 'more/root.ovl.squashfs'],
        ['more', 'installed', 'more/root.ovl.squashfs'],
      ]);
      assert.match(stderr, /^Updating web \(1\/2\)$.*^Updating more \(2\/2\)$/ms);
      assert.match(await run(`app update --all ${moved}`), /^more is up to date: .*$/m);
    });

    it('makes patches or new bases of them where that is wanted, and patches what has no base of its own', async () => {
      const patched = await runJson<Outcome[]>(`app update --all --patch ${moved}`);
      assert.deepEqual(filesOf(patched), [
        ['web', 'installed', 'web/root.ovl.squashfs'],
        ['more', 'installed', 'more/root.ovl.squashfs'],
      ]);
      const rebased = await runJson<Outcome[]>(`app update --all --newbase ${source}`);
      assert.deepEqual(filesOf(rebased), [
        ['web', 'installed', 'web/root.squashfs', 'more/root.ovl.squashfs'],
        ['more', 'installed', 'more/root.ovl.squashfs'],
      ]);
    });

    it('previews them without a change to the checkout', async () => {
      const before = await checkoutFiles(checkout);
      const outcomes = await runJson<Outcome[]>(`app update --all --dry-run ${moved}`);
      assert.deepEqual(
        outcomes.map(({ app, outcome }) => `${app} ${outcome}`),
        ['web previewed', 'more previewed'],
      );
      assert.deepEqual(await checkoutFiles(checkout), before);
    });

    it('goes on after one that fails, tells of all, and ends with 1', async () => {
      await run(`app add aaa --from localhost/app:v2 ${source}`);
      await mkdir(path.join(checkout, 'broken'));
      await writeFile(path.join(checkout, 'broken', 'src.json'), '{');
      const failureOf = (line: string) =>
        run(line).then(
          () => assert.fail('two apps can not be updated'),
          (error: unknown) => error as { code: number; stdout: string; stderr: string },
        );
      const text = await failureOf(`app update --all --patch --dry-run ${moved}`);
      assert.match(
        text.stdout,
        /^web would be .*^! aaa: .*v2.*\.\n! broken: reading broken\/src\.json: .*\.\n$/ms,
      );
      const { code, stdout, stderr } = await failureOf(`app update --all --patch ${moved} --json`);
      assert.equal(code, 1);
      assert.match(stderr, /^pvx: updating all apps: aaa, broken could not be updated\. .*\.\n$/m);
      const outcomes = JSON.parse(stdout) as Outcome[];
      assert.deepEqual(filesOf(outcomes), [
        ['aaa', 'failed'],
        ['broken', 'failed'],
        ['web', 'installed', 'web/root.ovl.squashfs'],
        ['more', 'installed', 'more/root.ovl.squashfs'],
      ]);
      assert.ok(outcomes.every(({ outcome, found, remedy }) => outcome !== 'failed' || (found && remedy)));
    });

    it('warns once of a signature over several of them, also where pvr would build a new base', async () => {
      await mkdir(path.join(checkout, '_sigs'));
      await writeFile(
        path.join(checkout, '_sigs', 'all.json'),
        signatureText(['more/**'], ['more/src.json']),
      );
      const { stderr } = await runBoth(`app update --all --dry-run ${moved}`);
      assert.equal(stderr.match(/_sigs\/all\.json signs what this may change/g)?.length, 1, stderr);
      const ofBase = await runBoth(`app update web --dry-run ${moved}`);
      assert.match(ofBase.stderr, /^warning: _sigs\/all\.json signs what this may change/m);
    });

    it('says so where no app is made from an image', async () => {
      await run('app rm web --with-dependants');
      assert.match(await run('app update --all'), /^There is no app that is made from a docker image\.\n$/);
      assert.deepEqual(await runJson('app update --all'), []);
    });
  });

  it('names the command that mends a base or overlay, wherever that is met', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await run(`app add shop --base web --from localhost/app:extension ${source}`);
    await run(`app update web --patch --from localhost/app:v2 ${source}`);
    const damage = async (file: string, from: number, to?: number) => {
      const bytes = await readFile(path.join(checkout, file));
      await writeFile(path.join(checkout, file), bytes.fill(0x55, from, to));
    };
    const advice =
      /squashfs: .*\. Build it again with pvx app install web, or get it again from where it came\./;
    await damage('web/root.ovl.squashfs', 96);
    await requireFailure('app files web', 1, advice);
    // Contents alone, which only threads read.
    await damage('web/root.squashfs', 96, 120);
    const elsewhere = { ...process.env, PVX_CACHE_DIR: path.join(folder, 'nothing known') };
    const another = new Pvx(path.join(folder, 'home'), elsewhere);
    for (const line of [
      'app update shop --from localhost/app:v2',
      'app update web --patch --from localhost/app:extension',
      'app update web --patch --dry-run --from localhost/app:extension',
    ]) {
      await assert.rejects(another.run(checkout, ...`${line} ${source}`.split(' ')), { stderr: advice });
    }
    await rm(path.join(checkout, 'web/root.squashfs'));
    await requireFailure('app files web --base', 1, /Build it with pvx app install web\./);
    await run(`app install web ${source}`);
    assert.match(await run('app files web --base'), /etc\/hosts/);
  });

  it('previews an update without a change to the checkout', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    const before = await checkoutFiles(checkout);
    const { outcome, overlay } = await runJson<{ outcome: string; overlay: { path: string }[] }>(
      `app update web --patch --dry-run --from localhost/app:v2 ${source}`,
    );
    assert.equal(outcome, 'previewed');
    assert.deepEqual(
      overlay.map((change) => change.path),
      ['etc/new', 'etc/old', 'usr/bin/app'],
    );
    assert.deepEqual(await checkoutFiles(checkout), before);
  });

  it('tells what an overlay holds: path, kind of change, size, and size in the base', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await run(`app update web --patch --from localhost/app:v2 ${source}`);
    const changes =
      await runJson<{ path: string; change: string; size: number; baseSize?: number }[]>('app files web');
    assert.deepEqual(
      changes.map((one) => [one.path, one.change, one.size, one.baseSize]),
      [
        ['etc/new', 'added', 4, undefined],
        ['etc/old', 'deleted', 0, 6],
        ['usr/bin/app', 'changed', 7000, 5000],
      ],
    );
    assert.match(await run('app files web'), /^changed +\/usr\/bin\/app +7 kB +5 kB .*mode 0755 → 0700/m);
    const base = await runJson<{ path: string; size: number }[]>('app files web --base');
    assert.equal(base.find((entry) => entry.path === 'usr/bin/app')?.size, 5000);
    assert.match(await run('app files web --base'), /^c 0666 +0:0 +1:3 +\/dev\/null$/m);
  });

  it('tells what an overlay holds by package: dpkg, apk, opkg, rpm or pip say whose a file is', async () => {
    await run(`app add web --from localhost/packages:p1 ${source}`);
    await run(`app update web --patch --from localhost/packages:p2 ${source}`);
    const { stdout, stderr } = await runBoth('app files web --by package');
    assert.equal(stderr, '');
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      'PACKAGE       VERSION        FILES    SIZE',
      'libssl        3.0.1 → 3.0.2      6  3.1 kB',
      'six           1.17.0 (new)       7    1 kB',
      'old           1 (removed)        2     0 B',
      '(no package)                     3    55 B',
    ]);
    interface Group {
      name?: string;
      files: number;
      bytes: number;
      paths: string[];
    }
    const { packages, noPackage, ...others } = await runJson<{ packages: Group[]; noPackage: Group }>(
      'app files web --by package',
    );
    assert.deepEqual(others, { unread: [] });
    assert.deepEqual(
      packages.map(({ paths }) => paths),
      [
        [
          'usr/lib/libssl.so',
          'usr/lib/libssl.so.3',
          'usr/share',
          'usr/share/doc',
          'usr/share/doc/libssl',
          'var/lib/dpkg/info/libssl:arm64.list',
        ],
        [
          'usr/lib/python3',
          'usr/lib/python3/dist-packages',
          'usr/lib/python3/dist-packages/__pycache__',
          'usr/lib/python3/dist-packages/__pycache__/six.cpython-311.pyc',
          'usr/lib/python3/dist-packages/six-1.17.0.dist-info',
          'usr/lib/python3/dist-packages/six-1.17.0.dist-info/RECORD',
          'usr/lib/python3/dist-packages/six.py',
        ],
        ['usr/bin/old', 'var/lib/dpkg/info/old.list'],
      ],
    );
    const all = await runJson<{ path: string; size: number }[]>('app files web');
    const grouped = [...packages, noPackage].flatMap(({ paths }) => paths);
    assert.deepEqual(grouped.sort(), all.map((change) => change.path).sort());
  });

  it('says where nothing tells of packages, and that a base is not told by them', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await run(`app update web --patch --from localhost/app:v2 ${source}`);
    const { stdout, stderr } = await runBoth('app files web --by package');
    assert.match(stdout, /^\(no package\) +3 +7 kB$/m);
    assert.match(stderr, /^The image has no lists of packages/);
    await requireFailure(
      'app files web --by package --base',
      2,
      /'--by <group>' cannot be used with option '--base'/,
    );
    await requireFailure('app files web --by folder', 2, /Allowed choices are package/);
  });

  it('does nothing when the app has the image already', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    const before = await checkoutFiles(checkout);
    assert.match(await run(`app update web --from localhost/app:v1 ${source}`), /^web is up to date/);
    assert.deepEqual(await checkoutFiles(checkout), before);
  });

  it('makes again what an app has lost', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    const before = await checkoutFiles(checkout);
    await rm(path.join(checkout, 'web', 'run.json'));
    await rm(path.join(checkout, 'web', 'lxc.container.conf'));
    await run('app install web');
    assert.deepEqual(await checkoutFiles(checkout), before);
  });

  it('tells of signatures that will no longer fit before a build, and of those that do not after it', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await mkdir(path.join(checkout, '_sigs'));
    await writeFile(path.join(checkout, '_sigs', 'web.json'), signatureText(['web/**'], ['web/src.json']));
    const update = `app update web --patch --from localhost/app:v2 ${source}`;

    const preview = await runBoth(`${update} --dry-run`);
    assert.match(preview.stderr, /^warning: _sigs\/web\.json signs what this may change/m);
    assert.match(preview.stdout, /^_sigs\/web\.json would no longer fit/m);

    const { stdout, stderr } = await runBoth(update);
    assert.match(stderr, /^warning: _sigs\/web\.json signs what this may change/m);
    assert.match(stdout, /^_sigs\/web\.json no longer fits/m);
  });

  it('removes an app and all that belongs to it', async () => {
    const before = await checkoutFiles(checkout);
    await run(`app add web --from localhost/app:v1 ${source}`);
    await run('app rm web');
    assert.deepEqual(await checkoutFiles(checkout), before);
  });

  it('refuses an extension that a device would start before its base, and names both ways', async () => {
    await writeFile(
      path.join(checkout, 'groups.json'),
      '[{"name":"root","restart_policy":"system"},{"name":"app"}]',
    );
    await run(`app add web --from localhost/app:v1 ${source}`);
    const line = 'app add shop --base web --from localhost/app:extension';
    await requireFailure(
      `${line} ${source}`,
      1,
      /shop may start before web.* Put web into .*root.* with --base-group root\. Or: Choose a name that sorts after web\./,
    );
    await run(`${line} --group app ${source}`);
    const contradictions = async () => {
      const { apps } = await runJson<{ apps: { contradictions: { kind: string; severity: string }[] }[] }>(
        'app ls',
      );
      return apps.flatMap((app) => app.contradictions.map(({ kind, severity }) => [kind, severity]));
    };
    assert.deepEqual(await contradictions(), [['starts-before-base', 'error']]);
    assert.match(await run('app info shop --table'), /^error: shop may start before web, .* Put web into/m);
    await run('app rm shop');
    await run(`${line} --base-group root ${source}`);
    assert.deepEqual(await contradictions(), []);
  });

  it('removes a base that is in use only when that is insisted on', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await run(`app add more --base web --from localhost/app:extension ${source}`);
    await requireFailure('app rm web', 1, /^pvx: .*more.*--with-dependants.*--force.*\n$/);
    await requireFailure('app rm web --force --with-dependants', 2, /cannot be used with/);
    await run('app rm web --force');
    const { apps } = await runJson<{ apps: { name: string }[] }>('app ls');
    assert.deepEqual(
      apps.map(({ name }) => name),
      ['more'],
    );
  });

  it('removes those that extend an app with it, and says before what no commit can bring back', async () => {
    const before = await checkoutFiles(checkout);
    await run(`app add web --from localhost/app:v1 ${source}`);
    await run(`app add more --base web --from localhost/app:extension ${source}`);
    await writeFile(path.join(checkout, 'more', 'notes.txt'), 'mine');
    const { stdout, stderr } = await runBoth('app rm web --with-dependants');
    assert.equal(
      stderr,
      "warning: removing what was never committed, and can't be restored: web, more\n" +
        'warning: removing what pvr does not track, too: more/notes.txt\n' +
        'Changing the checkout\n',
    );
    assert.match(stdout, /^Removed web, more\. /);
    assert.deepEqual(await checkoutFiles(checkout), before);
  });

  it('says in one line what it was doing, what it found and what to do, and ends with 1', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    const added = /^pvx: adding web: there is web already\. .*\n$/;
    await requireFailure(`app add web --from localhost/app:v1 ${source}`, 1, added);
    await requireFailure('app update nowhere', 1, /^pvx: .*nowhere.*\. .*\n$/);
    await requireFailure('app info nowhere', 1, /^pvx: .*nowhere.*\. .*\n$/);
    await requireFailure(
      `app update web --from localhost/app:v3 ${source}`,
      1,
      /^(?:Looking up the image\n)?pvx: .*v3.*\. .*\n$/,
    );
    const lzo = `app add other --from localhost/app:v1 ${source} --format-options=-Xalgorithm`;
    await requireFailure(
      lzo,
      1,
      /^(?:Looking up the image\n)?pvx: .*mksquashfs knows -Xalgorithm, and it can't be done here\. .*\n$/,
    );
  });

  it('tells of each phase once where there is no terminal', async () => {
    const { stdout, stderr } = await runBoth(`app add web --from localhost/app:v1 ${source} --json`);
    assert.doesNotThrow(() => JSON.parse(stdout));
    const lines = stderr.trimEnd().split('\n');
    assert.ok(lines.includes('Looking up the image'), stderr);
    assert.match(stderr, /^Compressing 5 kB$/m);
    assert.equal(new Set(lines).size, lines.length, stderr);
    assert.doesNotMatch(stderr, /[\r\x1b]/);
  });

  it('ends with 2 when it is called wrongly', async () => {
    await requireFailure('apq', 2, /^pvx: unknown command 'apq'/);
    await requireFailure('app add web', 2, /^pvx: required option '--from/);
    await requireFailure('app update web --patch --newbase', 2, /'--patch' cannot be used with.*'--newbase'/);
    await requireFailure('app update', 2, /^pvx: missing required argument 'name', or option '--all'/);
    await requireFailure(
      'app update web --formats',
      2,
      /^pvx: option '--formats' .*needs option '--dry-run'/,
    );
    await requireFailure('app update --all --dry-run --formats', 2, /cannot be used with option '--all'/);
    await requireFailure('app update web --all', 2, /^pvx: argument 'name' cannot be used with.*'--all'/);
    await requireFailure(
      'app update --all --from localhost/app:v1',
      2,
      /'--all' cannot be used with.*'--from/,
    );
    await requireFailure('app update --platform linux/arm --all', 2, /'--all' cannot be used with.*'--plat/);
    await requireFailure('app update --all --patch --newbase', 2, /'--patch' cannot be used with/);
    await requireFailure('app add web --from localhost/app:v1 --arg novalue', 2, /KEY=VALUE/);
  });

  it('says what is wrong with the value of an option or argument, and ends with 2', async () => {
    const wrong = async (args: readonly string[], stderr: RegExp) => {
      const before = await checkoutFiles(checkout);
      await assert.rejects(pvx.run(checkout, ...args), { code: 2, stdout: '', stderr });
      assert.deepEqual(await checkoutFiles(checkout), before);
    };
    const add = ['app', 'add', 'web', '--from', 'localhost/app:v1'];
    await wrong(
      [...add, '--volume', 'foo'],
      /^pvx: option '--volume .*' argument 'foo' is invalid\. It does not say how long .*\. Write it like .*\.\n$/,
    );
    await wrong([...add, '--volume', '/a:boot', '--volume', '/a/:permanent'], /\/a is named twice/);
    await wrong([...add, '--source', 'foo'], /"foo" is not a source/);
    await wrong([...add, '--source', ''], /One of them is empty/);
    await wrong([...add, '--platform', 'linux'], /It is not an operating system/);
    await wrong(['app', 'update', 'web', '--from', ''], /It is empty/);
    await wrong(['app', 'update', 'web', '--from', 'a b'], /It contains a space/);
    await wrong(
      ['app', 'add', '.web', '--from', 'localhost/app:v1'],
      /argument 'name'\. Names that begin with \. are/,
    );
    await wrong([...add, '--base', ''], /Give the name of an app/);
    await wrong(['app', 'rm', ''], /Give the name of an app/);
    await wrong(['app', 'install', '/'], /Give the name of an app/);
    await wrong(['app', 'check', 'web', ''], /Give the name of an app/);
  });

  it('takes an empty platform for none', async () => {
    await pvx.run(checkout, ...`app add web --from localhost/app:v1 ${source} --platform`.split(' '), '');
    assert.match(await run('app info web --table'), /^image: +localhost\/app:v1$/m);
  });

  it('explains each of its commands, also one within another', async () => {
    assert.match(await run('help app add'), /^Usage: pvx app add\|aa .*--base <app>/s);
    assert.match(await run('help app add'), /archive:PATH \(.*last:\s+all\s+that\s+follows/s);
    assert.match(await run('help app'), /^Usage: pvx app\|ap \[options\] \[command\]/);
    await requireFailure('help app ad', 2, /^pvx: unknown command 'ad'/);
  });

  it('takes the name of an app with the slash that shells complete it with, and no other path', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    assert.match(await run('app info web/ --table'), /^app: +web$/m);
    const elsewhere = `../${path.basename(checkout)}/web`;
    await requireFailure(`app files ${elsewhere} --base`, 1, /there is no app \.\./);
    await requireFailure(`app update ${elsewhere}`, 1, /there is no app \.\./);
  });

  it('tells an app without src.json from one that is not there', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await rm(path.join(checkout, 'web', 'src.json'));
    await requireFailure('app update web', 1, /web has no src\.json/);
    await requireFailure('app update wbe', 1, /there is no app wbe\./);
  });

  it('names the app that is missing where another one extends it', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await run(`app add more --base web --from localhost/app:extension ${source}`);
    await run('app rm web --force');
    const missing = /more extends web, which does not exist\. Add web again, or remove more\.\n$/;
    await requireFailure(`app update more ${source}`, 1, missing);
    await requireFailure('app files more', 1, missing);
  });

  it('says of a preview without a change that the app is up to date', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    assert.match(await run(`app update web --dry-run ${source}`), /^web is up to date: /);
  });

  it('ends with 1 when an image could not be checked, and asks nobody about apps that do not exist', async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    await requireFailure(
      'app check wbe',
      1,
      /^pvx: looking for wbe: there is no such app\. Choose one of web\.\n$/,
    );
    const failure = await run('app check').then(
      () => assert.fail('localhost has no registry'),
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );
    assert.equal(failure.code, 1);
    assert.match(failure.stdout, /^web +localhost\/app:v1 +could not be checked$/m);
    assert.match(failure.stdout, /^! web: .*\.$/m);
    assert.match(failure.stderr, /^pvx: checking for newer images: web could not be checked/);
  });

  it('is not troubled by a reader that has seen enough', { skip: process.platform === 'win32' }, async () => {
    await run(`app add web --from localhost/app:v1 ${source}`);
    const { code, stderr } = await pvx.runClosed(checkout, 'app', 'files', 'web', '--base');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  it(
    'says in a line that its result could not be written, and whether the checkout was changed before',
    { skip: process.platform !== 'linux' },
    async () => {
      const full = await open('/dev/full', 'w');
      const requireUnwritten = async (line: string, advice: RegExp) => {
        const { code, stderr } = await pvx.runInto(full.fd, checkout, ...line.split(' '));
        assert.equal(code, 1);
        // Lines of progress and warnings come first.
        assert.match(stderr, /^(?:(?:warning: |[A-Z])[^\n]*\n)*pvx: writing the result: ENOSPC[^\n]*\n$/);
        assert.match(stderr, advice);
      };
      const isDone = /\. What was to be done is done; run pvx app ls to see it\.\n$/;
      const isRead = /\. Make room where it goes, or write it elsewhere\.\n$/;
      const v2 = `--from localhost/app:v2 ${source}`;
      try {
        await requireUnwritten(`app add web --from localhost/app:v1 ${source}`, isDone);
        await requireUnwritten('app ls', isRead);
        await requireUnwritten(`app update web --dry-run ${v2}`, isRead);
        await requireUnwritten(`app update web --patch ${v2}`, isDone);
        await requireUnwritten(`app update web --patch ${v2}`, isRead);
        await requireUnwritten('app rm web', isDone);
      } finally {
        await full.close();
      }
    },
  );

  it('refuses to work outside a checkout', async () => {
    const outside = path.join(folder, 'outside');
    await mkdir(outside);
    await assert.rejects(pvx.run(outside, 'app', 'ls'), {
      code: 1,
      message: /\npvx: looking for the checkout: .* is not in one .*pvx init\.\n$/,
    });
  });
});
