import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { recover } from '../../../../src/core/checkout/change/recover';
import { bundleChild, startChild } from '../../child-process';
import { temporaryCheckout, temporaryFolder } from '../temporary-folder';
import { contentOfGeneration, generationFiles, generationOf } from './generations';

describe('many processes that change a checkout at once, and are killed at any moment', () => {
  const programs = temporaryFolder();
  let program = '';
  before(async () => {
    program = await bundleChild('checkout/change/children/write-generation', programs);
  });

  it('leave it in one piece', async () => {
    const old = generationFiles.map((file) => [file, contentOfGeneration('old')] as const);
    const checkout = temporaryCheckout(Object.fromEntries(old));
    // Three of four are killed, from right after they got the lock to when they may be done.
    const isSpared = (index: number) => index % 4 === 0;
    const ends = await Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const child = startChild(program, [checkout, String(index)]);
        if (isSpared(index)) return child.ended;
        await child.wrote('acquired');
        setTimeout(() => child.process.kill('SIGKILL'), index * 3);
        return child.ended;
      }),
    );

    // Each checks what it found, so a mixture would have ended one of them with an error.
    const failed = ends.filter(({ code, signal }) => code !== 0 && signal !== 'SIGKILL');
    assert.deepEqual(failed, []);
    for (const [index, { output }] of ends.entries()) {
      if (isSpared(index)) assert.equal(output, 'acquired\ndone\n');
    }
    await recover(checkout);
    assert.notEqual(generationOf(checkout), 'old');
    assert.equal(existsSync(path.join(checkout, '.pvr', 'tmp')), false);
  });
});
