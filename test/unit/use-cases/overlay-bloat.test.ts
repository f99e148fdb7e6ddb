import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bloatByName, type BloatFinding } from '../../../src/core/rootfs/bloat';
import type { OverlayChange } from '../../../src/core/rootfs/overlay-changes';
import { addApp } from '../../../src/core/use-cases/add-app';
import { readOverlayBloat } from '../../../src/core/use-cases/overlay-bloat';
import { updateApp } from '../../../src/core/use-cases/update-app';
import { Random } from '../../device-view/random';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { Workshop } from './workshop';

const MiB = 1024 * 1024;

describe('bloatByName', () => {
  const kindsOf = (path: string, more: Partial<OverlayChange> = {}) =>
    bloatByName([{ path, change: 'added', kind: 'file', size: 5, details: [], ...more }]).map(
      ({ kind }) => kind,
    );

  const known: readonly (readonly [string, string])[] = [
    ['var/lib/apt/lists/deb.debian.org_InRelease', 'aptLists'],
    ['var/cache/apt/pkgcache.bin', 'aptCache'],
    ['var/lib/dpkg/status-old', 'dpkgBackups'],
    ['var/lib/dpkg/diversions-old', 'dpkgBackups'],
    ['var/cache/debconf/templates.dat-old', 'debconfBackups'],
    ['var/cache/ldconfig/aux-cache', 'ldconfigCache'],
    ['var/cache/apk/APKINDEX.tar.gz', 'apkCache'],
    ['etc/apk/cache/musl-1.2.5-r0.c5ad9ed5.apk', 'apkCache'],
    ['var/cache/opkg/busybox_1.36.1-r0_core2-64.ipk', 'opkgCache'],
    ['var/lib/opkg/lists/oe-core', 'opkgCache'],
    ['usr/lib/opkg/lists/oe-core', 'opkgCache'],
    ['tmp/opkg-lists/base', 'opkgCache'],
    ['var/cache/dnf/x', 'rpmCache'],
    ['root/.cache/pip/http/a', 'pipCache'],
    ['root/.cache/pip/http-v2/a/b/c', 'pipCache'],
    ['var/cache/fontconfig/3830d5c3ddfd5cd38a049b759396e72e-le64.cache-9', 'fontCache'],
    ['var/cache/man/de/index.db', 'manCache'],
    ['root/.npm/_cacache/b', 'npmCache'],
    ['opt/app/__pycache__/main.pyc', 'pythonCache'],
    ['srv/.git/objects/1', 'versionControl'],
    ['var/log/dpkg.log', 'logs'],
    ['tmp/x', 'temporary'],
    ['usr/lib/python3/site-packages/numpy/core/tests/data.bin', 'tests'],
  ];
  for (const [path, kind] of known) it(`knows ${path}`, () => assert.deepEqual(kindsOf(path), [kind]));

  it('leaves alone what only looks like it, and what adds nothing', () => {
    for (const path of [
      'etc/apk/repositories',
      'etc/ld.so.cache',
      'lib/apk/db/scripts.tar',
      'var/cache/debconf/config.dat',
      'var/lib/dpkg/status',
      'var/lib/dpkg/info/base-files.list',
      'usr/lib/opkg/status',
      'srv/.gitignore',
      'var/lib/app/tmp/x',
      'opt/tests/a',
      'var/logs/a',
    ]) {
      assert.deepEqual(kindsOf(path), [], path);
    }
    assert.deepEqual(kindsOf('tmp/x', { change: 'deleted' }), []);
    assert.deepEqual(kindsOf('tmp/x', { kind: 'directory' }), []);
    assert.deepEqual(kindsOf('tmp/x', { hardLinkOf: 'y' }), []);
  });

  it('gathers the files of one kind, the heaviest first', () => {
    const change = (path: string, size: number): OverlayChange => ({
      path,
      change: 'added',
      kind: 'file',
      size,
      details: [],
    });
    const found = bloatByName([change('tmp/a', 1), change('tmp/b', 7), change('var/log/c', 20)]);
    assert.deepEqual(
      found.map(({ kind, paths, count, bytes }) => [kind, paths, count, bytes]),
      [
        ['logs', ['var/log/c'], 1, 20],
        ['temporary', ['tmp/b', 'tmp/a'], 2, 8],
      ],
    );
  });
});

describe('readOverlayBloat', () => {
  let workshop: Workshop;
  let found: readonly BloatFinding[];
  const content = new Random(1).bytes(2 * MiB);
  const inOneByte = Buffer.from(content);
  inOneByte[MiB] = (inOneByte[MiB] ?? 0) ^ 1;

  before(async () => {
    workshop = await Workshop.open();
    const v1 = makeImage([
      makeLayer([
        { path: 'library', kind: 'file', content: new Random(2).bytes(100_000) },
        { path: 'model', kind: 'file', content },
        { path: 'replaced', kind: 'file', content: new Random(3).bytes(MiB) },
      ]),
    ]);
    const v2 = derive(v1, [
      { path: "it's a copy", kind: 'file', content: new Random(2).bytes(100_000) },
      { path: 'other', kind: 'file', content: new Random(4).bytes(100_000) },
      { path: 'model', kind: 'file', content: inOneByte },
      { path: 'replaced', kind: 'file', content: new Random(5).bytes(MiB) },
    ]);
    const sources = await workshop.layout('images', { v1, v2 });
    const { checkout, environment } = workshop;
    await addApp(
      checkout,
      { app: 'web', reference: 'localhost:1/web:v1', sources },
      environment,
      workshop.job(),
    );
    const update = { app: 'web', kind: 'patch', reference: 'localhost:1/web:v2', sources } as const;
    await updateApp(checkout, update, environment, workshop.job());
    found = await readOverlayBloat(checkout, 'web', environment, workshop.job());
  });
  after(() => workshop.close());

  it('finds a file that changed in few bytes, and not one that is another', () => {
    const hardly = found.find(({ kind }) => kind === 'fewBytes');
    assert.deepEqual([hardly?.paths, hardly?.bytes], [['model'], 2 * MiB]);
  });

  it('finds what the base has under another name, and not what has only its size', () => {
    const copy = found.find(({ kind }) => kind === 'copy');
    assert.deepEqual(copy?.paths, ["it's a copy"]);
    assert.equal(copy.avoidedBy.line, "RUN ln -s /library '/it'\\''s a copy'");
  });
});
