// Runs the demo and the unit tests of the command line (LONG=1: all) on versions of Node that test/node-versions.json names, as
// README says it, on a fresh clone, where the first one finds nothing installed.
//   node test/on-node.mjs 22 24
// Started as root, it does so as an ordinary user, and as one with less than most have: the home can't be written, and PATH names
// a folder that can't be searched.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unpackPackage } from './npm-package.mjs';

const root = path.dirname(import.meta.dirname);
const versions = JSON.parse(readFileSync(path.join(import.meta.dirname, 'node-versions.json'), 'utf8'));
/** In the long form all; else what people start by themselves, with all that is behind it. The newest VS Code has a newer Node, too. */
const steps = [
  ['run', 'demo'],
  process.env.LONG === '1' ? ['run', 'test:unit'] : ['run', 'test:unit', '--', '--only', 'unit/cli'],
];

/** Linux' user "nobody". */
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

const asked = process.argv.slice(2);
if (asked.length === 0 || asked.some((name) => !(name in versions))) {
  console.error(`Which versions? node test/on-node.mjs ${Object.keys(versions).join(' ')}`);
  process.exit(2);
}
if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('Node is installed for Linux on x64 only.');
  process.exit(2);
}

const place = mkdtempSync(path.join(tmpdir(), 'on-node-'));
const clone = path.join(place, 'clone');
const forbidden = path.join(place, 'forbidden');
const results = [];
mkdirSync(forbidden);
try {
  copyProject(clone);
  for (const name of asked) unpackPackage(versions[name], programsOf(name), 'bin');
  chmodSync(forbidden, 0);
  if (isRoot) execFileSync('chown', ['-R', `${nobody}:${nobody}`, place]);
  for (const name of asked) results.push(...runOn(name));
} finally {
  // Only where it can be listed, its owner can remove it.
  chmodSync(forbidden, 0o700);
  rmSync(place, { recursive: true, force: true });
}
console.log(`\n${results.map(inWords).join('\n')}`);
process.exit(results.every(({ passed }) => passed) ? 0 : 1);

/** Where the version's `node` lies. */
function programsOf(name) {
  return path.join(place, `node-${name}`);
}

function runOn(name) {
  const { version } = versions[name];
  console.log(`\n── Node ${version}${isRoot ? ', as an ordinary user' : ''}`);
  const options = {
    cwd: clone,
    stdio: 'inherit',
    env: {
      ...process.env,
      HOME: forbidden,
      PATH: [programsOf(name), forbidden, process.env.PATH].join(path.delimiter),
    },
    ...(isRoot && { uid: nobody, gid: nobody }),
  };
  return steps.map((step) => {
    const start = performance.now();
    const { status } = spawnSync('npm', step, options);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    return { version, step, passed: status === 0, seconds };
  });
}

/** What a commit of everything would hold: all but what .gitignore names. */
function copyProject(target) {
  // Root may look at a repository of somebody else's.
  const listing = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', listing, { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of files.filter((name) => name !== '' && existsSync(path.join(root, name)))) {
    cpSync(path.join(root, file), path.join(target, file));
  }
}

function inWords({ version, step, passed, seconds }) {
  return `Node ${version}, npm ${step.join(' ')}: ${passed ? 'passed' : 'FAILED'} (${seconds} s)`;
}
