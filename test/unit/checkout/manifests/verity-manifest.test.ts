import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  newVerityManifest,
  readVerityManifest,
  verityManifestText,
} from '../../../../src/core/checkout/manifests/verity-manifest';
import { Problem } from '../../../../src/core/problem';

const made = {
  hashDevice: 'root.squashfs.hash',
  rootHash: Buffer.alloc(32, 0xab),
  salt: Buffer.from('C0FFEE', 'hex'),
  uuid: Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'),
};
const read = (text: string) => readVerityManifest(text, 'root.squashfs', 'web/_dm/root.squashfs.json');

describe('the manifest of a volume that dm-verity verifies', () => {
  it('is what pvr dm-convert writes', () => {
    assert.equal(
      verityManifestText(newVerityManifest('root.squashfs'), made),
      `{"data_device":"root.squashfs","hash_device":"root.squashfs.hash","root_hash":"${'ab'.repeat(32)}",` +
        '"salt":"c0ffee","type":"dm-verity","uuid":"6ba7b810-9dad-11d1-80b4-00c04fd430c8"}',
    );
  });

  it('keeps what it does not know', () => {
    const manifest = read('{"hash_device": "trees/root", "note": 1.50, "root_hash": "old"}');
    assert.equal(manifest.rootHash, undefined);
    assert.equal(manifest.hashDevice, 'trees/root');
    assert.deepEqual(JSON.parse(verityManifestText(manifest, made)), {
      data_device: 'root.squashfs',
      hash_device: 'root.squashfs.hash',
      note: 1.5,
      root_hash: 'ab'.repeat(32),
      salt: 'c0ffee',
      type: 'dm-verity',
      uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    });
  });

  it('gives back what was written, also without salt', () => {
    for (const salt of [made.salt, Buffer.alloc(0)]) {
      const again = read(verityManifestText(newVerityManifest('root.squashfs'), { ...made, salt }));
      assert.equal(again.rootHash, 'ab'.repeat(32));
      assert.deepEqual(again.salt, salt);
      assert.deepEqual(again.uuid, made.uuid);
    }
  });

  it('takes for missing what makes no sense, and must be an object', () => {
    const { rootHash, salt, uuid } = read('{"root_hash": "abc", "salt": "xyz", "uuid": 7}');
    assert.deepEqual([rootHash, salt, uuid], [undefined, undefined, undefined]);
    assert.equal(read(`{"salt": "${'00'.repeat(257)}"}`).salt, undefined);
    assert.throws(() => read('[]'), Problem);
  });
});
