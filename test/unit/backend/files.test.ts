import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BackendClient } from '../../../src/backend/client';
import { largestRead } from '../../../src/backend/requests/params';
import { Problem } from '../../../src/core/problem';
import { Workshop, type Checkout } from './workshop';

describe('files in images, by requests to the backend', { timeout: 120_000 }, () => {
  let workshop: Workshop;
  let client: BackendClient;
  let checkout: Checkout;
  let files: readonly string[];

  before(async () => {
    workshop = await Workshop.open();
    client = workshop.client();
    checkout = await workshop.checkout('one');
    await checkout.add(client, 'web', 'large');
    files = [path.join(checkout.folder, 'web', 'root.squashfs')];
  });
  after(() => workshop.close());

  it('are listed and looked at, by names that need not be UTF-8', async () => {
    const bin = await client.request('readFolder', { files, path: 'bin' });
    assert.ok(!('absent' in bin));
    assert.deepEqual(bin.map(({ name }) => name).sort(), ['app', '\xe9\xff']);
    const facts = await client.request('readFacts', { files, path: 'bin/\xe9\xff' });
    assert.ok(!('absent' in facts));
    assert.equal(facts.kind, 'file');
    assert.deepEqual(await client.request('readFacts', { files, path: 'none' }), { absent: 'missing' });
    const entries = await client.request('listEntries', { files });
    assert.ok(entries.some((entry) => entry.path === 'bin/app'));
  });

  it('are read by ranges, never more than fits into one answer', async () => {
    const read = async (start: number, end: number) =>
      Buffer.from(await client.request('readBytes', { files, path: 'noise0', start, end }), 'base64');
    const whole = await read(0, 2 ** 20);
    assert.equal(whole.length, 2 ** 20);
    assert.deepEqual(await read(131_000, 131_100), whole.subarray(131_000, 131_100));
    assert.equal((await read(0, 100 * largestRead)).length, largestRead);
    assert.equal((await read(2 ** 20, 2 ** 21)).length, 0);
    const target = path.join(workshop.folder, 'copy');
    await client.request('saveCopy', { files, path: 'noise0', target });
    assert.deepEqual(await readFile(target), whole);
  });

  it('are searched and compared', async () => {
    const { lines } = await client.request('searchFiles', { files, text: 'app 1' });
    assert.deepEqual(
      lines.map((line) => line.path),
      ['bin/app'],
    );
    const same = { before: files, after: files };
    assert.deepEqual(await client.request('compareMounts', same), []);
    assert.deepEqual(await client.request('listTextChanges', same), { changes: [], others: 0 });
    const [file = ''] = files;
    assert.equal((await client.request('readSquashfsFacts', { file })).compressor, 'xz');
  });

  it('that are not there are problems, with what to do', async () => {
    const missing = { files: [`${checkout.folder}/none.squashfs`], path: '' };
    await assert.rejects(client.request('readFacts', missing), (error) => error instanceof Problem);
    await assert.rejects(
      client.request('readBytes', { files, path: 'bin', start: 0, end: 1 }),
      (error) => error instanceof Problem && error.found === 'it is a folder',
    );
    const overlay = { files: [...files, path.join(checkout.folder, 'web', 'root.ovl.squashfs')], path: '' };
    await assert.rejects(client.request('readFacts', overlay), /Build it again with pvx app install web,/);
  });

  it('fill no log with what an editor asks by the hundred', () => {
    const done = workshop.log.filter(({ message }) => /^looking at .*: done$/.test(message));
    assert.deepEqual([...new Set(done.map(({ level }) => level))], ['debug']);
  });
});
