import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Problem } from '../../src/core/problem';
import {
  anyOf,
  inTerminalWords,
  remedy,
  sayRemedy,
  way,
  waysOf,
  type Remedy,
  type Way,
} from '../../src/core/remedy';

const core = path.resolve(import.meta.dirname, '../../src/core');

/** Each way once, and what a terminal says for it. */
const inTerminal: Readonly<Record<Way['kind'], readonly (readonly [Way, string])[]>> = {
  install: [[way.install('web'), 'pvx app install web']],
  update: [[way.update('web'), 'pvx app update web']],
  patch: [
    [way.patch('web'), 'pvx app update web --patch'],
    [way.patch(), 'pvx app update --patch'],
  ],
  newBase: [[way.newBase('web'), 'pvx app update web --newbase']],
  listBase: [[way.listBase('web'), 'with pvx app files web --base']],
  listApps: [[way.listApps(), 'pvx app ls']],
  init: [[way.init(), 'pvx init']],
  platform: [[way.platform(), 'with --platform']],
  platformOfApp: [[way.platformOfApp(), 'with --platform, as docker_platform in src.json']],
  extend: [[way.extend('web'), 'with --base web']],
  moveBase: [[way.moveBase('root'), 'with --base-group root']],
  withDependants: [[way.withDependants(), '--with-dependants']],
  force: [[way.force(), '--force']],
  logIn: [
    [way.logIn('ghcr.io'), 'docker login ghcr.io'],
    [way.logIn(undefined), 'docker login'],
  ],
  revision: [
    [way.revision('status'), 'pvx status'],
    [way.revision('sig add'), 'pvx sig add'],
  ],
  signAgain: [[way.signAgain(), 'pvx sig update']],
  logInToHub: [[way.logInToHub('https://api.pantahub.com'), 'pvx login']],
  device: [[way.device('ps'), 'pvx ps']],
  prefer: [[way.prefer(), '--ours or --theirs']],
  signer: [
    [way.signer('key'), 'with --key FILE, or in PVR_SIG_KEY'],
    [way.signer('certificates'), 'with --x5c FILE, or say --x5c no if devices have its public half'],
    [way.signer('trusted'), 'with --cacerts FILE, or public keys with --pubkey FILE'],
  ],
  from: [
    [way.from('image'), 'with --type docker'],
    [way.from('archive'), 'with --source archive:PATH, and the image in it --from NAME:TAG'],
    [way.from('rootfs'), 'with --type rootfs'],
    [way.from('pvr'), 'with --type pvr'],
  ],
  setting: [
    [way.setting('insecureRegistries'), 'PVX_INSECURE_REGISTRIES'],
    [way.setting('cacheDirectory'), 'PVX_CACHE_DIR'],
    [way.setting('dockerHost'), 'DOCKER_HOST'],
  ],
};

describe('a remedy', () => {
  it('is said with command lines, options and variables in a terminal', () => {
    assert.deepEqual(Object.keys(inTerminal), Object.keys(way));
    for (const [one, words] of Object.values(inTerminal).flat())
      assert.equal(inTerminalWords(remedy`Do it: ${one}, or not`), `Do it: ${words}, or not`);
  });

  it('is what it was after a way over a wire, and may hold another one', () => {
    const inner = remedy`run ${way.install('web')}`;
    const one = remedy`Wait, or ${inner} for ${'web'}`;
    const sent = JSON.parse(JSON.stringify(one)) as Remedy;
    assert.equal(inTerminalWords(sent), 'Wait, or run pvx app install web for web');
    assert.deepEqual(waysOf(sent), [way.install('web')]);
    assert.equal(remedy`Wait for ${'web'}`, 'Wait for web');
  });

  it('of several sources is said once each', () => {
    const login = remedy`Log in with ${way.logIn('ghcr.io')}`;
    const all = anyOf([login, 'Start docker', remedy`Log in with ${way.logIn('ghcr.io')}`]);
    assert.equal(inTerminalWords(all), 'Log in with docker login ghcr.io. Or: Start docker');
  });

  it('stands in the message of its Problem as a terminal says it', () => {
    const problem = new Problem({ doing: 'a', found: 'b', remedy: remedy`Run ${way.init()}` });
    assert.equal(problem.message, 'a: b. Run pvx init.');
  });

  it('says only what is asked to be said', () => {
    const words = new Proxy({} as Parameters<typeof sayRemedy>[1], {
      get: (_, kind) => () => `<${String(kind)}>`,
    });
    assert.equal(sayRemedy(remedy`Use ${way.force()}`, words), 'Use <force>');
  });

  it('names no command line in its prose: only warnings do', () => {
    const lines = readdirSync(core, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== 'remedy.ts')
      .flatMap((file) => readFileSync(path.join(core, file), 'utf8').split('\n'))
      .filter(
        (line) =>
          /['`].*(pvx |PVX_\w+[^\w']|with --|docker login)/.test(line) && !/^\s*(\/?\*|\/\/)/.test(line),
      );
    assert.deepEqual(
      lines
        .map((line) => line.trim())
        .filter((line) => !line.includes('the patch is made for what lies there')),
      [],
    );
  });
});
