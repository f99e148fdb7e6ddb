import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileProblem } from '../../../src/core/files/file-problem';
import { isShortage, systemErrorWords } from '../../../src/core/files/system-error';
import { cacheProblem } from '../../../src/core/image/blob-cache/settings';
import { inTerminalWords } from '../../../src/core/remedy';
import { temporaryFolder } from '../checkout/temporary-folder';
import { bundleChild } from '../child-process';

const systemError = (code: string) => Object.assign(new Error(`${code}: words of the system`), { code });

describe('errors of the system', () => {
  it('are told as what they are, with what helps', () => {
    const remedies = {
      EMFILE: /ulimit -n/,
      ENFILE: /Close other programs/,
      ENOMEM: /memory/,
      ENOSPC: /Free some space/,
      EDQUOT: /quota/,
      EROFS: /writable/,
      EIO: /Check that disk/,
      EFBIG: /ulimit -f/,
      EISDIR: /out of the way/,
      ESTALE: /mount it again/,
      ELOOP: /itself/,
      ENAMETOOLONG: /shorter/,
      EACCES: /permissions/,
    };
    for (const [code, remedy] of Object.entries(remedies)) {
      const problem = fileProblem('locking the checkout', '.pvr/lock', systemError(code));
      assert.match(problem.found, /\.pvr\/lock/, code);
      assert.doesNotMatch(problem.found, /words of the system/, code);
      assert.match(inTerminalWords(problem.remedy), remedy, code);
    }
  });

  it('are told in the system’s words where nobody knows better', () => {
    assert.equal(systemErrorWords(systemError('EWHATEVER'), 'x'), undefined);
    assert.equal(systemErrorWords(new Error('no error of the system'), 'x'), undefined);
    assert.match(fileProblem('reading', 'x', systemError('EWHATEVER')).message, /words of the system/);
  });

  it('of too many open files are no fault of the folder for caches', () => {
    assert.ok(isShortage(systemError('EMFILE')) && !isShortage(systemError('ENOSPC')));
    assert.match(cacheProblem('/cache', systemError('EMFILE')).message, /ulimit -n/);
    assert.match(cacheProblem('/cache', systemError('ENOSPC')).message, /PVX_CACHE_DIR/);
  });

  it(
    'of too many open files name the limit, also while nothing can be opened',
    { skip: process.platform === 'win32' && 'Windows has no such limit' },
    async () => {
      const program = await bundleChild('children/open-too-many', temporaryFolder());
      const { stdout } = spawnSync(
        'sh',
        ['-c', 'ulimit -n 100 && exec "$0" "$1"', process.execPath, path.resolve(program)],
        { encoding: 'utf8' },
      );
      assert.match(stdout, /^too many files are open for here to be opened, too \(the limit is 100\)\n$/);
    },
  );
});
