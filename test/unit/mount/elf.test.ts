import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readElf } from '../../../src/core/mount/elf';
import { elfContent, elfForms, makeElf } from './elf-maker';

const read = (bytes: Buffer) => readElf((start, end) => Promise.resolve(bytes.subarray(start, end)));

describe('an ELF file', () => {
  for (const form of elfForms) {
    it(`of ${form.bits} bits, ${form.byteOrder} endian, tells its build, its name and what it needs`, async () => {
      assert.deepEqual(await read(makeElf(form)), {
        ...form,
        type: 'shared object',
        machine: form.bits === 64 ? 'AArch64' : 'ARM',
        ...elfContent,
      });
    });

    it(`of ${form.bits} bits, ${form.byteOrder} endian, that is cut short tells what is left of it`, async () => {
      const whole = makeElf(form);
      for (let length = 0; length < whole.length; length += 7) {
        const facts = await read(whole.subarray(0, length));
        assert.equal(facts === undefined, length < 20, String(length));
        assert.ok((facts?.needed.length ?? 0) <= 2);
      }
    });
  }

  it('is known by its first bytes alone', async () => {
    assert.equal(await read(Buffer.from('#!/bin/sh\n')), undefined);
    assert.equal(await read(Buffer.from('\x7fELF\x03\x01', 'latin1')), undefined);
    assert.equal(await read(Buffer.alloc(0)), undefined);
  });

  it('of an unknown machine and kind has numbers in place of names', async () => {
    const bytes = makeElf({ bits: 32, byteOrder: 'little' });
    bytes.writeUInt16LE(77, 16);
    bytes.writeUInt16LE(999, 18);
    const facts = await read(bytes);
    assert.deepEqual([facts?.type, facts?.machine], [undefined, '999']);
  });

  it('that lies about sizes and places is read no further than it is worth', async () => {
    for (const form of elfForms) {
      const whole = makeElf(form);
      for (let at = 16; at < 512; at += 4) {
        const bytes = Buffer.from(whole);
        bytes.fill(0xff, at, at + 4);
        let asked = 0;
        await readElf((start, end) => {
          assert.ok(Number.isSafeInteger(start) && start >= 0 && end >= start);
          asked += end - start;
          return Promise.resolve(bytes.subarray(start, end));
        });
        assert.ok(asked < 2 ** 21, `${at}: ${asked}`);
      }
    }
  });

  it('has no name that would pose as another line', async () => {
    const bytes = makeElf({ bits: 64, byteOrder: 'little' });
    bytes.write('lib\nx.so', 640 + 1);
    assert.equal((await read(bytes))?.soname, undefined);
  });
});
