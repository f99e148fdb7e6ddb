import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';

export interface PvxRun {
  readonly output: string;
  /** Of the whole process, from its start to its end. */
  readonly seconds: number;
}

const program = path.resolve(__dirname, '..', 'dist', 'cli.js');

/**
 * Runs the built command line as a user would; its progress and warnings go to this terminal.
 * @param environment what it gets beside this process's own variables.
 * @throws Error when it fails; what is wrong then stands on stderr.
 */
export async function runPvx(
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<PvxRun> {
  const start = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close') as Promise<[status: number | null]>;
  const [output, [status]] = await Promise.all([text(child.stdout), closed]);
  if (status !== 0) throw new Error(`pvx ${args.join(' ')} ended with ${String(status)}`);
  return { output: output.trimEnd(), seconds: (performance.now() - start) / 1000 };
}
