import { execFile, spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const program = path.resolve('dist', 'cli.js');

/** The built command line, run as its users run it. */
export class Pvx {
  /** Where it keeps what it may need again. */
  readonly cache: string;
  readonly #environment: NodeJS.ProcessEnv;

  /**
   * @param home where it looks for logins and keeps its caches, in place of the user's own.
   * @param environment variables that it gets beside those of this process.
   */
  constructor(home: string, environment: NodeJS.ProcessEnv = {}) {
    this.cache = path.join(home, 'cache');
    this.#environment = {
      ...process.env,
      HOME: home,
      USERPROFILE: home,
      DOCKER_CONFIG: undefined,
      PVX_CACHE_DIR: this.cache,
      ...environment,
    };
  }

  /** @returns what it wrote to stdout; throws with what it wrote to stderr. */
  async run(checkout: string, ...args: readonly string[]): Promise<string> {
    return (await this.runBoth(checkout, ...args)).stdout;
  }

  /** The same, with what it wrote to stderr. */
  runBoth(checkout: string, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    return promisify(execFile)(process.execPath, [program, ...args], {
      cwd: checkout,
      env: this.#environment,
      maxBuffer: Infinity,
    });
  }

  /** Runs it with an open file in place of its stdout. */
  runInto(
    stdout: number,
    checkout: string,
    ...args: readonly string[]
  ): Promise<{ code: number | null; stderr: string }> {
    return ended(
      spawn(process.execPath, [program, ...args], {
        cwd: checkout,
        env: this.#environment,
        stdio: ['ignore', stdout, 'pipe'],
      }),
    );
  }

  /** Runs it with nobody at the other end of its stdout. */
  runClosed(checkout: string, ...args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: checkout,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    return ended(child);
  }

  /** The same, for whoever wants to meddle with the process. */
  start(checkout: string, ...args: readonly string[]): ChildProcessByStdio<null, null, Readable> {
    return spawn(process.execPath, [program, ...args], {
      cwd: checkout,
      env: this.#environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  const said = child.stderr === null ? '' : text(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr: await said };
}
