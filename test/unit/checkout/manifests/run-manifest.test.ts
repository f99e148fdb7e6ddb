import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readRunManifest } from '../../../../src/core/checkout/manifests/run-manifest';
import { volumeFile } from '../../../../src/core/checkout/manifests/volume-name';
import { Problem } from '../../../../src/core/problem';

const golden = (folder: string) =>
  readFileSync(path.join('test', 'fixtures', 'goldens', 'template', folder, 'run.json'), 'utf8');
const read = (text: string) => readRunManifest(text, 'web/run.json');

describe('readRunManifest', () => {
  it('reads what pvr writes', () => {
    const manifest = read(golden('12_group_restart_goal'));
    assert.equal(manifest.rootVolume, 'root.squashfs');
    assert.deepEqual(manifest.volumes, []);
    assert.equal(manifest.group, 'root');
    assert.equal(manifest.restartPolicy, 'system');
    assert.equal(manifest.statusGoal, 'READY');
    assert.equal(manifest.runlevel, undefined);
    assert.deepEqual([...manifest.storage], [['lxc-overlay', { persistence: 'boot', disk: undefined }]]);
  });

  it('reads volumes and their storage', () => {
    const { storage } = read(golden('13_persistence'));
    assert.deepEqual(storage.get('docker--s'), { persistence: 'permanent', disk: 'disk1' });
    assert.deepEqual([...storage.keys()].at(-1), 'lxc-overlay');
  });

  it('tells the file of a volume that is mounted through dm-verity', () => {
    const { rootVolume, volumes } = read(golden('19_dm_root_and_ovl_patch'));
    assert.equal(rootVolume, 'dm:root.squashfs');
    assert.equal(volumeFile(rootVolume), 'root.squashfs');
    assert.deepEqual(volumes.map(volumeFile), ['root.ovl.squashfs']);
  });

  it('reads the broken list of volumes that pvr writes, and mends its text', () => {
    for (const folder of ['16_two_volumes_INVALID_JSON', '17_volume_mount_plus_patch_INVALID_JSON']) {
      const { volumes, text } = read(golden(folder));
      assert.equal(volumes.length, 2);
      assert.deepEqual(read(text).volumes, volumes);
    }
  });

  it('leaves the same characters alone where they are valid', () => {
    const text = '{"group":"a\\",\\n","volumes":[]}';
    assert.equal(read(text).group, 'a",\n');
    assert.equal(read(text).text, text);
  });

  it('takes what is of the wrong kind for absent', () => {
    const manifest = read(
      '{"root-volume":1,"volumes":["a",2,null],"group":[],"storage":{"x":1,"y":{"persistence":"boot","disk":2}}}',
    );
    assert.equal(manifest.rootVolume, undefined);
    assert.equal(manifest.group, undefined);
    assert.deepEqual(manifest.volumes, ['a']);
    assert.deepEqual([...manifest.storage], [['y', { persistence: 'boot', disk: undefined }]]);
    assert.deepEqual(read('{"volumes":{},"storage":[]}').volumes, []);
  });

  it('refuses what is no JSON object', () => {
    for (const text of ['', '[]', '{"a":1,\\n}', 'null']) assert.throws(() => read(text), Problem);
  });
});
