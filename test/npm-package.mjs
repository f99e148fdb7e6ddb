import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Fetches a version of a package from npm, checks it, and unpacks it or a folder in it. Nothing that comes with it is run. */
export function unpackPackage({ name, version, integrity }, target, folder = '') {
  const downloads = mkdtempSync(path.join(tmpdir(), 'npm-package-'));
  try {
    const asked = ['pack', `${name}@${version}`, '--json', '--silent', '--pack-destination', downloads];
    const [packed] = JSON.parse(run('npm', asked));
    const file = path.join(downloads, packed.filename);
    const actual = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    if (integrity !== undefined && actual !== integrity) {
      throw new Error(`${name}@${version} is not what it was: ${actual} instead of ${integrity}`);
    }
    mkdirSync(target, { recursive: true });
    const inside = path.posix.join('package', folder);
    const depth = inside.split('/').filter((part) => part !== '').length;
    run('tar', ['xzf', file, '-C', target, `--strip-components=${depth}`, inside.replace(/\/$/, '')]);
  } finally {
    rmSync(downloads, { recursive: true });
  }
}

function run(command, args) {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
}
