import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SquashfsReader } from '../../../src/core/squashfs/reader';
import { addApp } from '../../../src/core/use-cases/add-app';
import { updateApp, type UpdateAppRequest } from '../../../src/core/use-cases/update-app';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { codecDirectory } from '../squashfs/sample';
import { Workshop } from './workshop';

const v1 = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'app 1\n', mode: 0o755 }])]);
const v2 = derive(v1, [{ path: 'bin/app', kind: 'file', content: 'app 2\n', mode: 0o755 }]);
const config = { Volumes: { '/data/': {}, '/empty': {}, '/none': {}, '/link': {} } };
const seeded = derive(
  v1,
  [
    { path: 'data/seed', kind: 'file', content: 'seed\n' },
    { path: 'data/more/link', kind: 'symlink', target: '../seed' },
    { path: 'empty/folder', kind: 'directory' },
    { path: 'link', kind: 'symlink', target: 'data' },
  ],
  { config },
);
const seeded2 = derive(seeded, [{ path: 'data/more/link', kind: 'whiteout' }]);

const capable = (path: string) => ({
  path,
  kind: 'file' as const,
  content: `${path}\n`,
  mode: 0o755,
  xattrs: new Map([['security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex')]]),
});
const ping = derive(v1, [capable('bin/ping')]);
const ping2 = derive(ping, [{ path: 'bin/app', kind: 'file', content: 'app 2\n', mode: 0o755 }]);
const tools = derive(ping, ['bin/a', 'bin/b', 'bin/c', 'bin/d'].map(capable));

describe('what a build warns of', () => {
  let workshop: Workshop;
  let sources: string;
  /** The warnings of a new app. */
  const add = async (
    tag: string,
    more: { app?: string; base?: string; volumes?: Record<string, string>; formatOptions?: string } = {},
  ) => {
    workshop.warnings.length = 0;
    const request = { app: 'web', reference: `localhost:1/web:${tag}`, sources, ...more };
    await addApp(workshop.checkout, request, workshop.environment, workshop.job());
    return [...workshop.warnings];
  };
  /** The warnings of an update. */
  const update = async (
    kind: UpdateAppRequest['kind'],
    tag: string,
    more: { app?: string; isPreview?: boolean } = {},
  ) => {
    workshop.warnings.length = 0;
    const request = { app: 'web', kind, reference: `localhost:1/web:${tag}`, sources, ...more };
    await updateApp(workshop.checkout, request, workshop.environment, workshop.job());
    return [...workshop.warnings];
  };

  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, v2, seeded, seeded2, ping, ping2, tools });
  });
  afterEach(() => workshop.close());

  describe('volumes', () => {
    const hidden = (files: string, app = 'web') =>
      `the volume /data of ${app} hides ${files} that the image has there: a new volume is empty on a device, where docker copies them into it; ` +
      'have the app copy them from another folder when it starts, or do without the volume';

    it('names those whose folder has files in the image, with how many, once for each build', async () => {
      assert.deepEqual(await add('seeded'), [hidden('2 files')]);
      assert.deepEqual(await update('patch', 'seeded2', { isPreview: true }), [hidden('1 file')]);
      assert.deepEqual(await update('patch', 'seeded2'), [hidden('1 file')]);
      assert.deepEqual(await update('new-base', 'seeded'), [hidden('2 files')]);
      assert.deepEqual(await add('seeded', { app: 'shop', base: 'web' }), [hidden('2 files', 'shop')]);
    });

    it('counts those of src.json, but not what lies over the folder', async () => {
      assert.deepEqual(await add('v1', { volumes: { '/bin': 'permanent', 'lxc-overlay': 'boot' } }), [
        hidden('1 file').replace('/data', '/bin'),
      ]);
      assert.deepEqual(await add('v1', { app: 'over', volumes: { 'ovl:/bin': 'permanent' } }), []);
    });
  });

  describe('capabilities', () => {
    const holds = (file: string, names: string) =>
      `${file} holds files with capabilities (${names}), which have no effect where the device's kernel lacks CONFIG_SQUASHFS_XATTR; ` +
      "check the kernel's configuration, or have these programs run as root";

    it('names the first files that have some in what is built, once for each build', async () => {
      assert.deepEqual(await add('ping'), [holds('web/root.squashfs', 'bin/ping')]);
      const ofPatch = [holds('web/root.ovl.squashfs', 'bin/a, bin/b, bin/c, bin/d')];
      assert.deepEqual(await update('patch', 'tools', { isPreview: true }), ofPatch);
      assert.deepEqual(await update('patch', 'tools'), ofPatch);
      assert.deepEqual(await update('new-base', 'tools'), [
        holds('web/root.squashfs', 'bin/a, bin/b, bin/c and 2 more'),
      ]);
    });

    it('says nothing where only the base of a patch has files with some', async () => {
      await add('ping');
      assert.deepEqual(await update('patch', 'ping2'), []);
    });
  });

  describe('the compression of the present base', () => {
    /** Puts a sample in place of the base of an app that is added for it, with the padding that a kernel needs. */
    const putBase = async (sample: 'lz4' | 'x86', filters?: number) => {
      await add('v1');
      const bytes = await readFile(`test/fixtures/squashfs/sample-${sample}.squashfs`);
      // Behind the superblock: a header, the dictionary's size, the filters. Few blocks have any, and all can be read.
      if (filters !== undefined) bytes.writeUInt32LE(filters, 96 + 2 + 4);
      const padded = Buffer.concat([bytes, Buffer.alloc(1024)]);
      await writeFile(path.join(workshop.checkout, 'web/root.squashfs'), padded);
    };
    const compressionWarnings = (warnings: readonly string[]) =>
      warnings.filter((warning) => warning.includes(' base is '));

    it('names a compressor that a build can’t write, with the one it uses, for an overlay and a new base', async () => {
      await putBase('lz4');
      const made = (file: string) =>
        `the base is compressed with lz4, which this build can't write, so ${file} is made with xz; ` +
        `check that the device's kernel reads it, or choose another with "format_options" in src.json`;
      const ofPatch = compressionWarnings(await update('patch', 'v2', { isPreview: true }));
      assert.deepEqual(ofPatch, [made('web/root.ovl.squashfs')]);
      assert.deepEqual(compressionWarnings(await update('new-base', 'v2')), [made('web/root.squashfs')]);
      assert.deepEqual(compressionWarnings(await update('new-base', 'v1')), []);
    });

    const formatOf = async (file: string) => {
      await using reader = await SquashfsReader.open(path.join(workshop.checkout, file), codecDirectory);
      return reader.format.compression;
    };

    it('follows the filters of the present base, in an overlay and in a new base', async () => {
      await putBase('x86');
      assert.deepEqual(compressionWarnings(await update('patch', 'v2')), []);
      assert.deepEqual(await formatOf('web/root.ovl.squashfs'), { compressor: 'xz', filters: ['x86'] });
      assert.deepEqual(compressionWarnings(await update('new-base', 'v2')), []);
      assert.deepEqual(await formatOf('web/root.squashfs'), { compressor: 'xz', filters: ['x86'] });
    });

    it('names a filter that a new base goes without; an overlay is too small for it to matter', async () => {
      await putBase('x86', 0x80);
      assert.deepEqual(compressionWarnings(await update('patch', 'v2', { isPreview: true })), []);
      assert.deepEqual(compressionWarnings(await update('new-base', 'v2')), [
        "the present base is packed with the riscv filter of xz, which can't be written here, so the new one may be larger; " +
          'a patch leaves the present one as it is',
      ]);
      assert.deepEqual(compressionWarnings(await update('new-base', 'v1')), []);
    });

    it('says which kernels read the arm64 filter where it is new, and not where the device reads it already', async () => {
      const needs = (file: string) =>
        `kernels before 6.12 can't read what is packed with xz's arm64 filter, as ${file} is: they mount it, and fail to read files of it; ` +
        `check the version of the device's kernel, or leave arm64 out of -Xbcj in "format_options" of src.json`;
      const formatOptions = '-comp xz -Xbcj arm64';
      assert.deepEqual(await add('v1', { app: 'new', formatOptions }), [needs('new/root.squashfs')]);
      await update('new-base', 'v2', { app: 'new' });
      assert.deepEqual(workshop.warnings, []);
      await putBase('x86', 0x40);
      assert.deepEqual(compressionWarnings(await update('patch', 'v2')), []);
      assert.deepEqual(await formatOf('web/root.ovl.squashfs'), { compressor: 'xz', filters: ['arm64'] });
    });
  });

  describe('what an app keeps for good', () => {
    const keeps = /^web keeps what it writes for good \("lxc-overlay": permanent\).*hide those of the patch/;
    const setPersistence = async (persistence: string) => {
      const file = path.join(workshop.checkout, 'web/run.json');
      const run = JSON.parse(await readFile(file, 'utf8')) as { storage: Record<string, object> };
      run.storage['lxc-overlay'] = { persistence };
      await writeFile(file, JSON.stringify(run));
    };

    it('is told before a patch where run.json alone says so, and what to change there', async () => {
      await add('v1');
      await setPersistence('permanent');
      const [warning = '', ...others] = await update('patch', 'v2');
      assert.match(warning, keeps);
      assert.match(warning, /in "storage" of web\/run\.json, or use volumes/);
      assert.deepEqual(others, []);
      // The update has kept what run.json says.
      assert.match((await update('patch', 'v1')).join(), keeps);
      assert.deepEqual(await update('new-base', 'v2'), []);
    });

    it('is not told where run.json says otherwise than src.json', async () => {
      await add('v1', { volumes: { 'lxc-overlay': 'permanent' } });
      const [warning = ''] = await update('patch', 'v2', { isPreview: true });
      assert.match(warning, keeps);
      assert.match(warning, /in "persistence" of web\/src\.json, and have the app installed again,/);
      await setPersistence('revision');
      assert.deepEqual(await update('patch', 'v2'), []);
    });
  });
});
