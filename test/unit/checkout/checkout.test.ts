import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { App } from '../../../src/core/checkout/app';
import { type Checkout, readCheckout } from '../../../src/core/checkout/checkout';
import { Problem } from '../../../src/core/problem';
import {
  allContradictions,
  appFiles,
  checkoutOf,
  readChanged,
  signatureText,
  soundFiles,
  squashfs,
  squashfsFile,
  withMembers,
} from './sample-checkout';
import { temporaryCheckout, temporaryFolder, writeFiles } from './temporary-folder';
import { hasNoRights, withoutRights } from './without-rights';

const appOf = ({ apps }: Checkout, name: string): App => {
  const app = apps.find((one) => one.name === name);
  assert.ok(app, name);
  return app;
};
const trackingOf = ({ files }: App) =>
  Object.fromEntries(files.map((file) => [file.path, file.tracking] as const));

/** Made by the real pvr: see test/fixtures. */
describe('checkouts that pvr made', () => {
  const folder = temporaryFolder();
  const unpack = (name: string) => {
    const target = path.join(folder, name);
    mkdirSync(target);
    const archive = path.resolve('test', 'fixtures', 'checkouts', `${name}.tar.gz`);
    execFileSync('tar', ['-xzf', archive], { cwd: target });
    return target;
  };
  const baseImage = 'sha256:aada1fd41cca9a91205d897fcd2206c2f5079d1eba45bc26a4cbea5b2dd775ac';
  const helloImage = 'sha256:571cb4b196bbeac3a5c88609cdf5f1e11aaa35d321f5ddb354e470d53c9eb07e';
  const patchImage = 'sha256:308348ef77435a9ce5f72866911dba2e3c92d7c053d4b0a9f440325bed744511';
  let added: Checkout;
  let patched: Checkout;
  before(async () => {
    added = await readCheckout(unpack('added'));
    patched = await readCheckout(unpack('patched'));
  });

  const base = (checkout: Checkout): App => ({
    name: 'base',
    directory: path.join(checkout.directory, 'base'),
    source: {
      kind: 'docker',
      image: {
        name: 'web',
        tag: 'stable',
        digest: baseImage,
        overlayDigest: undefined,
        sources: ['local'],
        platform: undefined,
      },
      formatOptions: undefined,
    },
    base: { path: 'base/root.squashfs', size: 278_528, digest: baseImage },
    overlay: undefined,
    baseApp: undefined,
    dependants: ['hello'],
    isPatched: false,
    isExtension: false,
    container: {
      group: { name: 'data', from: 'run.json' },
      statusGoal: { value: 'MOUNTED', from: 'run.json' },
      restartPolicy: { value: 'system', from: 'group' },
      hasVerifiedBase: false,
    },
    files: [
      { path: 'root.squashfs', size: 278_528, tracking: 'not-compared' },
      { path: 'root.squashfs.docker-digest', size: 71, tracking: 'unchanged' },
      { path: 'run.json', size: 290, tracking: 'unchanged' },
      // It holds nulls, which pvr drops at commit and takes for a change ever after.
      { path: 'src.json', size: 770, tracking: 'unchanged' },
    ],
    missingFiles: [],
    signedBy: [],
    // pvr leaves the type out.
    contradictions: [{ kind: 'mounted-without-type', app: 'base' }],
  });
  const hello = (checkout: Checkout): App => ({
    name: 'hello',
    directory: path.join(checkout.directory, 'hello'),
    source: {
      kind: 'docker',
      image: {
        name: 'hello',
        tag: 'latest',
        digest: baseImage,
        overlayDigest: helloImage,
        sources: ['local'],
        platform: undefined,
      },
      formatOptions: undefined,
    },
    base: undefined,
    overlay: { path: 'hello/root.ovl.squashfs', size: 4096, digest: helloImage },
    baseApp: 'base',
    dependants: [],
    isPatched: false,
    isExtension: true,
    container: {
      group: { name: 'app', from: 'run.json' },
      statusGoal: { value: 'STARTED', from: 'group' },
      restartPolicy: { value: 'container', from: 'group' },
      hasVerifiedBase: false,
    },
    files: [
      { path: 'lxc.container.conf', size: 484, tracking: 'unchanged' },
      { path: 'root.ovl.squashfs', size: 4096, tracking: 'unchanged' },
      { path: 'root.ovl.squashfs.docker-digest', size: 71, tracking: 'unchanged' },
      { path: 'run.json', size: 315, tracking: 'unchanged' },
      { path: 'src.json', size: 798, tracking: 'unchanged' },
    ],
    missingFiles: [],
    signedBy: [],
    contradictions: [],
  });
  const web = (checkout: Checkout): App => ({
    name: 'web',
    directory: path.join(checkout.directory, 'web'),
    source: {
      kind: 'docker',
      image: {
        name: 'web',
        tag: 'stable',
        digest: baseImage,
        overlayDigest: undefined,
        sources: ['local'],
        platform: undefined,
      },
      formatOptions: undefined,
    },
    base: { path: 'web/root.squashfs', size: 278_528, digest: baseImage },
    overlay: undefined,
    baseApp: undefined,
    dependants: [],
    isPatched: false,
    isExtension: false,
    container: {
      group: { name: 'app', from: 'run.json' },
      statusGoal: { value: 'STARTED', from: 'group' },
      restartPolicy: { value: 'container', from: 'group' },
      hasVerifiedBase: false,
    },
    files: [
      { path: 'lxc.container.conf', size: 550, tracking: 'unchanged' },
      { path: 'root.squashfs', size: 278_528, tracking: 'not-compared' },
      { path: 'root.squashfs.docker-digest', size: 71, tracking: 'unchanged' },
      { path: 'run.json', size: 371, tracking: 'unchanged' },
      { path: 'src.json', size: 754, tracking: 'unchanged' },
    ],
    missingFiles: [],
    signedBy: [],
    contradictions: [],
  });
  const rest = (checkout: Checkout): Omit<Checkout, 'apps'> => ({
    directory: checkout.directory,
    state: { spec: 'pantavisor-service-system@1', files: 15, message: 'three apps', removedApps: [] },
    parts: [
      {
        name: 'groups.json',
        kind: 'groups',
        boots: undefined,
        files: [{ path: 'groups.json', size: 355, tracking: 'unchanged' }],
        missingFiles: [],
      },
    ],
    groups: {
      source: 'groups.json',
      list: [
        { name: 'data', statusGoal: 'MOUNTED', restartPolicy: 'system', recovers: false },
        { name: 'root', statusGoal: 'STARTED', restartPolicy: 'system', recovers: false },
        { name: 'platform', statusGoal: 'STARTED', restartPolicy: 'system', recovers: false },
        { name: 'app', statusGoal: 'STARTED', restartPolicy: 'container', recovers: false },
      ],
    },
    platforms: [],
    signatures: [],
    uncommitted: checkout.uncommitted,
    weight: checkout.weight,
    contradictions: [],
  });

  it('after three apps were added and committed', () => {
    assert.deepEqual(added, { ...rest(added), apps: [base(added), hello(added), web(added)] });
  });

  it('after one of them was patched: pvr leaves the new files to pvr add', () => {
    const plain = web(patched);
    assert.ok(plain.source.kind === 'docker');
    const { image } = plain.source;
    const patchedWeb: App = {
      ...plain,
      source: { ...plain.source, image: { ...image, overlayDigest: patchImage } },
      overlay: { path: 'web/root.ovl.squashfs', size: 4096, digest: patchImage },
      isPatched: true,
      files: [
        { path: 'lxc.container.conf', size: 587, tracking: 'changed' },
        { path: 'root.ovl.squashfs', size: 4096, tracking: 'untracked' },
        { path: 'root.ovl.squashfs.docker-digest', size: 71, tracking: 'untracked' },
        { path: 'root.squashfs', size: 278_528, tracking: 'not-compared' },
        { path: 'root.squashfs.docker-digest', size: 71, tracking: 'unchanged' },
        { path: 'run.json', size: 390, tracking: 'changed' },
        { path: 'src.json', size: 858, tracking: 'changed' },
      ],
    };
    assert.deepEqual(patched, { ...rest(patched), apps: [base(patched), hello(patched), patchedWeb] });
  });

  it('which says what is not committed, and what that means to a device', () => {
    assert.deepEqual(added.uncommitted, [
      { path: 'base/root.squashfs', standing: 'not-compared', size: 278_528 },
      { path: 'web/root.squashfs', standing: 'not-compared', size: 278_528 },
    ]);
    assert.deepEqual(added.weight.parts, []);
    assert.deepEqual(patched.uncommitted, [
      { path: 'base/root.squashfs', standing: 'not-compared', size: 278_528 },
      { path: 'web/lxc.container.conf', standing: 'changed', size: 587 },
      { path: 'web/root.ovl.squashfs', standing: 'untracked', size: 4096 },
      { path: 'web/root.ovl.squashfs.docker-digest', standing: 'untracked', size: 71 },
      { path: 'web/root.squashfs', standing: 'not-compared', size: 278_528 },
      { path: 'web/run.json', standing: 'changed', size: 390 },
      { path: 'web/src.json', standing: 'changed', size: 858 },
    ]);
    const [web, ...others] = patched.weight.parts;
    assert.deepEqual(others, []);
    assert.deepEqual(web?.files, ['web/lxc.container.conf', 'web/run.json', 'web/src.json']);
    assert.equal(web.download, 587);
    assert.equal(web.restart.effect, 'container');
    assert.deepEqual(patched.weight.restart, web.restart);
  });
});

describe('reading a checkout', () => {
  it('gives plain data, which crosses processes as it is', async () => {
    const checkout = await readChanged({
      '_sigs/plain.json': signatureText(['plain/**']),
      'bsp/run.json': '{"linux":"kernel.img"}',
      'plain/services.json': '{',
    });
    assert.deepEqual(structuredClone(checkout), checkout);
    const withoutUndefined = JSON.parse(JSON.stringify(checkout)) as unknown;
    assert.deepEqual(JSON.parse(JSON.stringify(withoutUndefined)), withoutUndefined);
  });

  it('is refused when the folder is not there', async () => {
    await assert.rejects(readCheckout(path.join(temporaryFolder(), 'nowhere')), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.match(error.message, /nowhere does not exist/);
      return true;
    });
  });

  it('says of each file how it differs from the last commit', async () => {
    const checkout = await readChanged({
      '.pvr/json':
        '{"#spec":"pantavisor-service-system@1","web/run.json":{},"web/src.json":{},"plain/run.json":{"a":1}}',
      '.pvr/new': '{"bsp/run.json":{"ForceObject":false,"Sha":"ab"}}',
      '_config/web/note.txt': 'new',
      'bsp/run.json': '{"linux":"kernel.img"}',
      'notes/mine.txt': 'of nobody',
      'web/run.json': '{',
      'web/src.json': undefined,
    });
    const standings = Object.fromEntries(
      checkout.uncommitted.map(({ path: file, standing }) => [file, standing]),
    );
    assert.equal(standings['web/run.json'], 'broken');
    assert.equal(standings['web/src.json'], 'removed');
    assert.equal(standings['plain/run.json'], 'changed');
    assert.equal(standings['bsp/run.json'], 'added');
    assert.equal(standings['notes'], 'untracked');
    assert.equal(standings['_config/web/note.txt'], 'untracked');
  });

  it('says nothing of files where nobody knows what was committed', async () => {
    const { uncommitted } = await readChanged({ '.pvr/json': '{' });
    assert.deepEqual(uncommitted, [{ path: '.pvr/json', standing: 'broken', size: undefined }]);
  });

  it('ends when it is told to', async () => {
    const reason = new Error('stopped');
    const reading = readCheckout(checkoutOf(soundFiles), AbortSignal.abort(reason));
    await assert.rejects(reading, (error: unknown) => error === reason);
  });

  it('shows the apps also where there is no state, and says so', async () => {
    const checkout = await readChanged({ '.pvr/json': undefined });
    assert.equal(checkout.state, undefined);
    assert.equal(checkout.apps.length, 4);
    assert.deepEqual(
      allContradictions(checkout).map((one) => [one.kind, 'file' in one && one.file]),
      [['unreadable', '.pvr/json']],
    );
    assert.ok(trackingOf(appOf(checkout, 'plain'))['src.json'] === 'untracked');
  });

  it('shows the apps also where the state is broken, and says so', async () => {
    for (const state of ['', '{', '[]', '{"#spec":1']) {
      const checkout = await readChanged({ '.pvr/json': state });
      assert.equal(checkout.state, undefined, state);
      assert.equal(checkout.apps.length, 4);
      const [contradiction, ...others] = allContradictions(checkout);
      assert.ok(contradiction?.kind === 'unreadable' && contradiction.file === '.pvr/json', state);
      assert.deepEqual(others, []);
    }
  });

  it('shows healthy apps beside broken ones', async () => {
    const checkout = await readChanged({
      'plain/src.json': '{"#spec": "service-manifest-src@1",}',
      'patched/run.json': '[1, 2]',
      'hello/services.json': '{"a":',
    });
    assert.deepEqual(
      checkout.apps.map(({ name, source, container, contradictions }) => [
        name,
        source.kind,
        container !== undefined,
        contradictions.map((one) => ('file' in one ? [one.kind, one.file] : [one.kind])),
      ]),
      [
        ['base', 'docker', true, []],
        ['hello', 'docker', true, [['unreadable', 'hello/services.json']]],
        ['patched', 'docker', false, [['unreadable', 'patched/run.json']]],
        ['plain', 'unreadable', true, [['unreadable', 'plain/src.json']]],
      ],
    );
  });

  it('shows apps beside one whose folder or files may not be read', { skip: hasNoRights }, async () => {
    const folder = checkoutOf(soundFiles);
    chmodSync(path.join(folder, 'plain', 'src.json'), 0);
    chmodSync(path.join(folder, 'patched'), 0);
    try {
      const checkout = await withoutRights(folder, () => readCheckout(folder));
      assert.deepEqual(
        allContradictions(checkout).map((one) => (one.kind === 'unreadable' ? [one.file, one.found] : one)),
        [
          ['patched', `access to ${path.join(folder, 'patched')} is denied`],
          ['plain/src.json', `access to ${path.join(folder, 'plain', 'src.json')} is denied`],
        ],
      );
      assert.deepEqual(
        checkout.apps.map(({ name, source }) => [name, source.kind]),
        [
          ['base', 'docker'],
          ['hello', 'docker'],
          ['plain', 'unreadable'],
        ],
      );
    } finally {
      chmodSync(path.join(folder, 'patched'), 0o755);
    }
  });

  it(
    'says of a folder that may not be read that, and nothing that follows from it',
    { skip: hasNoRights },
    async () => {
      // Committed, it is an app for certain; otherwise nobody knows what it is.
      for (const committed of [
        {},
        { 'base/src.json': {}, 'base/run.json': {}, 'base/lxc.container.conf': '0'.repeat(64) },
      ]) {
        const folder = checkoutOf({
          ...soundFiles,
          '.pvr/json': JSON.stringify({ '#spec': 'pantavisor-service-system@1', ...committed }),
          '_config/base/etc/motd': 'x',
          '_sigs/base.json': signatureText(['base/**']),
        });
        chmodSync(path.join(folder, 'base'), 0);
        const checkout = await withoutRights(folder, () => readCheckout(folder));
        chmodSync(path.join(folder, 'base'), 0o755);
        assert.deepEqual(
          allContradictions(checkout).map((one) => (one.kind === 'unreadable' ? [one.file, one.found] : one)),
          [['base', `access to ${path.join(folder, 'base')} is denied`]],
        );
        assert.deepEqual(checkout.state?.removedApps, []);
        const base = checkout.apps.find(({ name }) => name === 'base');
        assert.deepEqual(base?.missingFiles ?? [], []);
        assert.notEqual(base?.source.kind, 'none');
      }
    },
  );

  it('says of a .pvr that may not be read that, and nothing more', { skip: hasNoRights }, async () => {
    const folder = checkoutOf(soundFiles);
    chmodSync(path.join(folder, '.pvr'), 0);
    const checkout = await withoutRights(folder, () => readCheckout(folder));
    chmodSync(path.join(folder, '.pvr'), 0o755);
    assert.equal(checkout.state, undefined);
    assert.equal(checkout.apps.length, 4);
    assert.deepEqual(
      allContradictions(checkout).map((one) => (one.kind === 'unreadable' ? [one.file, one.found] : one)),
      [['.pvr/json', `access to ${path.join(folder, '.pvr', 'json')} is denied`]],
    );
  });

  it('says when a folder or a pipe is where a file should be', { skip: hasNoRights }, async () => {
    const folder = checkoutOf({
      ...soundFiles,
      ...{ 'plain/src.json': undefined, 'patched/run.json': undefined, 'base/root.squashfs': undefined },
      '.pvr/json': `{"#spec":"pantavisor-service-system@1","plain/data.conf":"${'0'.repeat(64)}"}`,
    });
    for (const name of ['plain/src.json', 'plain/data.conf', 'base/root.squashfs', 'plain/any'])
      mkdirSync(path.join(folder, name));
    execFileSync('mkfifo', [path.join(folder, 'patched', 'run.json'), path.join(folder, 'hello', 'pipe')]);
    const checkout = await readCheckout(folder);
    assert.deepEqual(
      allContradictions(checkout).map((one) => (one.kind === 'unreadable' ? [one.file, one.found] : one)),
      [
        ['base/root.squashfs', 'it is a folder instead of a file'],
        ['hello/pipe', 'it is a named pipe instead of a file'],
        ['patched/run.json', 'it is a named pipe instead of a file'],
        ['plain/data.conf', 'it is a folder instead of a file'],
        ['plain/src.json', 'it is a folder instead of a file'],
      ],
    );
    assert.equal(appOf(checkout, 'plain').source.kind, 'unreadable');
    assert.deepEqual(appOf(checkout, 'plain').missingFiles, []);
  });

  it('says when a manifest is not a file, or far too large', async () => {
    const folder = checkoutOf({ ...soundFiles, 'plain/src.json': undefined });
    symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'plain', 'src.json'));
    truncateSync(path.join(folder, 'hello', 'src.json'), 20_000_000);
    const checkout = await readCheckout(folder);
    assert.deepEqual(
      checkout.apps.flatMap(({ contradictions }) =>
        contradictions.map((one) => (one.kind === 'unreadable' ? [one.file, one.found] : one)),
      ),
      [
        ['hello/src.json', 'it is 20 MB, more than the 17 MB that such a file may have'],
        ['plain/src.json', `${path.join(folder, 'plain', 'src.json')} does not exist`],
      ],
    );
  });

  it('reads what pvr cannot, and mends nothing', async () => {
    const text = (soundFiles['patched/run.json'] ?? '').replace(
      '"root.ovl.squashfs"',
      '"extra.squashfs",\\n"root.ovl.squashfs"',
    );
    const folder = checkoutOf({ ...soundFiles, 'patched/run.json': text, 'patched/extra.squashfs': 'x' });
    const patched = appOf(await readCheckout(folder), 'patched');
    assert.equal(patched.container?.restartPolicy?.value, 'system');
    assert.deepEqual(
      patched.contradictions.map(({ kind }) => kind),
      ['broken-separator'],
    );
    assert.equal(readFileSync(path.join(folder, 'patched', 'run.json'), 'utf8'), text);
  });
});

describe('what lies at a checkout’s top', () => {
  it('is shown as what it is', async () => {
    const checkout = await readChanged({
      '.git/config': 'x',
      '.pv/pv-kernel.img': 'x',
      '_config/plain/etc/motd': 'x',
      '_hostconfig/pvr/docker.json': '{"platforms":["linux/arm64","linux/arm"]}',
      '_sigs/plain.json': signatureText(['plain/**']),
      '_unknown/file': 'x',
      'bsp/run.json': '{"linux":"kernel.img","initrd":"pantavisor"}',
      'bsp/src.json': '{"#spec":"bsp-manifest-src@1","pvr":"https://example"}',
      'checkpoint.json': '{}',
      'device.json': '{"groups":[{"name":"data"}]}',
      'disks.json': '[]',
      'network-mapping.json': '{}',
      'node_modules/x/package.json': '',
      'README.md': 'x',
      'storage-mapping.json': '{}',
    });
    assert.deepEqual(
      checkout.parts.map(({ name, kind, files }) => [name, kind, files.map((file) => file.path)]),
      [
        ['README.md', 'other', ['README.md']],
        ['_config', 'config', ['_config/plain/etc/motd']],
        ['_hostconfig', 'host-config', ['_hostconfig/pvr/docker.json']],
        ['_sigs', 'signatures', ['_sigs/plain.json']],
        ['_unknown', 'other', []],
        ['bsp', 'bsp', ['bsp/run.json', 'bsp/src.json']],
        ['checkpoint.json', 'checkpoint', ['checkpoint.json']],
        ['device.json', 'device', ['device.json']],
        ['disks.json', 'disks', ['disks.json']],
        ['network-mapping.json', 'network-mapping', ['network-mapping.json']],
        ['node_modules', 'other', []],
        ['storage-mapping.json', 'storage-mapping', ['storage-mapping.json']],
      ],
    );
    assert.deepEqual(checkout.platforms, ['linux/arm64', 'linux/arm']);
    assert.equal(checkout.groups.source, 'device.json');
    assert.equal(checkout.apps.length, 4);
  });

  it('says what a bsp boots', async () => {
    const boots = async (runJson: string) => {
      const { parts } = await readChanged({ 'bsp/run.json': runJson });
      return parts.find(({ name }) => name === 'bsp')?.boots;
    };
    assert.equal(await boots('{"linux":"kernel.img","initrd":"pantavisor"}'), 'kernel');
    assert.equal(await boots('{"fit":"pantavisor.fit","linux":"x"}'), 'fit');
    assert.equal(await boots('{"rpiab":"rpiboot.img"}'), 'rpi-boot-image');
    assert.equal(await boots('{"addons":[]}'), undefined);
    assert.equal(await boots('[]'), undefined);
    assert.equal(await boots('{'), undefined);
  });

  it('has hidden folders where they are tracked', async () => {
    const { parts } = await readChanged({
      '.hidden/file': 'x',
      '.pvr/new': '{".hidden/file":{"ForceObject":false,"Sha":"1"}}',
    });
    assert.deepEqual(parts, [
      {
        name: '.hidden',
        kind: 'other',
        boots: undefined,
        files: [{ path: '.hidden/file', size: 1, tracking: 'added' }],
        missingFiles: [],
      },
    ]);
  });

  it('is an app with a run.json alone, which is what a device looks at', async () => {
    const checkout = await readChanged({ 'made-elsewhere/run.json': soundFiles['plain/run.json'] });
    const app = appOf(checkout, 'made-elsewhere');
    assert.equal(app.source.kind, 'none');
    assert.deepEqual(
      app.contradictions.map(({ kind }) => kind),
      ['wrong-name', 'missing-config', 'missing-volume'],
    );
  });

  it('is no app without either manifest, unless the state has them', async () => {
    const files = { 'lost/root.squashfs': squashfsFile };
    assert.equal((await readChanged(files)).apps.length, 4);
    const checkout = await readChanged({
      ...files,
      '.pvr/json': '{"#spec":"pantavisor-service-system@1","lost/src.json":{},"lost/run.json":{}}',
    });
    const lost = appOf(checkout, 'lost');
    assert.deepEqual(lost.missingFiles, ['src.json', 'run.json']);
    assert.deepEqual(lost.contradictions, [{ kind: 'missing-run-json', app: 'lost' }]);
  });

  it('takes linked files for files, and says that pvr follows no linked folder', async () => {
    const folder = checkoutOf(soundFiles);
    symlinkSync(path.join(folder, 'plain', 'src.json'), path.join(folder, 'linked.txt'));
    symlinkSync(path.join(folder, 'plain'), path.join(folder, 'linked'), 'junction');
    const checkout = await readCheckout(folder);
    assert.deepEqual(
      checkout.parts.map(({ name }) => name),
      ['linked.txt'],
    );
    assert.deepEqual(
      checkout.contradictions.map((one) => (one.kind === 'unreadable' ? [one.file, one.found] : one)),
      [['linked', 'it is a symbolic link to a folder, and pvr follows links to files only']],
    );
  });

  it('names the apps that are gone since the last commit', async () => {
    const { state } = await readChanged({
      '.pvr/json': JSON.stringify({
        '#spec': 'pantavisor-service-system@1',
        'zoo/run.json': {},
        'gone/src.json': {},
        'gone/root.squashfs': '1',
        'plain/src.json': {},
        'docs/readme.txt': '1',
        'bsp/run.json': {},
        'device.json': {},
      }),
      '.pvr/commitmsg': 'first',
    });
    assert.deepEqual(state, {
      spec: 'pantavisor-service-system@1',
      files: 7,
      message: 'first',
      removedApps: ['gone', 'zoo'],
    });
  });
});

describe('what is known about an app', () => {
  it('has the source that src.json names', async () => {
    const { apps } = await readChanged({
      ...appFiles('from-rootfs', { rootfs_url: 'https://example/x.tgz', rootfs_digest: 'sha256:1' }),
      ...appFiles('from-pvr', { pvr: 'https://example/repo#app' }),
      ...appFiles('from-docker', {
        docker_digest: 'from-docker@sha256:1',
        docker_platform: 'linux/arm64',
        format_options: '-comp zstd',
        docker_source: 'remote',
      }),
    });
    const sources = Object.fromEntries(apps.map(({ name, source }) => [name, source]));
    assert.deepEqual(sources['from-rootfs'], {
      kind: 'rootfs',
      url: 'https://example/x.tgz',
      digest: 'sha256:1',
    });
    assert.deepEqual(sources['from-pvr'], { kind: 'pvr', url: 'https://example/repo#app' });
    assert.deepEqual(sources['from-docker'], {
      kind: 'docker',
      image: {
        name: 'from-docker',
        tag: 'latest',
        digest: 'from-docker@sha256:1',
        overlayDigest: undefined,
        sources: ['remote'],
        platform: 'linux/arm64',
      },
      formatOptions: '-comp zstd',
    });
  });

  it('tells patched apps from those that extend another’s base', async () => {
    const { apps } = await readChanged({
      ...appFiles('second', {
        base: 'base',
        docker_digest: 'base@sha256:1',
        docker_ovl_digest: 's@sha256:1',
      }),
      ...squashfs('second/root.ovl.squashfs', 's@sha256:1'),
    });
    assert.deepEqual(
      apps.map(({ name, isPatched, isExtension, baseApp, dependants }) => [
        name,
        isPatched,
        isExtension,
        baseApp,
        dependants,
      ]),
      [
        ['base', false, false, undefined, ['hello', 'second']],
        ['hello', false, true, 'base', []],
        ['patched', true, false, undefined, []],
        ['plain', false, false, undefined, []],
        ['second', false, true, 'base', []],
      ],
    );
  });

  it('is no dependant of itself, whatever src.json says', async () => {
    const checkout = await readChanged(withMembers('plain/src.json', { base: 'plain' }));
    const { baseApp, dependants } = appOf(checkout, 'plain');
    assert.deepEqual({ baseApp, dependants }, { baseApp: 'plain', dependants: [] });
  });

  it('has the group, goal and policy that the device makes of it', async () => {
    const checkout = await readChanged({
      'groups.json': JSON.stringify([
        { name: 'data', status_goal: 'MOUNTED', restart_policy: 'system' },
        { name: 'late', restart_policy: 'container' },
      ]),
      ...withMembers('patched/run.json', { restart_policy: 'system', status_goal: 'READY' }),
      ...withMembers('hello/run.json', { runlevel: 'data' }),
    });
    const containers = Object.fromEntries(checkout.apps.map(({ name, container }) => [name, container]));
    assert.deepEqual(containers['plain'], {
      group: { name: 'late', from: 'default' },
      statusGoal: undefined,
      restartPolicy: { value: 'container', from: 'group' },
      hasVerifiedBase: false,
    });
    assert.deepEqual(containers['patched'], {
      group: { name: 'late', from: 'default' },
      statusGoal: { value: 'READY', from: 'run.json' },
      restartPolicy: { value: 'system', from: 'run.json' },
      hasVerifiedBase: false,
    });
    assert.deepEqual(containers['hello'], {
      group: { name: 'data', from: 'run.json' },
      statusGoal: { value: 'MOUNTED', from: 'group' },
      restartPolicy: { value: 'system', from: 'group' },
      hasVerifiedBase: false,
    });
  });

  it('does not blame an app for groups that can’t be read', async () => {
    const checkout = await readChanged({
      'device.json': '{"groups":',
      ...withMembers('plain/run.json', { group: 'mine' }),
    });
    assert.deepEqual(
      allContradictions(checkout).map((one) => ('file' in one ? [one.kind, one.file] : one)),
      [['unreadable', 'device.json']],
    );
  });

  it('has the signatures that its files and its configuration are covered by', async () => {
    const checkout = await readChanged({
      '_config/hello/etc/motd': 'x',
      '_sigs/all.json': signatureText(['**'], ['_sigs/all.json']),
      '_sigs/config.json': signatureText(['_config/hello/**']),
      '_sigs/pair.json': signatureText(['base/**', 'hello/**'], ['*/src.json']),
      '_sigs/plain.json': signatureText(['plain/src.json'], ['plain/*.json']),
      '_sigs/volumes.json': signatureText(['*/root.squashfs']),
    });
    assert.deepEqual(
      checkout.apps.map(({ name, signedBy }) => [name, signedBy]),
      [
        ['base', ['_sigs/all.json', '_sigs/pair.json', '_sigs/volumes.json']],
        ['hello', ['_sigs/all.json', '_sigs/config.json', '_sigs/pair.json']],
        ['patched', ['_sigs/all.json', '_sigs/volumes.json']],
        ['plain', ['_sigs/all.json', '_sigs/volumes.json']],
      ],
    );
  });

  it('says once that a signature or the platforms are broken', async () => {
    const checkout = await readChanged({
      '_sigs/broken.json': '{"#spec":"pvs@2","protected":"bm90IEpTT04"}',
      '_sigs/no-json.json': '{',
      '_hostconfig/pvr/docker.json': '{"platforms":"linux/arm64"}',
    });
    assert.deepEqual(
      allContradictions(checkout).map((one) => ('file' in one ? [one.kind, one.file] : one)),
      [
        ['unreadable', '_sigs/no-json.json'],
        ['unreadable', '_hostconfig/pvr/docker.json'],
        ['unreadable', '_sigs/broken.json'],
      ],
    );
    assert.deepEqual(checkout.platforms, []);
  });
});

describe('what the next commit makes of a file', () => {
  const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
  const binary = Uint8Array.from([0xff, 0x00, 0xc3, 0x28]);

  it('is told by content, as pvr compares it', async () => {
    const state = {
      '#spec': 'pantavisor-service-system@1',
      'web/src.json': { a: [1, { b: 'c' }], d: 1.5 },
      'web/run.json': { a: 1 },
      'web/id.json': sha256('{"raw":  true}'),
      'web/root.squashfs.hash': sha256(binary),
      'web/lxc.container.conf': sha256('old'),
      'web/root.squashfs': sha256('whatever'),
      'web/gone.txt': sha256('gone'),
    };
    const folder = temporaryCheckout({
      '.pvr/json': JSON.stringify(state),
      '.pvr/new': '{"web/new.txt":{"ForceObject":false,"Sha":"1"}}',
      // Indentation, the order of keys, the spelling of numbers and nulls make no change.
      'web/src.json': '{ "d": 15e-1,\n "a": [1.0, null, {"b": "\\u0063", "x": null}] }',
      'web/run.json': '{"a":2}',
      'web/id.json': '{"raw":  true}',
      'web/lxc.container.conf': 'new',
      'web/root.squashfs': `${squashfsFile}the rest`,
      'web/new.txt': 'new',
      'web/other.txt': 'other',
    });
    writeFileSync(path.join(folder, 'web', 'root.squashfs.hash'), binary);
    const web = appOf(await readCheckout(folder), 'web');
    assert.deepEqual(trackingOf(web), {
      'id.json': 'unchanged',
      'lxc.container.conf': 'changed',
      'new.txt': 'added',
      'other.txt': 'untracked',
      'root.squashfs': 'changed',
      'root.squashfs.hash': 'unchanged',
      'run.json': 'changed',
      'src.json': 'unchanged',
    });
    assert.deepEqual(web.missingFiles, ['gone.txt']);
  });

  it('is not known of large files, which are not read', async () => {
    const folder = temporaryCheckout({
      '.pvr/json': `{"#spec":"pantavisor-service-system@1","web/src.json":{},"web/data":"${sha256('x')}"}`,
      'web/src.json': '{}',
      'web/data': '',
    });
    truncateSync(path.join(folder, 'web', 'data'), 65_537);
    assert.equal(trackingOf(appOf(await readCheckout(folder), 'web'))['data'], 'not-compared');
    truncateSync(path.join(folder, 'web', 'data'), 65_536);
    assert.equal(trackingOf(appOf(await readCheckout(folder), 'web'))['data'], 'changed');
  });

  it('also says so of what a JSON file became that can’t be read', async () => {
    const folder = temporaryCheckout({
      '.pvr/json': '{"#spec":"pantavisor-service-system@1","web/src.json":{},"web/run.json":{}}',
      'web/src.json': '{',
      'web/run.json': '',
    });
    assert.deepEqual(trackingOf(appOf(await readCheckout(folder), 'web')), {
      'src.json': 'changed',
      'run.json': 'changed',
    });
  });

  it('leaves the apps readable when .pvr/new is broken', async () => {
    const checkout = await readChanged({ '.pvr/new': '[' });
    assert.equal(checkout.apps.length, 4);
    assert.deepEqual(
      allContradictions(checkout).map((one) => ('file' in one ? one.file : one)),
      ['.pvr/new'],
    );
  });
});

describe('a large checkout', () => {
  it('of 200 apps with half a gigabyte each is listed without reading that', async (test) => {
    const folder = temporaryFolder();
    const state: Record<string, unknown> = { '#spec': 'pantavisor-service-system@1' };
    for (let index = 0; index < 200; index++) {
      const name = `app-${String(index).padStart(3, '0')}`;
      const files = {
        ...appFiles(name, { docker_digest: `${name}@sha256:1`, docker_ovl_digest: `${name}@sha256:2` }),
        ...squashfs(`${name}/root.squashfs`, `${name}@sha256:1`),
        ...squashfs(`${name}/root.ovl.squashfs`, `${name}@sha256:2`),
      } as Record<string, string>;
      writeFiles(folder, files);
      truncateSync(path.join(folder, name, 'root.squashfs'), 500_000_000);
      for (const [file, content] of Object.entries(files)) {
        state[file] = file.endsWith('.json')
          ? JSON.parse(content)
          : createHash('sha256').update(content).digest('hex');
      }
    }
    writeFiles(folder, { '.pvr/json': JSON.stringify(state) });

    const start = performance.now();
    const checkout = await readCheckout(folder);
    test.diagnostic(`200 apps of 500 MB: ${Math.round(performance.now() - start)} ms`);

    assert.equal(checkout.apps.length, 200);
    assert.ok(checkout.apps.every(({ base }) => base?.size === 500_000_000));
    assert.ok(checkout.apps.every(({ isPatched }) => isPatched));
    assert.deepEqual(allContradictions(checkout), []);
    rmSync(folder, { recursive: true });
  });
});
