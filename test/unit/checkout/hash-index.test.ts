import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  linkSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { knownFiles } from '../../../src/core/checkout/checkout-files';
import { HashIndex } from '../../../src/core/checkout/hashes/hash-index';
import { hashIndexPath } from '../../../src/core/checkout/hashes/index-file';
import { sha256OfFile } from '../../../src/core/files/hash-file';
import { temporaryCheckout, temporaryFolder } from './temporary-folder';

const large = (letter: string) => letter.repeat(100_000);
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const longAgo = new Date('2026-01-02T03:04:05.678Z');
const file = 'web/root.squashfs';

/** A checkout with a large file that was written long ago, and committed. */
function checkoutOf(content: string, committed = content): string {
  const checkout = temporaryCheckout({
    '.pvr/json': JSON.stringify({ '#spec': 'pantavisor-service-system@1', [file]: sha256(committed) }),
    [file]: content,
  });
  utimesSync(path.join(checkout, file), longAgo, longAgo);
  return checkout;
}

/** Hashes it where that is needed, keeps what was learnt, and answers which files were read. */
async function filesRead(checkout: string): Promise<readonly string[]> {
  const read: string[] = [];
  const hashes = await HashIndex.open(checkout);
  const hash = (absolute: string) => {
    read.push(path.relative(checkout, absolute));
    return sha256OfFile(absolute);
  };
  assert.equal(await hashes.hash(file, hash), sha256(readFileSync(path.join(checkout, file), 'utf8')));
  await hashes.save();
  return read;
}

async function trackingIn(checkout: string): Promise<string | undefined> {
  return knownFiles(await readCheckout(checkout)).find(({ path: name }) => name === file)?.tracking;
}

describe('the index of hashes', () => {
  it('reads a file once, and tells from then on whether it is the one that was committed', async () => {
    const checkout = checkoutOf(large('a'));
    assert.equal(await trackingIn(checkout), 'not-compared');
    assert.deepEqual(await filesRead(checkout), [file]);
    assert.equal(await trackingIn(checkout), 'unchanged');
    assert.deepEqual(await filesRead(checkout), []);

    const other = checkoutOf(large('a'), large('b'));
    await filesRead(other);
    assert.equal(await trackingIn(other), 'changed');
  });

  it('reads a file again that has another time, size or inode', async () => {
    const changes: Readonly<Record<string, (absolute: string) => void>> = {
      time: (absolute) => utimesSync(absolute, longAgo, new Date(longAgo.getTime() + 1)),
      size: (absolute) => {
        writeFileSync(absolute, `${large('b')}b`);
        utimesSync(absolute, longAgo, longAgo);
      },
      inode: (absolute) => {
        writeFileSync(`${absolute}.new`, large('b'));
        utimesSync(`${absolute}.new`, longAgo, longAgo);
        renameSync(`${absolute}.new`, absolute);
      },
    };
    for (const [what, change] of Object.entries(changes)) {
      const checkout = checkoutOf(large('a'));
      await filesRead(checkout);
      change(path.join(checkout, file));
      assert.deepEqual(await filesRead(checkout), [file], what);
    }
  });

  it('reads a file again that was written when it was hashed: what came after may have the same time', async () => {
    const checkout = checkoutOf(large('a'));
    const absolute = path.join(checkout, file);
    utimesSync(absolute, new Date(), new Date(Date.now() + 1_000.5));
    assert.deepEqual(await filesRead(checkout), [file]);
    assert.deepEqual(await filesRead(checkout), [file]);
  });

  it('goes by two seconds where times have no more than seconds', async () => {
    const checkout = checkoutOf(large('a'));
    const absolute = path.join(checkout, file);
    const second = new Date(Math.floor(Date.now() / 1000) * 1000);
    utimesSync(absolute, second, second);
    assert.deepEqual(await filesRead(checkout), [file]);
    assert.deepEqual(await filesRead(checkout), [file]);
    const before = new Date(second.getTime() - 10_000);
    utimesSync(absolute, before, before);
    assert.deepEqual(await filesRead(checkout), [file]);
    assert.deepEqual(await filesRead(checkout), []);
  });

  it('knows what a link points to', async () => {
    const checkout = checkoutOf(large('a'));
    const absolute = path.join(checkout, file);
    const elsewhere = path.join(temporaryFolder(), 'elsewhere');
    linkSync(absolute, elsewhere);
    renameSync(absolute, `${absolute}.old`);
    symlinkSync(elsewhere, absolute);
    await filesRead(checkout);
    assert.equal(await trackingIn(checkout), 'unchanged');
    writeFileSync(elsewhere, large('b'));
    assert.deepEqual(await filesRead(checkout), [file]);
  });

  it('is made anew when it is broken, a folder or of another version', async () => {
    for (const broken of [
      '',
      '{',
      'null',
      '[]',
      '{"version":3}',
      '{"version":2}',
      '{"version":2,"files":{"x":{}},"built":[1]}',
    ]) {
      const checkout = checkoutOf(large('a'));
      writeFileSync(path.join(checkout, hashIndexPath), broken);
      assert.equal(await trackingIn(checkout), 'not-compared', broken);
      await filesRead(checkout);
      assert.deepEqual(await filesRead(checkout), [], broken);
    }
    const checkout = temporaryCheckout({ [`${hashIndexPath}/x`]: '', [file]: large('a') });
    utimesSync(path.join(checkout, file), longAgo, longAgo);
    assert.deepEqual(await filesRead(checkout), [file]);
    assert.ok(statSync(path.join(checkout, hashIndexPath)).isDirectory());
  });

  it('keeps what others learnt meanwhile, and forgets what is gone', async () => {
    const checkout = checkoutOf(large('a'));
    writeFileSync(path.join(checkout, 'web/data'), large('b'));
    utimesSync(path.join(checkout, 'web/data'), longAgo, longAgo);
    const mine = await HashIndex.open(checkout);
    const theirs = await HashIndex.open(checkout);
    await mine.hash(file, sha256OfFile);
    await theirs.hash('web/data', sha256OfFile);
    await mine.save();
    await theirs.save();
    const both = await HashIndex.open(checkout);
    assert.equal(await both.known(file), sha256(large('a')));
    assert.equal(await both.known('web/data'), sha256(large('b')));

    renameSync(path.join(checkout, 'web/data'), path.join(checkout, 'web/gone'));
    const later = await HashIndex.open(checkout);
    await later.hash('web/gone', sha256OfFile);
    await later.save();
    const kept = JSON.parse(readFileSync(path.join(checkout, hashIndexPath), 'utf8')) as { files: object };
    assert.deepEqual(Object.keys(kept.files).sort(), ['web/gone', file].sort());
  });
});
