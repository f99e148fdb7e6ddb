import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Problem } from '../../../src/core/problem';
import { HashTree } from '../../../src/core/verity/hash-tree';
import { hashFileSize, treeLayout } from '../../../src/core/verity/tree-layout';
import { fitsHashFile, writeHashFile } from '../../../src/core/verity/write-tree';
import { temporaryFolder } from '../checkout/temporary-folder';

const parameters = {
  salt: Buffer.from('c0ffee', 'hex'),
  uuid: Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'),
};
const noSalt = { ...parameters, salt: Buffer.alloc(0) };
const { signal } = new AbortController();

/** Blocks that are all different: each holds nothing but its number, as 32-bit words. */
function numbered(first: number, count: number): Buffer {
  const data = Buffer.alloc(count * 4096);
  for (let index = 0; index < count; index++) {
    for (let at = 0; at < 4096; at += 4) data.writeUInt32LE(first + index, index * 4096 + at);
  }
  return data;
}

/** What veritysetup 2.6.1 makes of that many numbered blocks: the root hash, and the sha256 of the hash file. */
const known: readonly (readonly [blocks: number, size: number, root: string, file: string])[] = [
  [
    1,
    4096,
    '4a974f534b2a12cfd30c8893d3b3b23fa5e1acb21bdac47f16dba2f86ce920d5',
    '75d498ee85724cffe85b6cf62092995efa8b63b167ac9b84826b59b643cd373d',
  ],
  [
    2,
    8192,
    '526bd93e42f04437d388a047ea2e7887db2a292dde48462488ef5400b160be3b',
    '29db51626ff1269e5ef6053125a7759a72e95d87ca65772eef598b0975e2f198',
  ],
  [
    127,
    8192,
    '78c6de72e14646b9e8b09f9290fa204f4841c1f22e70f4a8a1da7ab6aae88483',
    '9c614cb290d5e3d6a70c9ea625772f8c06b34bc195c8e645f8084b39c9509e09',
  ],
  [
    128,
    8192,
    '98c7cd8270cc451d06b1794f6f1d02d73338ea36b9b28db2ec1fd88948271cfa',
    '6f6e7ff271bd03fa8836b7aef5ce0a9ad24b6cb8ba855f1d8fbf5ac1956fc467',
  ],
  [
    129,
    16384,
    'bc19fbf9b12eb2022bf1b82b0a1063ee0b460caf58e41cbe64f04a4dd6c56e6a',
    '4822f12e820c3fdc8847890933ac83cdf235f100e49c0655a9f126f1dbf91bdf',
  ],
];

/** The same for data that is better not written to a disk: 128² blocks, and one more. */
const knownRoots: readonly (readonly [blocks: number, size: number, root: string])[] = [
  [16384, 532480, '28dc7d750019550e88e2a6855f597fda70dd67a8d2e96d51a253a410444024b5'],
  [16385, 544768, '92b57b87b8c6a5e35eb88fb36396f64a9009c7a64f811014934d3a03ce13f55f'],
];

describe('a hash file', () => {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);

  for (const [blocks, size, root, sha256] of known) {
    it(`is what veritysetup makes of ${blocks} blocks`, async () => {
      const [data, hashes] = [at(`${blocks}.data`), at(`${blocks}.hash`)];
      writeFileSync(data, numbered(0, blocks));
      const rootHash = await writeHashFile(data, hashes, parameters, signal);
      assert.equal(rootHash.toString('hex'), root);
      assert.equal(createHash('sha256').update(readFileSync(hashes)).digest('hex'), sha256);
      assert.equal(hashFileSize(blocks * 4096), size);
      assert.equal(statSync(hashes).size, size);
      assert.equal(await fitsHashFile(data, hashes, rootHash, parameters, signal), true);
    });
  }

  it('can do without salt', async () => {
    writeFileSync(at('sevens'), Buffer.concat([numbered(7, 1), numbered(7, 1)]));
    const rootHash = await writeHashFile(at('sevens'), at('sevens.hash'), noSalt, signal);
    assert.equal(
      rootHash.toString('hex'),
      'fc198efe544f0a831be919d3f9ec86b9496cf9f0f60b9ad4bf1e3922eaa42072',
    );
    assert.equal(
      createHash('sha256')
        .update(readFileSync(at('sevens.hash')))
        .digest('hex'),
      'c125631ff6819e8f7232e33c1bbe51e853359912c960730f26e05de58344a7ec',
    );
  });

  it('fits no other data, root hash, salt or tree', async () => {
    const data = numbered(0, 300);
    writeFileSync(at('data'), data);
    const root = await writeHashFile(at('data'), at('hash'), parameters, signal);
    const fits = (dataFile: string, hashFile: string, rootHash = root, others = parameters) =>
      fitsHashFile(at(dataFile), at(hashFile), rootHash, others, signal);
    assert.equal(await fits('data', 'hash'), true);
    assert.equal(await fits('data', 'hash', root, noSalt), false);
    assert.equal(await fits('data', 'hash', Buffer.alloc(32)), false);

    data.writeUInt8(0xff, 299 * 4096 + 17);
    writeFileSync(at('other-data'), data);
    assert.equal(await fits('other-data', 'hash'), false);
    writeFileSync(at('longer-data'), numbered(0, 301));
    assert.equal(await fits('longer-data', 'hash'), false);

    writeFileSync(at('padded-badly'), Buffer.concat([numbered(0, 300), Buffer.alloc(100)]));
    assert.equal(await fits('padded-badly', 'hash'), true, 'as veritysetup sees it');
    writeFileSync(at('nothing'), '');
    assert.equal(await fits('nothing', 'hash'), false);

    const hashes = readFileSync(at('hash'));
    for (const position of [8, 4096 + 5, hashes.length - 1]) {
      const damaged = Buffer.from(hashes);
      damaged.writeUInt8(damaged.readUInt8(position) ^ 1, position);
      writeFileSync(at('damaged'), damaged);
      assert.equal(await fits('data', 'damaged'), false, `byte ${position}`);
    }
    writeFileSync(at('damaged'), hashes.subarray(0, -4096));
    assert.equal(await fits('data', 'damaged'), false);
  });

  it('is refused for what is not whole blocks, and stops when it is told to', async () => {
    writeFileSync(at('odd'), Buffer.alloc(4097));
    writeFileSync(at('empty'), '');
    await assert.rejects(writeHashFile(at('odd'), at('odd.hash'), parameters, signal), Problem);
    await assert.rejects(writeHashFile(at('empty'), at('empty.hash'), parameters, signal), Problem);
    writeFileSync(at('whole'), numbered(0, 3));
    const aborted = AbortSignal.abort();
    await assert.rejects(writeHashFile(at('whole'), at('whole.hash'), parameters, aborted), {
      name: 'AbortError',
    });
  });
});

describe('a hash tree', () => {
  for (const [blocks, size, root] of knownRoots) {
    it(`over ${blocks} blocks has every block in its place`, () => {
      const indices: number[] = [];
      const tree = new HashTree(treeLayout(blocks), parameters.salt, ({ index }) => indices.push(index));
      for (let first = 0; first < blocks; first += 1000) {
        tree.add(numbered(first, Math.min(1000, blocks - first)));
      }
      assert.equal(tree.finish().toString('hex'), root);
      const expected = Array.from({ length: size / 4096 - 1 }, (_, index) => index + 1);
      assert.deepEqual(
        indices.sort((a, b) => a - b),
        expected,
      );
    });
  }
});
