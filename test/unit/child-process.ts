import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles a program into one file, which starts much faster than TypeScript sources do.
 * @param program its path below `test/unit`, without the ending.
 */
export async function bundleChild(program: string, folder: string): Promise<string> {
  const outfile = path.join(folder, `${path.basename(program)}.cjs`);
  await build({
    entryPoints: [path.join('test', 'unit', `${program}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
  });
  return outfile;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the child has written this line. */
  wrote(line: string): Promise<void>;
}

export function startChild(program: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
  const wrote = (line: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (output.split('\n').includes(line)) resolve();
      };
      listeners.add(check);
      void ended.then(() => reject(new Error(`the child ended without writing "${line}"`)));
      check();
    });
  return { process: child, ended, wrote };
}
