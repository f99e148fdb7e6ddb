import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { newVerityManifest, verityManifestText } from '../../src/core/checkout/manifests/verity-manifest';
import { writeHashFile } from '../../src/core/verity/write-tree';
import { Pvx } from '../device-view/pvx';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { noise } from '../unit/squashfs/memory-tree';

const run = promisify(execFile);

/** Whether veritysetup takes the data for what the root hash says. */
async function isVerified(data: string, hashes: string, rootHash: string): Promise<boolean> {
  try {
    await run('veritysetup', ['verify', data, hashes, rootHash]);
    return true;
  } catch (error) {
    assert.match(String(error), /Verification (failed|of root hash failed)|failed at position/);
    return false;
  }
}

async function flipByte(name: string, position: number): Promise<void> {
  const file = await open(name, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    await file.write(Buffer.from([byte.readUInt8(0) ^ 1]), 0, 1, position);
  } finally {
    await file.close();
  }
}

describe('veritysetup', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'verity-'));
  });
  after(() => rm(folder, { recursive: true }));

  // A tree gets another block, and then another level, behind powers of 128 blocks.
  for (const blocks of [1, 2, 127, 128, 129, 255, 256, 257, 16383, 16384, 16385]) {
    it(`verifies ${blocks} blocks, and makes the same tree of them`, async () => {
      const [data, ours, theirs] = ['data', 'ours', 'theirs'].map((name) =>
        path.join(folder, `${blocks}-${name}`),
      ) as [string, string, string];
      const block = noise(4096, `${blocks}`);
      await writeFile(data, Buffer.concat(Array.from({ length: blocks }, () => block)));
      await flipByte(data, (blocks - 1) * 4096);
      const salt = noise(32, `salt ${blocks}`);
      const uuid = Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex');
      const root = await writeHashFile(data, ours, { salt, uuid }, new AbortController().signal);
      const rootHash = root.toString('hex');
      const options = ['--salt', salt.toString('hex'), '--uuid', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'];
      const { stdout } = await run('veritysetup', ['format', ...options, data, theirs]);
      assert.ok(stdout.includes(rootHash));
      assert.ok((await readFile(ours)).equals(await readFile(theirs)));

      assert.equal(await isVerified(data, ours, rootHash), true);
      for (const position of [0, blocks * 4096 - 1]) {
        await flipByte(data, position);
        assert.equal(await isVerified(data, ours, rootHash), false, `byte ${position} of the data`);
        await flipByte(data, position);
      }
      if (blocks === 1) return;
      await flipByte(ours, 4096);
      assert.equal(await isVerified(data, ours, rootHash), false, 'the tree');
    });
  }

  describe('takes what the builds leave behind:', () => {
    const base = makeImage([
      makeLayer([
        { path: 'bin', kind: 'directory' },
        { path: 'bin/app', kind: 'file', content: 'app 1\n', mode: 0o755 },
        { path: 'data', kind: 'file', content: noise(3_000_000) },
      ]),
    ]);
    const changed = derive(base, [{ path: 'bin/app', kind: 'file', content: noise(100_000), mode: 0o755 }]);
    const other = derive(base, [{ path: 'bin/other', kind: 'file', content: noise(700_000, 'other') }]);
    let checkout: string;
    let pvx: Pvx;
    let source: readonly string[];

    before(async () => {
      checkout = path.join(folder, 'checkout');
      pvx = new Pvx(path.join(folder, 'home'));
      const layout = path.join(folder, 'layout');
      await writeOciLayout(layout, { base, changed, other });
      source = ['--source', `archive:${layout}`];
      await mkdir(checkout);
      await pvx.run(checkout, 'init');
    });

    const manifestOf = async (app: string, volume: string) =>
      JSON.parse(await readFile(path.join(checkout, app, '_dm', `${volume}.json`), 'utf8')) as {
        readonly data_device: string;
        readonly hash_device: string;
        readonly root_hash: string;
        readonly salt: string;
        readonly uuid: string;
      };

    /** As a device does, and as `pvr dm-apply` does (pvr libpvr/dmlib.go), which must change nothing. */
    async function requireVerified(app: string, volume: string): Promise<void> {
      const manifest = await manifestOf(app, volume);
      const { data_device, hash_device, root_hash, salt, uuid } = manifest;
      assert.equal(data_device, volume);
      const [data, hashes] = [data_device, hash_device].map((file) => path.join(checkout, app, file)) as [
        string,
        string,
      ];
      assert.equal(await isVerified(data, hashes, root_hash), true, `${app}/${volume}`);

      const applied = path.join(folder, 'applied');
      await copyFile(hashes, applied);
      const options = ['--salt', salt, '--uuid', uuid];
      const { stdout } = await run('veritysetup', ['format', ...options, data, applied]);
      assert.ok(stdout.includes(root_hash));
      assert.ok((await readFile(applied)).equals(await readFile(hashes)));
    }

    it('a base that was verified by pvr, its patch, a new base, and an extension', async () => {
      await pvx.run(checkout, 'app', 'add', 'web', '--from', 'localhost/web:base', ...source);
      await convert('web', 'root.squashfs');
      await requireVerified('web', 'root.squashfs');
      const { salt } = await manifestOf('web', 'root.squashfs');

      await pvx.run(
        checkout,
        'app',
        'update',
        'web',
        '--patch',
        '--from',
        'localhost/web:changed',
        ...source,
      );
      await requireVerified('web', 'root.squashfs');
      await requireVerified('web', 'root.ovl.squashfs');

      const extension = ['--base', 'web', '--from', 'localhost/web:other'];
      await pvx.run(checkout, 'app', 'add', 'extension', ...extension, ...source);
      await requireVerified('extension', 'root.ovl.squashfs');
      const before = await manifestOf('extension', 'root.ovl.squashfs');

      const newBase = ['--newbase', '--from', 'localhost/web:changed'];
      await pvx.run(checkout, 'app', 'update', 'web', ...newBase, ...source);
      await requireVerified('web', 'root.squashfs');
      assert.equal((await manifestOf('web', 'root.squashfs')).salt, salt);
      await requireVerified('extension', 'root.ovl.squashfs');
      assert.notEqual((await manifestOf('extension', 'root.ovl.squashfs')).root_hash, before.root_hash);

      const data = path.join(checkout, 'web', 'root.squashfs');
      await flipByte(data, 2_000_000);
      const { root_hash } = await manifestOf('web', 'root.squashfs');
      assert.equal(await isVerified(data, `${data}.hash`, root_hash), false);
    });

    /** What `pvr dm-convert` does to an app, with veritysetup's own salt and uuid. */
    async function convert(app: string, volume: string): Promise<void> {
      const at = (name: string) => path.join(checkout, app, name);
      const { stdout } = await run('veritysetup', ['format', at(volume), at(`${volume}.hash`)]);
      const [root, salt, uuid] = ['Root hash', 'Salt', 'UUID'].map((what) => {
        const [, value = ''] = new RegExp(`${what}:\\s+(\\S+)`).exec(stdout) ?? [];
        return Buffer.from(value.replaceAll('-', ''), 'hex');
      }) as [Buffer, Buffer, Buffer];
      const made = { hashDevice: `${volume}.hash`, rootHash: root, salt, uuid };
      await mkdir(at('_dm'));
      await writeFile(at(`_dm/${volume}.json`), verityManifestText(newVerityManifest(volume), made));
      const edits = [
        ['run.json', `"root-volume": "${volume}"`, `"root-volume": "dm:${volume}"`],
        ['src.json', '"docker_name"', `"dm_enabled": {"${volume}": true}, "docker_name"`],
      ] as const;
      for (const [name, part, by] of edits) {
        const text = await readFile(at(name), 'utf8');
        assert.ok(text.includes(part));
        await writeFile(at(name), text.replace(part, by));
      }
    }
  });
});
