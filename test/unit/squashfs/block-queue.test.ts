import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { PackedBlock } from '../../../src/core/squashfs/writer/block-compressor';
import { BlockQueue } from '../../../src/core/squashfs/writer/block-queue';
import { OutputFile } from '../../../src/core/squashfs/writer/output-file';

const room = 2;

/** A block whose packing ends when a test says so. */
function packing(text: string) {
  let finish: () => void = () => undefined;
  const packed = new Promise<PackedBlock>((resolve) => {
    finish = () => resolve(block(text));
  });
  return { bring: () => packed, finish };
}

function block(text: string): PackedBlock {
  return { bytes: Buffer.from(text), stored: true };
}

describe('the queue of blocks', () => {
  let file: string;
  let output: OutputFile;
  let stop: AbortController;
  let queue: BlockQueue;
  const written: number[] = [];
  const onWritten = ({ position }: { readonly position: number }) => void written.push(position);

  beforeEach(async () => {
    file = path.join(tmpdir(), `block-queue-${randomUUID()}`);
    output = await OutputFile.create(file);
    stop = new AbortController();
    queue = new BlockQueue(room, output, stop.signal);
    written.length = 0;
  });

  afterEach(async () => {
    await output.close();
    await rm(file);
  });

  it('writes blocks in the order given, whichever is there first', async () => {
    const [first, second] = [packing('a'), packing('b')];
    await queue.add(first.bring, onWritten);
    const added = queue.add(second.bring, onWritten);
    second.finish();
    first.finish();
    await added;
    await queue.addReady(() => Promise.resolve(block('c')), onWritten);
    await queue.drain();
    await output.finish(Buffer.from(''));
    assert.equal(await readFile(file, 'utf8'), 'abc');
    assert.deepEqual(written, [0, 1, 2]);
  });

  it('goes on past ready blocks while one before them is being packed, and reads them in their turn', async () => {
    const slow = packing('a');
    await queue.add(slow.bring, onWritten);
    let read = 0;
    for (let index = 0; index < 100; index += 1) {
      await queue.addReady(() => Promise.resolve(block(String((read += 1) % 10))), onWritten);
    }
    assert.equal(read, 0);
    slow.finish();
    await queue.drain();
    assert.equal(read, 100);
    assert.equal(written.length, 101);
  });

  it('waits for the first as soon as it has no room for more to be packed', async () => {
    const first = packing('a');
    await queue.add(first.bring, onWritten);
    const added = queue.add(packing('b').bring, onWritten).then(() => 'added');
    const soon = new Promise((resolve) => setTimeout(resolve, 20, 'waiting'));
    assert.equal(await Promise.race([added, soon]), 'waiting');
    first.finish();
    assert.equal(await added, 'added');
  });

  it('ends when the job is stopped, however many wait', async () => {
    await queue.addReady(() => Promise.resolve(block('a')), onWritten);
    stop.abort(new Error('stopped'));
    await assert.rejects(queue.drain(), /stopped/);
    assert.deepEqual(written, []);
  });
});
