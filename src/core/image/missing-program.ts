import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether a program could not be started because it is not installed. Where a folder of the PATH may not be searched, and the
 * program lies in no other one, systems say that access is denied (execvp(3)): true of the folder, not of the program.
 *
 * @param error as `spawn` gives it.
 * @param env what the program was to be started with.
 */
export function isNotInstalled(
  error: Error,
  program: string,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const code = 'code' in error ? error.code : undefined;
  if (code !== 'EACCES') return code === 'ENOENT';
  const folders = (env['PATH'] ?? '').split(path.delimiter);
  return !folders.some((folder) => folder !== '' && existsSync(path.join(folder, program)));
}
