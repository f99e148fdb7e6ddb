import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const program = path.resolve('dist', 'cli.js');

/** The built command line, run as its users run it. */
export class Pvx {
  /** @param home where it looks for logins and keeps its caches, in place of the user's own. */
  constructor(private readonly home: string) {}

  /** @returns what it wrote to stdout; throws with what it wrote to stderr. */
  async run(checkout: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
      cwd: checkout,
      env: {
        ...process.env,
        HOME: this.home,
        XDG_CACHE_HOME: undefined,
        DOCKER_CONFIG: undefined,
        PVX_CACHE_DIR: path.join(this.home, 'cache'),
      },
      maxBuffer: Infinity,
    });
    return stdout;
  }
}
