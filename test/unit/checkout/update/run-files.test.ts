import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { mountedNames, readRunManifest } from '../../../../src/core/checkout/manifests/run-manifest';
import {
  readSourceManifest,
  withFields,
  type SourceManifest,
} from '../../../../src/core/checkout/manifests/source-manifest';
import { renderRunFiles } from '../../../../src/core/checkout/template/run-files';
import { updateRunFiles } from '../../../../src/core/checkout/update/run-files';
import { stringifyCanonical } from '../../../../src/core/json/canonical';
import { stringifyIndented } from '../../../../src/core/json/indented';
import { withSortedKeys } from '../../../../src/core/json/key-order';
import { parseJson } from '../../../../src/core/json/parse';
import { Problem } from '../../../../src/core/problem';

const manifest = (fields: Record<string, unknown>): SourceManifest =>
  readSourceManifest(JSON.stringify({ template: 'builtin-lxc-docker', ...fields }), 'web/src.json');

const render = (source: SourceManifest) =>
  renderRunFiles({ app: 'web', manifest: source, defaultGroup: undefined });

function update(
  files: { runJson: string | undefined; lxcContainerConf: string | undefined },
  before: SourceManifest,
  after: SourceManifest,
) {
  return updateRunFiles({
    app: 'web',
    defaultGroup: undefined,
    before: { manifest: before, ...files },
    after: { manifest: after },
  });
}

const plain = manifest({
  docker_digest: 'nginx@sha256:1',
  docker_config: {
    Entrypoint: ['/entry'],
    Cmd: ['nginx'],
    Env: ['PATH=/bin', 'VERSION=1', 'OLD=x'],
    WorkingDir: '/srv',
    Volumes: { '/data': {}, '/gone': {} },
  },
});
const patched = withFields(plain, { docker_ovl_digest: 'nginx@sha256:2' });
const newImage = manifest({
  docker_digest: 'nginx@sha256:1',
  docker_ovl_digest: 'nginx@sha256:2',
  docker_config: {
    Entrypoint: ['/entry'],
    Cmd: ['nginx', '-q'],
    Env: ['PATH=/bin', 'VERSION=2', 'NEW=y'],
    Volumes: { '/data': {}, '/cache': {} },
  },
});

/**
 * As a newer pvr writes it: with members that the 2023 template doesn't know, and laid out by other rules.
 */
const newerRunJson = `{
    "#spec": "service-manifest-run@1",
    "name": "web",
    "auto_recovery": {"policy": "on-failure",   "max_retries": 3},
    "config": "lxc.container.conf",
    "drivers": {"manual": [], "optional": [], "required": []},
    "network": {"pool": "internal"},
    "root-volume": "root.squashfs",
    "services": {"manual": [], "optional": [], "required": []},
    "storage": {
        "docker--data": {"persistence": "revision"},
        "docker--gone": {"persistence": "permanent"},
        "lxc-overlay": {"persistence": "boot"}
    },
    "type": "lxc",
    "volumes": [
        "dm:model.squashfs"
    ]
}
`;
const newerLxc = `# by pvr 050
lxc.tty.max = 8
lxc.pty.max = 2048
lxc.rootfs.path = overlayfs:/volumes/web/extra.squashfs:/volumes/web/root.squashfs:/volumes/web/lxc-overlay/upper
lxc.init.cmd = /entry "nginx"
lxc.init.cwd = /srv
lxc.environment = PATH=/bin
lxc.environment = VERSION=1
lxc.environment = OLD=x
lxc.new.setting = 1
lxc.namespace.keep = user net ipc
lxc.mount.auto = proc sys:rw cgroup
lxc.mount.entry = /etc/resolv.conf etc/resolv.conf none bind,rw,create=file 0 0
lxc.mount.entry = tmpfs run tmpfs rw,nodev,relatime,create=dir,mode=755 0 0
lxc.mount.entry = /volumes/web/docker--data data none bind,rw,create=dir,noexec 0 0
lxc.mount.entry = /volumes/web/docker--gone gone none bind,rw,create=dir 0 0
`;
const newer = { runJson: newerRunJson, lxcContainerConf: newerLxc };

describe('the generated files of an app that this template made', () => {
  it('are generated anew', () => {
    assert.deepEqual(update(render(plain), plain, newImage), render(newImage));
  });

  it('are recognised after pvr clone, which lays run.json out anew and sorts it', () => {
    const { runJson, lxcContainerConf } = render(plain);
    const cloned = stringifyIndented(withSortedKeys(parseJson(runJson, 'test')), {
      prefix: '',
      indent: '    ',
    });
    assert.deepEqual(update({ runJson: cloned, lxcContainerConf }, plain, patched), render(patched));
  });

  it('are recognised in the broken form that pvr writes', () => {
    const folder = path.join('test', 'fixtures', 'goldens', 'template', '16_two_volumes_INVALID_JSON');
    const source = manifest({ args: { PV_EXTRA_VOLUMES: 'x.squashfs,y.squashfs' } });
    const broken = {
      runJson: readFileSync(path.join(folder, 'run.json'), 'utf8').replace('"myapp"', '"web"'),
      lxcContainerConf: render(source).lxcContainerConf,
    };
    assert.deepEqual(update(broken, source, source), render(source));
  });

  it('are recognised where pvr failed after it wrote a new src.json', () => {
    assert.deepEqual(update(render(plain), patched, patched), render(patched));
    assert.deepEqual(update(render(patched), plain, plain), render(plain));
  });

  it('are generated when they are missing', () => {
    assert.deepEqual(
      update({ runJson: undefined, lxcContainerConf: undefined }, plain, patched),
      render(patched),
    );
  });
});

describe('the files of an app that pvr dm-convert changed', () => {
  const enabled = new Map([['root.squashfs', true]]);
  const [verifiedPlain, verifiedPatched] = [plain, patched].map((source) =>
    withFields(source, { dm_enabled: enabled }),
  ) as [SourceManifest, SourceManifest];
  /** pvr leaves the overlay out. */
  const asPvrHasIt = (files: ReturnType<typeof render>) => ({
    ...files,
    runJson: files.runJson.replace('"dm:root.ovl.squashfs"', '"root.ovl.squashfs"'),
  });

  it('are recognised, and have the overlay verified', () => {
    const present = asPvrHasIt(render(verifiedPatched));
    assert.notEqual(present.runJson, render(verifiedPatched).runJson);
    assert.deepEqual(update(present, verifiedPatched, verifiedPatched), render(verifiedPatched));
    assert.deepEqual(update(present, verifiedPatched, verifiedPlain), render(verifiedPlain));
  });

  it('stay so when src.json is silent about it', () => {
    assert.deepEqual(update(render(verifiedPlain), plain, patched), render(verifiedPatched));
  });

  it('are verified no longer when src.json denies it', () => {
    const denied = withFields(plain, { dm_enabled: new Map([['root.squashfs', false]]) });
    assert.deepEqual(update(render(verifiedPlain), denied, denied), render(plain));
  });
});

describe('the files of an app that a newer pvr made', () => {
  it('stay byte for byte when nothing changes', () => {
    assert.deepEqual(update(newer, plain, plain), { ...newer, warnings: [] });
  });

  it('get an overlay, and nothing else', () => {
    const { runJson, lxcContainerConf } = update(newer, plain, patched);
    assert.equal(
      runJson,
      newerRunJson.replace('"dm:model.squashfs"\n', '"root.ovl.squashfs",\n        "dm:model.squashfs"\n'),
    );
    assert.equal(
      lxcContainerConf,
      newerLxc.replace('overlayfs:', 'overlayfs:/volumes/web/root.ovl.squashfs:'),
    );
  });

  it('lose it again with a new base, also when the overlay has dm-verity', () => {
    const { runJson, lxcContainerConf } = update(newer, plain, patched);
    const verified = runJson.replace('"root.ovl.squashfs"', '"dm:root.ovl.squashfs"');
    const back = update({ runJson: verified, lxcContainerConf }, patched, plain);
    assert.equal(back.runJson, newerRunJson);
    assert.equal(back.lxcContainerConf, newerLxc);
  });

  it('follow the image: command, folder, environment and volumes', () => {
    const { runJson, lxcContainerConf } = update(newer, plain, newImage);
    const { storage } = readRunManifest(runJson, 'web/run.json');
    assert.deepEqual([...storage.keys()].sort(), ['docker--cache', 'docker--data', 'lxc-overlay']);
    assert.equal(storage.get('docker--data')?.persistence, 'revision');
    for (const kept of [
      'auto_recovery": {"policy": "on-failure",   "max_retries": 3}',
      '"network": {"pool": "internal"}',
      '"services": {',
    ]) {
      assert.ok(runJson.includes(kept), kept);
    }
    assert.equal(
      lxcContainerConf,
      `# by pvr 050
lxc.tty.max = 8
lxc.pty.max = 2048
lxc.rootfs.path = overlayfs:/volumes/web/root.ovl.squashfs:/volumes/web/extra.squashfs:/volumes/web/root.squashfs:/volumes/web/lxc-overlay/upper
lxc.init.cmd = /entry "nginx""-q"
lxc.environment = PATH=/bin
lxc.environment = VERSION=2
lxc.environment = NEW=y
lxc.new.setting = 1
lxc.namespace.keep = user net ipc
lxc.mount.auto = proc sys:rw cgroup
lxc.mount.entry = /etc/resolv.conf etc/resolv.conf none bind,rw,create=file 0 0
lxc.mount.entry = tmpfs run tmpfs rw,nodev,relatime,create=dir,mode=755 0 0
lxc.mount.entry = /volumes/web/docker--cache cache none bind,rw,create=dir 0 0
lxc.mount.entry = /volumes/web/docker--data data none bind,rw,create=dir,noexec 0 0
`,
    );
  });

  it('get the overlay that src.json already speaks of', () => {
    assert.deepEqual(update(newer, patched, patched), update(newer, plain, patched));
    const { runJson } = update(newer, plain, patched);
    const halfDone = update({ ...newer, runJson }, patched, patched);
    assert.deepEqual(halfDone, update(newer, plain, patched));
  });

  it('keep the layout of a canonical document, which has one line', () => {
    const canonical = stringifyCanonical(parseJson(newerRunJson, 'test'));
    const { runJson } = update({ ...newer, runJson: canonical }, plain, patched);
    assert.doesNotMatch(runJson, /\n/);
    assert.deepEqual(readRunManifest(runJson, 'x').volumes, ['root.ovl.squashfs', 'dm:model.squashfs']);
  });

  it('keep a root volume with dm-verity, and have its overlay verified too', () => {
    const verified = newerRunJson.replace('"root.squashfs"', '"dm:root.squashfs"');
    const { runJson } = update({ ...newer, runJson: verified }, plain, patched);
    assert.deepEqual(mountedNames(readRunManifest(runJson, 'x')), [
      'dm:root.squashfs',
      'dm:root.ovl.squashfs',
      'dm:model.squashfs',
    ]);
    const back = update({ ...newer, runJson }, patched, plain);
    assert.equal(back.runJson, verified);
  });

  it('must have a run.json that is JSON', () => {
    assert.throws(() => update({ ...newer, runJson: '{' }, plain, patched), Problem);
  });
});

describe('lxc.container.conf of an app that is not started', () => {
  const mounted = withFields(plain, { args: new Map([['PV_STATUS_GOAL', 'MOUNTED']]) });

  it('stays when an old one lies there', () => {
    const { runJson } = render(mounted);
    assert.equal(
      update({ runJson, lxcContainerConf: '# mine\n' }, mounted, mounted).lxcContainerConf,
      '# mine\n',
    );
  });

  it('leaves run.json without the type that pvr leaves out, which comes with the next change', () => {
    const { runJson } = render(mounted);
    const pvrs = runJson.replace('\n\t"type":"lxc",', '');
    assert.notEqual(pvrs, runJson);
    assert.equal(update({ runJson: pvrs, lxcContainerConf: undefined }, mounted, mounted).runJson, runJson);
    const edited = pvrs.replace('"name"', '"network": {}, "name"');
    const run = readRunManifest(
      update({ runJson: edited, lxcContainerConf: undefined }, mounted, plain).runJson,
      'x',
    );
    assert.equal(run.document.get('type'), 'lxc');
    assert.ok(run.document.has('network'));
  });

  it('goes with the change that stops the app from being started, and comes with the opposite one', () => {
    assert.equal(update(newer, plain, mounted).lxcContainerConf, undefined);
    const runJson = render(mounted).runJson.replace('"name"', '"network": {}, "name"');
    const started = update({ runJson, lxcContainerConf: undefined }, mounted, plain);
    assert.equal(started.lxcContainerConf, render(plain).lxcContainerConf);
    assert.match(started.runJson, /"config": "lxc\.container\.conf"/);
    assert.match(started.runJson, /"network": \{\}/);
    assert.equal(readRunManifest(started.runJson, 'x').statusGoal, undefined);
  });
});

describe('what pvr wrote so that LXC reads something else', () => {
  const odd = (version: number) =>
    manifest({
      docker_digest: 'nginx@sha256:1',
      docker_config: {
        Cmd: ['nginx'],
        Env: ['NOEQ', 'NOEQ', `VERSION=${version}`, 'T=trail ', 'LINES=a\nb'],
        Volumes: { '/my data': {}, '/': {} },
      },
    });
  const ofPvr = [
    'lxc.environment = NOEQ',
    'lxc.environment = NOEQ',
    'lxc.environment = VERSION=1',
    'lxc.environment = T=trail ',
    'lxc.environment = LINES=a',
    'b',
  ].join('\n');
  const rootVolume = 'lxc.mount.entry = /volumes/web/docker-  none bind,rw,create=dir 0 0\n';
  const ours = 'lxc.environment = VERSION=1\nlxc.environment = "T=trail "';
  const byPvr = (lxcContainerConf: string | undefined) =>
    (lxcContainerConf ?? '')
      .replace(ours, ofPvr)
      .replaceAll('my\\040data', 'my data')
      .replace(/$/, rootVolume);

  it('is mended by an update, and the rest stays as pvr made it', () => {
    const { runJson, lxcContainerConf } = render(odd(1));
    assert.ok(byPvr(lxcContainerConf).includes(ofPvr));
    const files = { runJson, lxcContainerConf: byPvr(lxcContainerConf) };
    assert.deepEqual(update(files, odd(1), odd(2)), render(odd(2)));
  });

  it('is mended beside lines that the template does not know, and what was mended by hand stays', () => {
    const { runJson, lxcContainerConf } = render(odd(1));
    const byHand = byPvr(lxcContainerConf).replace('= NOEQ\n', '= NOEQ=1\n');
    const files = { runJson, lxcContainerConf: `# mine\n${byHand}` };
    const after = update(files, odd(1), odd(2)).lxcContainerConf ?? '';
    assert.deepEqual(
      after.split('\n').filter((line) => /environment|m[iy]|^b$|docker-/.test(line)),
      [
        '# mine',
        'lxc.environment = NOEQ=1',
        'lxc.environment = VERSION=2',
        'lxc.environment = "T=trail "',
        'lxc.mount.entry = /volumes/web/docker--my\\040data my\\040data none bind,rw,create=dir 0 0',
      ],
    );
  });

  it('loses the line ends of Windows', () => {
    const { runJson, lxcContainerConf } = render(odd(1));
    const files = { runJson, lxcContainerConf: lxcContainerConf?.replaceAll('\n', '\r\n') };
    assert.deepEqual(update(files, odd(1), odd(2)), render(odd(2)));
  });
});
