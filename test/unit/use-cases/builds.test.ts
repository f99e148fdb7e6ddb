import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { Problem } from '../../../src/core/problem';
import { addApp } from '../../../src/core/use-cases/add-app';
import { readBaseEntries, readOverlayChanges } from '../../../src/core/use-cases/app-files';
import { checkImages } from '../../../src/core/use-cases/check-images';
import { installApp } from '../../../src/core/use-cases/install-app';
import { removeApp } from '../../../src/core/use-cases/remove-app';
import { updateApp } from '../../../src/core/use-cases/update-app';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { Workshop } from './workshop';

const v1 = makeImage([
  makeLayer([
    { path: 'bin', kind: 'directory' },
    { path: 'bin/app', kind: 'file', content: 'app 1\n', mode: 0o755 },
    { path: 'etc', kind: 'directory' },
    { path: 'etc/private', kind: 'directory', mode: 0o700, uid: 33 },
    { path: 'etc/private/key', kind: 'file', content: 'secret 1\n', mode: 0o600 },
    { path: 'usr', kind: 'directory' },
    { path: 'usr/data', kind: 'file', content: 'x'.repeat(300_000) },
    { path: 'usr/old', kind: 'file', content: 'old\n' },
  ]),
]);
const v2 = derive(v1, [
  { path: 'etc/private/key', kind: 'file', content: 'secret 2\n', mode: 0o640 },
  { path: 'usr/old', kind: 'whiteout' },
]);
/** Of files of three sizes only a mode is another one; a fourth has as many bytes, and others. */
const large = Buffer.alloc(300_000, 'large ');
const plain = derive(v1, [
  { path: 'srv/small', kind: 'file', content: 'small\n' },
  { path: 'srv/large', kind: 'file', content: large },
  { path: 'srv/other', kind: 'file', content: Buffer.alloc(5000, 'a') },
]);
const chmod = derive(plain, [
  { path: 'srv/small', kind: 'file', content: 'small\n', mode: 0o600 },
  { path: 'srv/large', kind: 'file', content: large, mode: 0o755 },
  { path: 'srv/other', kind: 'file', content: Buffer.alloc(5000, 'b'), mode: 0o600 },
]);
const shop = derive(v1, [{ path: 'shop', kind: 'file', content: 'shop\n' }]);

const isProblem = (found: RegExp) => (error: unknown) =>
  error instanceof Problem && found.test(error.message);

describe('builds', () => {
  let workshop: Workshop;
  let sources: string;
  const add = (
    app: string,
    reference: string,
    more: { base?: string; group?: string; args?: Record<string, string> } = {},
  ) => addApp(workshop.checkout, { app, reference, sources, ...more }, workshop.environment, workshop.job());
  const update = (
    app: string,
    kind: 'patch' | 'new-base' | 'automatic',
    more: { reference?: string; isPreview?: boolean } = {},
  ) => updateApp(workshop.checkout, { app, kind, sources, ...more }, workshop.environment, workshop.job());

  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, stable: v1, v2, shop, plain, chmod });
  });
  afterEach(() => workshop.close());

  describe('what waits for the commit', () => {
    it('counts with each build: what a device downloads and restarts with the next revision', async () => {
      const first = await add('web', 'localhost:1/web:v1', { group: 'root' });
      assert.equal(first.waitingDownload, first.download);
      const second = await add('shop', 'localhost:1/web:shop', { base: 'web', group: 'app' });
      assert.equal(second.waitingDownload, first.download + second.download);
      assert.equal(second.restart.effect, 'reboot');
      assert.match(
        second.restart.reason,
        /^web\/.* changes, and the restart policy of group root is system$/,
      );
      const preview = await update('web', 'patch', { reference: 'localhost:1/web:v2', isPreview: true });
      // What the patch replaces waits no longer.
      assert.ok(preview.waitingDownload > second.waitingDownload);
      assert.ok(preview.waitingDownload <= second.waitingDownload + preview.download);
      const patched = await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      assert.equal(patched.waitingDownload, preview.waitingDownload);
    });
  });

  describe('adding an app', () => {
    it('makes all of its files, tracked, from the image', async () => {
      const report = await add('web', 'localhost:1/web:v1');
      assert.equal(report.outcome, 'installed');
      assert.deepEqual(
        report.built.map((file) => [file.path, file.kind, file.isSame]),
        [['web/root.squashfs', 'base', false]],
      );
      const { fields } = await workshop.manifest('web');
      assert.equal(fields.docker_name, 'localhost:1/web');
      assert.equal(fields.docker_tag, 'v1');
      assert.equal(fields.docker_source, 'remote,local');
      assert.match(fields.docker_digest ?? '', /^localhost:1\/web@sha256:[0-9a-f]{64}$/);
      assert.equal(await workshop.text('web/root.squashfs.docker-digest'), fields.docker_digest);
      assert.match(
        (await workshop.text('web/lxc.container.conf')) ?? '',
        /overlayfs:\/volumes\/web\/root.squashfs:/,
      );
      assert.deepEqual(Object.keys(JSON.parse((await workshop.text('.pvr/new')) ?? '{}') as object), [
        'web/lxc.container.conf',
        'web/root.squashfs',
        'web/root.squashfs.docker-digest',
        'web/run.json',
        'web/src.json',
      ]);
      const view = await workshop.view('web/root.squashfs');
      assert.equal(view['etc/private/key'], 'file 600 0:0 secret 1\n');
      assert.equal(view['etc/private'], 'directory 700 33:0');
      assert.equal(view['tmp'], 'directory 1777 0:0');
    });

    it('refuses a name that is taken, a bad one, an unknown group and an unknown tag, and leaves nothing', async () => {
      await add('web', 'localhost:1/web:v1');
      await assert.rejects(add('web', 'localhost:1/web:v1'), isProblem(/there is web already/));
      await assert.rejects(add('../web', 'localhost:1/web:v1'), Problem);
      await assert.rejects(add('Web', 'localhost:1/web:v1'), isProblem(/there is an? (app )?web already/i));
      await assert.rejects(
        add('other', 'localhost:1/web:v1', { group: 'nobody' }),
        isProblem(/no group "nobody".*data, root.*device\.json/s),
      );
      for (const args of [{ PV_GROUP: 'nobody' }, { PV_STATUS_GOAL: 'foo' }, { PV_RESTART_POLICY: 'zzz' }]) {
        await assert.rejects(
          add('other', 'localhost:1/web:v1', { args }),
          isProblem(/there is no .*"(nobody|foo|zzz)".*Choose one of/s),
        );
      }
      await assert.rejects(
        add('other', 'localhost:1/web:v1', { group: 'app', args: { PV_GROUP: 'root' } }),
        isProblem(/PV_GROUP is given twice, as "app" and as "root"/),
      );
      await assert.rejects(add('other', 'localhost:1/web:v9'), isProblem(/v9/));
      await assert.rejects(
        add('other', 'localhost:1/web:v1', { base: 'missing' }),
        isProblem(/no app missing/),
      );
      assert.equal(await stat(path.join(workshop.checkout, 'other')).catch(() => undefined), undefined);
    });

    it('makes an extension app an overlay over the base of another, but not over one of its kind', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      const { fields } = await workshop.manifest('shop');
      assert.equal(fields.base, 'web');
      assert.equal(fields.docker_digest, (await workshop.manifest('web')).fields.docker_digest);
      assert.notEqual(fields.docker_ovl_digest, fields.docker_digest);
      assert.equal(await workshop.text('shop/root.squashfs'), undefined);
      const overlay = await workshop.view('shop/root.ovl.squashfs');
      assert.deepEqual(Object.keys(overlay), ['shop']);
      await assert.rejects(
        add('more', 'localhost:1/web:v2', { base: 'shop' }),
        isProblem(/Extend web instead/),
      );
    });
  });

  describe('updating an app', () => {
    it('ships as a patch what changed, and shows the new image over the old base', async () => {
      await add('web', 'localhost:1/web:v1');
      const report = await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      assert.deepEqual(
        report.built.map((file) => [file.path, file.kind]),
        [['web/root.ovl.squashfs', 'overlay']],
      );
      const changes = await readOverlayChanges(
        workshop.checkout,
        'web',
        workshop.environment.pool.directory,
        workshop.job(),
      );
      assert.deepEqual(
        changes.map(({ path: changed, change }) => [changed, change]),
        [
          ['etc/private/key', 'changed'],
          ['usr/old', 'deleted'],
        ],
      );
      const view = await workshop.view('web/root.ovl.squashfs', 'web/root.squashfs');
      assert.equal(view['etc/private'], 'directory 700 33:0');
      assert.equal(view['etc/private/key'], 'file 640 0:0 secret 2\n');
      assert.equal(view['bin/app'], 'file 755 0:0 app 1\n');
      assert.equal(view['usr/old'], undefined);
      const { fields } = await workshop.manifest('web');
      assert.equal(fields.docker_tag, 'v2');
      assert.notEqual(fields.docker_ovl_digest, fields.docker_digest);
      assert.match((await workshop.text('web/run.json')) ?? '', /"root\.ovl\.squashfs"/);
    });

    it('tells files with other attributes from those with other bytes, where all changes are asked for', async () => {
      await add('web', 'localhost:1/web:plain');
      await update('web', 'patch', { reference: 'localhost:1/web:chmod' });
      const read = async (limit?: number) => {
        const { directory } = workshop.environment.pool;
        const changes = await readOverlayChanges(workshop.checkout, 'web', directory, workshop.job(), limit);
        return changes.map(({ path: changed, change }) => `${changed} ${change}`);
      };
      assert.deepEqual(await read(), ['srv/large attributes', 'srv/other changed', 'srv/small attributes']);
      assert.deepEqual(await read(2), ['srv/large changed', 'srv/other changed']);
    });

    it('does without what the cache knows of a base when that makes no sense', async () => {
      await add('web', 'localhost:1/web:v1');
      const base = await readFile(path.join(workshop.checkout, 'web/root.squashfs'));
      const key = createHash('sha256').update(base).digest('hex');
      const { cache } = workshop.environment;
      const stored = await cache.get('contents-2', key);
      assert.ok(stored !== undefined);
      for (const nonsense of [Buffer.alloc(0), stored.subarray(1), Buffer.concat([stored, stored])]) {
        await cache.put('contents-2', key, nonsense);
        const report = await update('web', 'patch', { reference: 'localhost:1/web:v2', isPreview: true });
        assert.deepEqual(
          report.overlay?.map((change) => change.path),
          ['etc/private/key', 'usr/old'],
        );
      }
    });

    it('says that nothing is to do when the image is the same, and rebuilds a file that is gone', async () => {
      await add('web', 'localhost:1/web:v1');
      assert.equal((await update('web', 'automatic')).outcome, 'unchanged');
      assert.equal((await update('web', 'patch')).outcome, 'unchanged');
      await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      assert.equal((await update('web', 'automatic')).outcome, 'unchanged');
      await rm(path.join(workshop.checkout, 'web/root.ovl.squashfs'));
      assert.equal((await update('web', 'automatic')).outcome, 'installed');
      assert.equal((await update('web', 'automatic')).outcome, 'unchanged');
      await rm(path.join(workshop.checkout, 'web/root.squashfs'));
      await assert.rejects(
        update('web', 'automatic'),
        /web\/root\.squashfs does not exist.*pvx app install web/s,
      );
    });

    it('previews a patch without writing anything', async () => {
      await add('web', 'localhost:1/web:v1');
      const before = await workshop.text('web/src.json');
      const report = await update('web', 'patch', { reference: 'localhost:1/web:v2', isPreview: true });
      assert.equal(report.outcome, 'previewed');
      assert.deepEqual(
        report.overlay?.map(({ path: changed }) => changed),
        ['etc/private/key', 'usr/old'],
      );
      assert.equal(await workshop.text('web/src.json'), before);
      assert.equal(await workshop.text('web/root.ovl.squashfs'), undefined);
      assert.equal(await stat(path.join(workshop.checkout, '.pvr/tmp')).catch(() => undefined), undefined);
    });

    it('makes a new base without the overlay, and takes the overlays of its dependants along', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      const report = await update('web', 'new-base');
      assert.deepEqual(
        report.built.map((file) => file.path),
        ['web/root.squashfs', 'shop/root.ovl.squashfs'],
      );
      assert.equal(await workshop.text('web/root.ovl.squashfs'), undefined);
      assert.equal(await workshop.text('web/root.ovl.squashfs.docker-digest'), undefined);
      const { fields } = await workshop.manifest('web');
      assert.equal(fields.docker_ovl_digest, undefined);
      assert.equal((await workshop.manifest('shop')).fields.docker_digest, fields.docker_digest);
      // The extension app's own image has what the new base dropped or changed.
      const view = await workshop.view('shop/root.ovl.squashfs', 'web/root.squashfs');
      assert.equal(view['shop'], 'file 644 0:0 shop\n');
      assert.equal(view['usr/old'], 'file 644 0:0 old\n');
      assert.equal(view['etc/private/key'], 'file 600 0:0 secret 1\n');
    });

    it('follows another tag of the image that is there', async () => {
      await add('web', 'localhost:1/web:v1');
      const { changedFiles, built, download } = await update('web', 'automatic', {
        reference: 'localhost:1/web:stable',
      });
      assert.deepEqual([changedFiles, built, download], [['web/src.json'], [], 0]);
      assert.equal((await workshop.manifest('web')).fields.docker_tag, 'stable');
    });

    it('refuses a new base of an extension app, and says what to do instead', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      await assert.rejects(
        update('shop', 'new-base'),
        isProblem(/extends web.*pvx app update web --newbase/s),
      );
    });

    it('builds nothing for an app whose base is gone, or that extends itself', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      const builds = [
        () => update('shop', 'patch'),
        () => installApp(workshop.checkout, { app: 'shop' }, workshop.environment, workshop.job()),
      ];
      const manifest = path.join(workshop.checkout, 'shop/src.json');
      const text = await readFile(manifest, 'utf8');
      await writeFile(manifest, text.replace('"base": "web"', '"base": "shop"'));
      for (const build of builds)
        await assert.rejects(build(), isProblem(/shop extends itself.*shop\/src\.json/s));
      await writeFile(manifest, text);
      await removeApp(workshop.checkout, { app: 'web', dependants: 'keep' }, workshop.job());
      for (const build of builds)
        await assert.rejects(build(), isProblem(/shop extends web, which does not exist/));
    });

    it('builds a new base of the same image when format_options ask for another compression', async () => {
      await add('web', 'localhost:1/web:v1');
      const manifest = path.join(workshop.checkout, 'web/src.json');
      const text = await readFile(manifest, 'utf8');
      await writeFile(
        manifest,
        text.replace('"docker_config"', '"format_options": "-comp gzip", "docker_config"'),
      );
      const request = { reference: 'localhost:1/web:v1' };
      assert.equal((await update('web', 'new-base', request)).outcome, 'installed');
      assert.equal((await update('web', 'new-base', request)).outcome, 'unchanged');
    });

    it('does not take an extension app for up to date whose base is cut short', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      await writeFile(path.join(workshop.checkout, 'web/root.squashfs'), '');
      await assert.rejects(
        update('shop', 'patch', { reference: 'localhost:1/web:shop' }),
        isProblem(/web\/root\.squashfs.*0 bytes/s),
      );
    });

    it('takes an app whose "base" is empty for one that has its own', async () => {
      await add('web', 'localhost:1/web:v1');
      const manifest = path.join(workshop.checkout, 'web/src.json');
      const text = await readFile(manifest, 'utf8');
      await writeFile(manifest, text.replace('{', '{"base": "",'));
      const { built } = await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      assert.deepEqual(
        built.map((file) => file.path),
        ['web/root.ovl.squashfs'],
      );
    });

    it('gives the same bytes whichever way it came to an image', async () => {
      await add('one', 'localhost:1/web:v2');
      await add('two', 'localhost:1/web:v1');
      await update('two', 'new-base', { reference: 'localhost:1/web:v2' });
      const { built } = await update('one', 'new-base', { reference: 'localhost:1/web:v2' });
      assert.deepEqual(built, []);
      const bytesOf = (app: string) => readFile(path.join(workshop.checkout, app, 'root.squashfs'));
      assert.ok((await bytesOf('one')).equals(await bytesOf('two')));
    });

    it('compresses for a new base only what the present one does not hold', async () => {
      const { pool } = workshop.environment;
      const compress = pool.compress.bind(pool);
      let bytes = 0;
      pool.compress = (block, ...format) => {
        bytes += block.length;
        return compress(block, ...format);
      };
      const compressed = async (build: () => Promise<unknown>) => {
        bytes = 0;
        await build();
        return bytes;
      };
      const first = await compressed(() => add('web', 'localhost:1/web:v1'));
      const next = await compressed(() => update('web', 'new-base', { reference: 'localhost:1/web:v2' }));
      assert.ok(first > 300_000);
      assert.ok(next < 10_000, `${next} bytes of a service's metadata and two small files`);
    });

    it('keeps what it does not know in src.json', async () => {
      await add('web', 'localhost:1/web:v1');
      const file = path.join(workshop.checkout, 'web/src.json');
      const text = (await workshop.text('web/src.json')) ?? '';
      await writeFile(file, text.replace('"template"', '"pv_build_origin": "yocto",\n  "template"'));
      await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      assert.match(
        (await workshop.text('web/src.json')) ?? '',
        /"pv_build_origin": "yocto",\n {2}"template"/,
      );
    });

    it('leaves the checkout as it was when it is stopped', async () => {
      await add('web', 'localhost:1/web:v1');
      const before = await workshop.text('web/src.json');
      const stopped = new AbortController();
      const job = workshop.job(stopped.signal);
      const building = updateApp(
        workshop.checkout,
        { app: 'web', kind: 'new-base', reference: 'localhost:1/web:v2', sources },
        workshop.environment,
        { ...job, progress: (phase) => phase === 'check' && stopped.abort() },
      );
      await assert.rejects(building, (error) => error === stopped.signal.reason);
      assert.equal(await workshop.text('web/src.json'), before);
      assert.equal(await stat(path.join(workshop.checkout, '.pvr/tmp')).catch(() => undefined), undefined);
      assert.equal(
        (await update('web', 'new-base', { reference: 'localhost:1/web:v2' })).outcome,
        'installed',
      );
    });
  });

  describe('a dependant whose image is gone', () => {
    it('is rebuilt from its own files', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      const before = await workshop.view('shop/root.ovl.squashfs', 'web/root.squashfs');
      sources = await workshop.layout('newer', { v2 });
      await update('web', 'new-base', { reference: 'localhost:1/web:v2' });
      assert.deepEqual(await workshop.view('shop/root.ovl.squashfs', 'web/root.squashfs'), before);
      assert.ok(workshop.warnings.some((warning) => warning.includes('Using the files that shop has now')));
    });
  });

  describe('installing, listing, checking and removing', () => {
    const baseEntries = (app: string) =>
      readBaseEntries(workshop.checkout, app, workshop.environment.pool.directory, workshop.job());

    it('lists a base with owners and links', async () => {
      await add('web', 'localhost:1/web:v1');
      const key = (await baseEntries('web')).find(({ path: entry }) => entry === 'etc/private/key');
      assert.deepEqual(key, { path: 'etc/private/key', kind: 'file', size: 9, mode: 0o600, uid: 0, gid: 0 });
    });

    it('lists the base of an app whatever that is made from', async () => {
      await add('web', 'localhost:1/web:v1');
      const entries = await baseEntries('web');
      const manifest = path.join(workshop.checkout, 'web/src.json');
      const spec = '"#spec": "service-manifest-src@1"';
      for (const source of [
        '"pvr": "https://vendor.example/a#web"',
        '"rootfs_url": "https://vendor.example"',
      ]) {
        await writeFile(manifest, `{${spec}, ${source}}`);
        assert.deepEqual(await baseEntries('web'), entries);
      }
      await rm(manifest);
      assert.deepEqual(await baseEntries('web'), entries);
      await assert.rejects(baseEntries('nothing'), isProblem(/there is no app nothing/));
    });

    it('makes generated files anew, and says so when nothing is missing', async () => {
      await add('web', 'localhost:1/web:v1');
      const runJson = await workshop.text('web/run.json');
      await rm(path.join(workshop.checkout, 'web/run.json'));
      await rm(path.join(workshop.checkout, 'web/lxc.container.conf'));
      const install = () =>
        installApp(workshop.checkout, { app: 'web' }, workshop.environment, workshop.job());
      assert.deepEqual((await install()).changedFiles, ['web/run.json', 'web/lxc.container.conf']);
      assert.equal(await workshop.text('web/run.json'), runJson);
      assert.equal((await install()).outcome, 'unchanged');
    });

    it('makes the overlays of the apps that extend a base anew when src.json asks for another one', async () => {
      await add('web', 'localhost:1/web:v2');
      const asked = await workshop.text('web/src.json');
      await removeApp(workshop.checkout, { app: 'web', dependants: 'refuse' }, workshop.job());
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      await writeFile(path.join(workshop.checkout, 'web/src.json'), asked ?? '');
      const { built } = await installApp(
        workshop.checkout,
        { app: 'web', sources },
        workshop.environment,
        workshop.job(),
      );
      assert.deepEqual(
        built.map((file) => file.path),
        ['web/root.squashfs', 'shop/root.ovl.squashfs'],
      );
      const view = await workshop.view('shop/root.ovl.squashfs', 'web/root.squashfs');
      assert.equal(view['usr/old'], 'file 644 0:0 old\n');
      assert.equal(
        (await workshop.manifest('shop')).fields.docker_digest,
        (await workshop.manifest('web')).fields.docker_digest,
      );
    });

    describe('of files that are whole, but others than were built', () => {
      const install = (app = 'web') =>
        installApp(workshop.checkout, { app, sources }, workshop.environment, workshop.job());
      const read = (file: string) => readFile(path.join(workshop.checkout, file));
      const wrongFiles = async () =>
        (await readCheckout(workshop.checkout)).apps
          .flatMap(({ contradictions }) => contradictions)
          .map((one) => (one.kind === 'wrong-content' ? one.file : one.kind));
      /** As whoever copies files about: other bytes at the same path, written a while ago. */
      const put = async (from: string, to: string) => {
        const file = path.join(workshop.checkout, to);
        await copyFile(path.join(workshop.checkout, from), file);
        await utimes(file, new Date('2026-01-01T00:00:01.5Z'), new Date('2026-01-01T00:00:01.5Z'));
      };

      it('tells of a base and an overlay, and makes them anew', async () => {
        await add('web', 'localhost:1/web:v1');
        await update('web', 'patch', { reference: 'localhost:1/web:v2' });
        await add('other', 'localhost:1/web:plain');
        await update('other', 'patch', { reference: 'localhost:1/web:chmod' });
        assert.deepEqual(await wrongFiles(), []);
        for (const volume of ['root.squashfs', 'root.ovl.squashfs']) {
          const right = await read(`web/${volume}`);
          await put(`other/${volume}`, `web/${volume}`);
          assert.deepEqual(await wrongFiles(), [`web/${volume}`]);
          assert.equal(
            (await update('web', 'patch', { reference: 'localhost:1/web:v2', isPreview: true })).built.length,
            1,
          );
          assert.equal((await install()).outcome, 'installed');
          assert.deepEqual(await read(`web/${volume}`), right);
          assert.deepEqual(await wrongFiles(), []);
          assert.equal((await install()).outcome, 'unchanged');
        }
      });

      it('says so before it makes a patch for such a base', async () => {
        await add('web', 'localhost:1/web:v1');
        await add('other', 'localhost:1/web:plain');
        await put('other/root.squashfs', 'web/root.squashfs');
        await update('web', 'patch', { reference: 'localhost:1/web:v2' });
        assert.match(workshop.warnings.join(), /web\/root\.squashfs is neither .* pvx app install web/);
        const view = await workshop.view('web/root.ovl.squashfs', 'web/root.squashfs');
        assert.equal(view['etc/private/key'], 'file 640 0:0 secret 2\n');
        assert.equal(view['srv/small'], undefined);
      });

      it('makes the overlays anew that were made for such a base', async () => {
        await add('web', 'localhost:1/web:v1');
        await add('other', 'localhost:1/web:plain');
        await put('other/root.squashfs', 'web/root.squashfs');
        await add('shop', 'localhost:1/web:shop', { base: 'web' });
        const before = await workshop.view('shop/root.ovl.squashfs', 'web/root.squashfs');
        await install();
        assert.deepEqual(await workshop.view('shop/root.ovl.squashfs', 'web/root.squashfs'), before);
      });

      it('says which file can’t be read to tell', async () => {
        await add('web', 'localhost:1/web:v1');
        await rm(path.join(workshop.checkout, 'web', 'root.squashfs'));
        await symlink('nowhere', path.join(workshop.checkout, 'web', 'root.squashfs'));
        await assert.rejects(
          update('web', 'patch', { reference: 'localhost:1/web:v2' }),
          (error: unknown) => {
            assert.ok(error instanceof Problem, String(error));
            assert.equal(error.doing, 'reading web/root.squashfs');
            return true;
          },
        );
      });

      it('does not ask what became of an app that was removed', async () => {
        await add('web', 'localhost:1/web:v1');
        const files = ['src.json', 'run.json', 'lxc.container.conf', 'root.squashfs.docker-digest'];
        const kept = await Promise.all(files.map(async (name) => [name, await read(`web/${name}`)] as const));
        await add('other', 'localhost:1/web:plain');
        await removeApp(workshop.checkout, { app: 'web', dependants: 'refuse' }, workshop.job());
        await mkdir(path.join(workshop.checkout, 'web'));
        for (const [name, content] of kept)
          await writeFile(path.join(workshop.checkout, 'web', name), content);
        await put('other/root.squashfs', 'web/root.squashfs');
        assert.deepEqual(await wrongFiles(), []);
      });
    });

    it('builds what cannot be read anew, although its superblock is whole', async () => {
      await add('web', 'localhost:1/web:v1');
      await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      for (const volume of ['root.squashfs', 'root.ovl.squashfs']) {
        const file = path.join(workshop.checkout, 'web', volume);
        const whole = await readFile(file);
        const damaged = Buffer.from(whole);
        damaged.fill(0x55, 96, 200);
        await writeFile(file, damaged);
        const install = () =>
          installApp(workshop.checkout, { app: 'web', sources }, workshop.environment, workshop.job());
        assert.equal((await install()).outcome, 'installed');
        assert.deepEqual(await readFile(file), whole);
        assert.equal((await install()).outcome, 'unchanged');
      }
    });

    it('says what of the generated files it replaces', async () => {
      await add('web', 'localhost:1/web:v1');
      const run = path.join(workshop.checkout, 'web/run.json');
      await writeFile(run, (await readFile(run, 'utf8')).replace('{', '{"by_hand": true,'));
      workshop.warnings.length = 0;
      await installApp(workshop.checkout, { app: 'web' }, workshop.environment, workshop.job());
      assert.deepEqual(workshop.warnings, [
        'made web/run.json anew from src.json: what else it said is gone, unless the last commit has it',
      ]);
    });

    it('says so when the base that an app extends is missing: an overlay alone shows nothing', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      await rm(path.join(workshop.checkout, 'web/root.squashfs'));
      await assert.rejects(
        installApp(workshop.checkout, { app: 'shop' }, workshop.environment, workshop.job()),
        isProblem(/web\/root\.squashfs does not exist.*pvx app install web/s),
      );
    });

    it('does not take an app for up to date whose base is cut short, nor a folder for a file to replace', async () => {
      await add('web', 'localhost:1/web:v1');
      await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      const base = path.join(workshop.checkout, 'web/root.squashfs');
      await writeFile(base, (await readFile(base)).subarray(0, 500));
      await assert.rejects(update('web', 'patch'), isProblem(/reading .*web\/root\.squashfs/));
      await rm(base);
      await mkdir(base);
      await assert.rejects(
        update('web', 'new-base'),
        isProblem(/web\/root\.squashfs: .*not a file.*out of the way/s),
      );
    });

    it('makes a base and an overlay anew whose padding was cut off, which no kernel mounts', async () => {
      await add('web', 'localhost:1/web:v1');
      await update('web', 'patch', { reference: 'localhost:1/web:v2' });
      for (const volume of ['root.squashfs', 'root.ovl.squashfs']) {
        const file = path.join(workshop.checkout, 'web', volume);
        const whole = await readFile(file);
        await truncate(file, Number(whole.readBigUInt64LE(40)));
        const [listed] = (await readCheckout(workshop.checkout, workshop.job().signal)).apps;
        assert.deepEqual(
          listed?.contradictions.map(({ kind }) => kind),
          ['damaged-squashfs'],
        );
        if (volume === 'root.squashfs')
          await assert.rejects(update('web', 'patch'), isProblem(/no kernel mounts it/));
        await installApp(workshop.checkout, { app: 'web', sources }, workshop.environment, workshop.job());
        assert.ok(whole.equals(await readFile(file)), volume);
      }
    });

    it('tells before a patch that what a container keeps for good hides it', async () => {
      const warnings: string[] = [];
      const job = { ...workshop.job(), warn: (warning: string) => warnings.push(warning) };
      const volumes = { 'lxc-overlay': 'permanent' };
      const reference = 'localhost:1/web:v1';
      await addApp(workshop.checkout, { app: 'web', reference, sources, volumes }, workshop.environment, job);
      assert.deepEqual(warnings, []);
      const request = { app: 'web', kind: 'patch', sources, reference: 'localhost:1/web:v2' } as const;
      await updateApp(workshop.checkout, request, workshop.environment, job);
      assert.match(warnings.join(), /^web keeps what it writes for good.*hide those of the patch.*revision/);
    });

    it('reports a check that fails as part of the answer', async () => {
      await add('web', 'localhost:1/web:v1');
      const checks = await checkImages(
        workshop.checkout,
        ['web', 'nobody'],
        workshop.environment,
        workshop.job(),
      );
      assert.deepEqual(
        checks.map(({ app, state }) => [app, state]),
        [
          ['web', 'failed'],
          ['nobody', 'failed'],
        ],
      );
    });

    it('adds nothing of other apps when it removes one', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('other', 'localhost:1/web:v1');
      const before = await workshop.text('.pvr/new');
      for (const app of ['web', 'other']) {
        await mkdir(path.join(workshop.checkout, '_config', app), { recursive: true });
        await writeFile(path.join(workshop.checkout, '_config', app, 'secret.draft'), 'not yet');
      }
      await removeApp(workshop.checkout, { app: 'web', dependants: 'refuse' }, workshop.job());
      const added = Object.keys(JSON.parse((await workshop.text('.pvr/new')) ?? '{}') as object);
      assert.ok(before?.includes('other/src.json'));
      assert.deepEqual(
        added.filter((file) => !file.startsWith('other/')),
        [],
      );
    });

    it('removes an app with everything of its own, unless others extend it', async () => {
      await add('web', 'localhost:1/web:v1');
      await add('shop', 'localhost:1/web:shop', { base: 'web' });
      await assert.rejects(
        removeApp(workshop.checkout, { app: 'web', dependants: 'refuse' }, workshop.job()),
        isProblem(/shop extends/),
      );
      await removeApp(workshop.checkout, { app: 'shop', dependants: 'refuse' }, workshop.job());
      await removeApp(workshop.checkout, { app: 'web', dependants: 'refuse' }, workshop.job());
      assert.equal(await workshop.text('web/src.json'), undefined);
      assert.equal(await workshop.text('.pvr/new'), undefined);
      await assert.rejects(
        removeApp(workshop.checkout, { app: 'web', dependants: 'refuse' }, workshop.job()),
        isProblem(/no such app/),
      );
    });
  });
});
