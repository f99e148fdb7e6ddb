// Installs the packages that package-lock.json names, by `npm ci`, unless they are there. `npm run demo` and `npm test` begin with
// it, so that each works on a fresh clone, and on one that has another lock file meanwhile.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

const reason = whyToInstall();
if (reason !== undefined) {
  console.log(`Installing the packages that package-lock.json names (npm ci), since ${reason} …`);
  process.exitCode = install();
}

/** A clause; nothing where node_modules holds what package-lock.json names for this machine. */
function whyToInstall() {
  // npm writes it when all else is in place.
  const noted = path.join('node_modules', '.package-lock.json');
  if (!existsSync(path.join(root, noted))) return 'node_modules is missing or incomplete';
  const installed = packagesIn(noted);
  const wanted = packagesIn('package-lock.json');
  for (const [place, { version, integrity, optional, os, cpu }] of wanted) {
    const found = installed.get(place);
    const isLeftOut =
      found === undefined && optional && !(allows(os, process.platform) && allows(cpu, process.arch));
    if (!isLeftOut && (found?.version !== version || found?.integrity !== integrity))
      return `${place} is not ${version}`;
  }
  const extra = [...installed.keys()].find((place) => !wanted.has(place));
  return extra === undefined ? undefined : `${extra} is not among them`;
}

/** By the folders that they lie in; without the project itself, which has none. */
function packagesIn(lockFile) {
  const { packages } = JSON.parse(readFileSync(path.join(root, lockFile), 'utf8'));
  return new Map(Object.entries(packages).filter(([place]) => place !== ''));
}

/** What a package's `os` and `cpu` mean; packages that this machine has no use for aren't installed. */
function allows(names = [], name) {
  return names.length === 0 || names.includes(name);
}

/** @returns npm's exit code. */
function install() {
  const ownCache = canWriteCache() ? undefined : mkdtempSync(path.join(tmpdir(), 'npm-cache-'));
  // npm is a script on Windows, which only a shell starts.
  const { status, error } = spawnSync('npm ci --loglevel error', {
    cwd: root,
    stdio: 'inherit',
    shell: true,
    env: { ...process.env, ...(ownCache !== undefined && { npm_config_cache: ownCache }) },
  });
  if (ownCache !== undefined) rmSync(ownCache, { recursive: true });
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** In a container, say, a user's home may belong to somebody else; npm can't do without the cache that it keeps there. */
function canWriteCache() {
  // npm tells the scripts that it runs.
  const cache = process.env.npm_config_cache;
  if (cache === undefined) return true;
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
