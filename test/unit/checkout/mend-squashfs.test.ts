import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { withMendingCommand } from '../../../src/core/checkout/mend-squashfs';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';
import { damaged } from '../../../src/core/squashfs/damaged';
import { unreadable } from '../../../src/core/squashfs/source-file';
import { temporaryCheckout, temporaryFolder } from './temporary-folder';

describe('what mends a SquashFS file', () => {
  const missing = Object.assign(new Error('open'), { code: 'ENOENT' });
  const denied = Object.assign(new Error('open'), { code: 'EACCES' });

  it('is the command for its app, where it lies in a checkout', async () => {
    const checkout = temporaryCheckout();
    const base = path.join(checkout, 'web', 'root.squashfs');
    const overlay = path.join(checkout, 'web', 'root.ovl.squashfs');
    for (const fault of [damaged(base, 'it ends'), damaged(overlay, 'it ends'), unreadable(base, missing)]) {
      const told = await withMendingCommand(fault);
      assert.ok(told instanceof Problem);
      assert.deepEqual([told.doing, told.found], [fault.doing, fault.found]);
      assert.match(inTerminalWords(told.remedy), /^Build it again with pvx app install web, /);
    }
  });

  it('stays what it is elsewhere, and for whatever only looks alike', async () => {
    const checkout = temporaryCheckout();
    for (const error of [
      damaged(path.join(temporaryFolder(), 'web', 'root.squashfs'), 'it ends'),
      damaged(path.join(checkout, '.pvr', 'tmp', 'web-root.squashfs'), 'it ends'),
      unreadable(path.join(checkout, 'web', 'root.squashfs'), denied),
      new Error('a defect'),
    ])
      assert.equal(await withMendingCommand(error), error);
  });
});
