import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from './checkout/temporary-folder';

const web = { version: '1.0.0', integrity: 'sha512-web' };
const native = { version: '2.0.0', optional: true, os: [process.platform], cpu: [process.arch] };
const foreign = { ...native, os: ['another'] };

describe('npm ci, with which demo and tests begin,', () => {
  it('is run on a fresh clone', async () => {
    const { said } = await new Clone().install();
    assert.match(said, /\(npm ci\), since node_modules is missing or incomplete …\nnpm ran ci /);
  });

  it('is not run where all is there that this machine needs', async () => {
    const clone = new Clone({ web, native });
    assert.deepEqual(await clone.install(), { said: '', code: 0 });
  });

  it('is run where a package is missing, is another one, or is not wanted', async () => {
    const cases = [
      [{ native }, 'web is not 1.0.0'],
      [{ web: { ...web, version: '0.9.0' }, native }, 'web is not 1.0.0'],
      [{ web: { ...web, integrity: 'sha512-other' }, native }, 'web is not 1.0.0'],
      [{ web }, 'native is not 2.0.0'],
      [{ web, native, more: web }, 'more is not among them'],
    ] as const;
    for (const [installed, reason] of cases) {
      const { said } = await new Clone(installed).install();
      assert.ok(said.includes(`since node_modules/${reason} …\nnpm ran ci `), said);
    }
  });

  it('gets a cache of its own where the user’s can’t be written', async () => {
    const clone = new Clone();
    const usual = path.join(clone.folder, 'cache');
    assert.equal(cacheIn((await clone.install({ npm_config_cache: usual })).said), usual);
    const notAFolder = path.join(clone.folder, 'package-lock.json', 'cache');
    const other = cacheIn((await clone.install({ npm_config_cache: notAFolder })).said);
    assert.ok(other !== notAFolder && path.isAbsolute(other), other);
    assert.ok(!existsSync(other));
  });

  it('ends the script as it ends', async () => {
    assert.equal((await new Clone().install({ NPM_ENDS_WITH: '7' })).code, 7);
  });
});

/** A project with a lock file, where npm only says what it was asked for. */
class Clone {
  readonly folder = temporaryFolder();

  /** @param installed what npm has noted about node_modules; without it, nothing is there. */
  constructor(installed?: Readonly<Record<string, object>>) {
    mkdirSync(path.join(this.folder, 'scripts'));
    copyFileSync(path.join('scripts', 'install.mjs'), this.#script);
    this.#writeLock('package-lock.json', { web, native, foreign });
    mkdirSync(path.join(this.folder, 'node_modules'));
    if (installed !== undefined) this.#writeLock('node_modules/.package-lock.json', installed);
    this.#writePrograms();
  }

  get #script(): string {
    return path.join(this.folder, 'scripts', 'install.mjs');
  }

  async install(environment: NodeJS.ProcessEnv = {}): Promise<{ said: string; code: number }> {
    const env = {
      ...process.env,
      PATH: [path.join(this.folder, 'bin'), process.env['PATH']].join(path.delimiter),
      NPM_ENDS_WITH: '0',
      ...environment,
    };
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [this.#script], { env });
      return { said: stdout, code: 0 };
    } catch (error) {
      const { stdout, code } = error as { stdout: string; code: number };
      return { said: stdout, code };
    }
  }

  #writeLock(file: string, packages: Readonly<Record<string, object>>): void {
    const entries = Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry]);
    const lock = { packages: { '': { name: 'project' }, ...(Object.fromEntries(entries) as object) } };
    writeFileSync(path.join(this.folder, file), JSON.stringify(lock));
  }

  #writePrograms(): void {
    const bin = path.join(this.folder, 'bin');
    mkdirSync(bin);
    const unix = '#!/bin/sh\necho "npm ran $* with the cache <$npm_config_cache>"\nexit $NPM_ENDS_WITH\n';
    const windows =
      '@echo off\r\necho npm ran %* with the cache ^<%npm_config_cache%^>\r\nexit /b %NPM_ENDS_WITH%\r\n';
    writeFileSync(path.join(bin, 'npm'), unix);
    chmodSync(path.join(bin, 'npm'), 0o755);
    writeFileSync(path.join(bin, 'npm.cmd'), windows);
  }
}

function cacheIn(said: string): string {
  return /with the cache <(.*)>/.exec(said)?.[1] ?? '';
}
