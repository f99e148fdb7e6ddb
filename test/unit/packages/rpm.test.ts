import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parseHeader } from '../../../src/core/packages/rpm';
import { DamagedDatabase, tableRows } from '../../../src/core/packages/sqlite-table';
import { Random } from '../../device-view/random';
import { readFiles } from './sources';

/**
 * The headers of four packages as rpm 4.18 wrote them, in an SQLite database with pages of 512 bytes: each row has pages of its
 * own, and the table more than one.
 */
const database = readFileSync(path.join(import.meta.dirname, '../../fixtures/packages/rpmdb.sqlite'));

function packagesIn(file: Buffer) {
  return [...tableRows(file, 'Packages')].map(([, blob]) => {
    if (!Buffer.isBuffer(blob)) throw new DamagedDatabase();
    const { name, version, paths } = parseHeader(blob);
    return { name, version, paths: [...paths] };
  });
}

describe('rpm', () => {
  it('has the headers of packages in a table of SQLite', () => {
    const found = packagesIn(database);
    assert.deepEqual(found.map(({ name }) => name).sort(), ['alpha', 'beta', 'gamma', 'hello']);
    assert.deepEqual(
      found.find(({ name }) => name === 'hello'),
      {
        name: 'hello',
        version: '2.12-3',
        paths: ['/usr/bin/hello', '/usr/share/doc/hello', '/usr/share/doc/hello/README'],
      },
    );
  });

  it('has it where distributions keep it', async () => {
    for (const folder of ['var/lib/rpm', 'usr/lib/sysimage/rpm']) {
      const read = await readFiles({
        [`${folder}/rpmdb.sqlite`]: database.toString('latin1'),
        'usr/bin/hello': 'x',
        'usr/share/doc/hello/README': 'x',
      });
      assert.equal(read.listed.length, 4);
      assert.equal(read.ownerOf('usr/bin/hello'), 'rpm hello');
      assert.equal(read.ownerOf('usr/share/doc/hello'), 'rpm hello');
    }
  });

  it('is not read in the formats that it had before, which is said', async () => {
    for (const name of ['Packages', 'Packages.db']) {
      const { packages, unread } = await readFiles({ [`var/lib/rpm/${name}`]: 'x' });
      assert.deepEqual(packages, []);
      assert.deepEqual(unread, [{ manager: 'rpm', path: `var/lib/rpm/${name}`, reason: 'unknownFormat' }]);
    }
  });

  it('is as good as not there where it is damaged, which is said', async () => {
    const cut = database.toString('latin1', 0, 4096);
    for (const content of ['', 'SQLite format 3\0', cut]) {
      const { packages, unread } = await readFiles({ 'var/lib/rpm/rpmdb.sqlite': content });
      assert.deepEqual(packages, []);
      assert.deepEqual(unread, [{ manager: 'rpm', path: 'var/lib/rpm/rpmdb.sqlite', reason: 'damaged' }]);
    }
    assert.throws(() => [...tableRows(database, 'Nothing')], DamagedDatabase);
  });

  it('is read or refused, whatever its bytes are', () => {
    const random = new Random(1);
    for (let round = 0; round < 3000; round++) {
      const file = Buffer.from(database);
      for (let change = 0; change <= round % 4; change++) {
        const at = random.bytes(4);
        file[at.readUInt16LE(0) % file.length] = at[2] ?? 0;
      }
      try {
        packagesIn(file);
      } catch (error) {
        assert.ok(error instanceof DamagedDatabase, String(error));
      }
    }
  });
});
