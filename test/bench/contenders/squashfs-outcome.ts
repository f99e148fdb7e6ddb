import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Outcome } from '../contender';

const run = promisify(execFile);

/**
 * Looks into a SquashFS file that was built, with unsquashfs, whoever built it.
 * @param holds a path that it must have.
 * @throws Error when it doesn't have it.
 */
export async function squashfsOutcome(
  file: string,
  { holds, isStaged }: { readonly holds: string; readonly isStaged: boolean },
): Promise<Outcome> {
  const { stdout } = await run('unsquashfs', ['-lc', file], { maxBuffer: Infinity });
  if (!stdout.split('\n').includes(`squashfs-root/${holds}`)) throw new Error(`${file} lacks ${holds}`);
  const { size } = await stat(file);
  return { written: size, staged: isStaged ? size : 0 };
}
