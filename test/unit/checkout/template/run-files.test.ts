import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mountedNames, readRunManifest } from '../../../../src/core/checkout/manifests/run-manifest';
import { readSourceManifest } from '../../../../src/core/checkout/manifests/source-manifest';
import { renderRunFiles } from '../../../../src/core/checkout/template/run-files';
import { parseJson } from '../../../../src/core/json/parse';
import { Problem } from '../../../../src/core/problem';

function render(fields: Record<string, unknown>) {
  const document = { '#spec': 'service-manifest-src@1', template: 'builtin-lxc-docker', ...fields };
  return renderRunFiles({
    app: 'web',
    manifest: readSourceManifest(JSON.stringify(document), 'web/src.json'),
    defaultGroup: undefined,
  });
}
const withArgs = (args: Record<string, unknown>) => render({ args });
const lxcLines = (fields: Record<string, unknown>) => (render(fields).lxcContainerConf ?? '').split('\n');

function problemOf(fields: Record<string, unknown>): Problem {
  try {
    render(fields);
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return error;
  }
  return assert.fail('it was accepted');
}

describe('values that would break the files', () => {
  it('refuses a line feed, which would add a line to lxc.container.conf', () => {
    const evil = 'x\nlxc.hook.pre-start = /bin/evil';
    for (const config of [
      { Cmd: ['/a', evil] },
      { Entrypoint: [evil] },
      { WorkingDir: evil },
      { Volumes: { [`/${evil}`]: {} } },
    ]) {
      assert.match(problemOf({ docker_config: config }).found, /line feed/);
    }
    for (const args of [{ PV_RUN_TMPFS_PATH: evil }, { PV_FILEIMPORTS: evil }, { PV_LXC_CAP_DROP: [evil] }]) {
      assert.match(problemOf({ args }).found, /line feed/);
    }
  });

  it('names a variable with a line feed, but never tells its value', () => {
    const problem = problemOf({ docker_config: { Env: ['A=1', 'TOKEN=secret=1\nmore'] } });
    assert.match(problem.found, /variable TOKEN /);
    assert.doesNotMatch(problem.message, /secret/);
  });

  it('escapes text in run.json, so that it stays JSON', () => {
    const { runJson } = withArgs({ PV_GROUP: 'a"b\\', PV_EXTRA_VOLUMES: 'x"y,z' });
    const { group, volumes } = readRunManifest(runJson, 'web/run.json');
    assert.equal(group, 'a"b\\');
    assert.deepEqual(volumes, ['x"y', 'z']);
  });

  it('writes no null into run.json', () => {
    const { runJson } = withArgs({
      PV_CONDITIONS: [null, { a: null }],
      PV_REMOUNT: { a: null },
      PV_ROLES: [null],
    });
    assert.doesNotMatch(runJson, /null/);
    parseJson(runJson, 'web/run.json');
  });
});

describe('arguments', () => {
  it('takes a string for a list of one, unless it has commas', () => {
    assert.match(
      withArgs({ PV_LXC_CAP_KEEP: 'NET_ADMIN' }).lxcContainerConf ?? '',
      /^lxc\.cap\.keep = net_admin$/m,
    );
    assert.match(withArgs({ PV_DRIVERS_MANUAL: 'wifi' }).runJson, /"manual": \["wifi"\]/);
    assert.match(
      problemOf({ args: { PV_LXC_CAP_KEEP: 'A,B' } }).found,
      /"PV_LXC_CAP_KEEP" is a string with commas/,
    );
  });

  it('takes numbers and booleans for their text', () => {
    const { lxcContainerConf } = withArgs({ LXC_TTY_MAX: 4, PV_DEBUG_MODE: true, PV_DISABLE_AUTODEV: false });
    assert.match(lxcContainerConf ?? '', /^lxc\.tty\.max = 4$/m);
    assert.match(lxcContainerConf ?? '', /^lxc\.log\.file/m);
    assert.doesNotMatch(lxcContainerConf ?? '', /autodev/);
  });

  it('takes null for absent', () => {
    assert.deepEqual(withArgs({ PV_GROUP: null, PV_LXC_CAP_DROP: null, LXC_TTY_MAX: null }), withArgs({}));
  });

  it('refuses what has no place in a line', () => {
    assert.match(problemOf({ args: { PV_GROUP: ['a'] } }).found, /"PV_GROUP" is a list instead of a string/);
    assert.match(
      problemOf({ args: { PV_LXC_EXTRA_ENV: { A: '1' } } }).found,
      /"PV_LXC_EXTRA_ENV" is an object/,
    );
    assert.match(problemOf({ args: { PV_LXC_EXTRA_ENV: [['A']] } }).found, /"PV_LXC_EXTRA_ENV"/);
    assert.match(problemOf({ args: { PV_VOLUME_IMPORTS: ['db:/data'] } }).found, /db:\/data/);
  });

  it('ignores arguments of a newer pvr, which the 2023 template does not know', () => {
    assert.deepEqual(withArgs({ PV_NETWORK_POOL: 'internal', PV_SERVICES_REQUIRED: ['x'] }), withArgs({}));
  });

  it('prefers the group of the app to that of the checkout', () => {
    const manifest = readSourceManifest(
      '{"template":"builtin-lxc-docker","args":{"PV_GROUP":"root"}}',
      'web/src.json',
    );
    const { runJson } = renderRunFiles({ app: 'web', manifest, defaultGroup: 'app' });
    assert.equal(readRunManifest(runJson, 'web/run.json').group, 'root');
  });
});

describe('the image configuration', () => {
  it('is overridden key by key by the config of src.json, in which null counts for nothing', () => {
    const fields = {
      docker_config: { Cmd: ['a'], Env: ['A=1'], WorkingDir: '/w' },
      config: { Cmd: ['b'], WorkingDir: null },
    };
    const lines = lxcLines(fields);
    assert.ok(lines.includes('lxc.init.cmd = b'));
    assert.ok(lines.includes('lxc.environment = A=1'));
    assert.ok(lines.includes('lxc.init.cwd = /w'));
  });

  it('must be of the kinds that images have', () => {
    assert.match(
      problemOf({ docker_config: { Env: { A: 1 } } }).found,
      /"Env" is an object instead of a list of strings/,
    );
    assert.match(
      problemOf({ docker_config: { Cmd: [1] } }).found,
      /"Cmd" is a list instead of a list of strings/,
    );
    assert.match(
      problemOf({ docker_config: { Volumes: ['/x'] } }).found,
      /"Volumes" is a list instead of an object/,
    );
  });

  it('gives a warning when the device will start something else than docker', () => {
    const warningsFor = (config: object) => render({ docker_config: config }).warnings;
    assert.match(warningsFor({ Cmd: ['sh', '-c', 'echo "hi"'] }).join(), /^web: the command has a word/);
    assert.match(warningsFor({ Entrypoint: ['/my app'] }).join(), /the command has a word/);
    assert.match(warningsFor({ Entrypoint: ['/a'], Cmd: ['', 'b'] }).join(), /the command has a word/);
    assert.match(warningsFor({ Entrypoint: '/a', Cmd: ['b'] }).join(), /the Entrypoint is a string/);
  });

  it('gives none when it will start the same', () => {
    for (const config of [
      {},
      { Cmd: ['nginx', '-g', 'daemon off;'] },
      { Entrypoint: ['/a', "it's", 'b\\c'], Cmd: ['x y', "'"] },
      { Entrypoint: '/a b' },
      { Cmd: '/a b' },
    ]) {
      assert.deepEqual(render({ docker_config: config }).warnings, []);
    }
  });
});

describe('the template', () => {
  it('must be the one that is known', () => {
    assert.match(problemOf({ template: 'builtin-mcu' }).found, /"builtin-mcu"/);
    assert.match(problemOf({ template: '' }).found, /names no template/);
  });

  describe('lets dm-verity verify', () => {
    const namesOf = (fields: Record<string, unknown>) =>
      mountedNames(readRunManifest(render(fields).runJson, 'web/run.json'));
    const patched = { docker_ovl_digest: 'x' };
    const extension = { base: 'nginx', docker_ovl_digest: 'x' };
    const both = ['dm:root.squashfs', 'dm:root.ovl.squashfs'];

    it('the volumes that src.json names, and no others', () => {
      const named = { 'model.squashfs': true, 'root.squashfs': false };
      const args = { PV_EXTRA_VOLUMES: 'model.squashfs,more.squashfs' };
      assert.deepEqual(namesOf({ args, dm_enabled: named }), [
        'root.squashfs',
        'dm:model.squashfs',
        'more.squashfs',
      ]);
      assert.deepEqual(namesOf({ ...patched, dm_enabled: { 'root.ovl.squashfs': true } }), [
        'root.squashfs',
        'dm:root.ovl.squashfs',
      ]);
      assert.deepEqual(namesOf({ ...extension, dm_enabled: { 'root.ovl.squashfs': true } }), [
        'dm:root.ovl.squashfs',
      ]);
    });

    it('an overlay with its base, unless src.json denies it', () => {
      const base = { 'root.squashfs': true };
      assert.deepEqual(namesOf({ ...patched, dm_enabled: base }), both);
      assert.deepEqual(namesOf({ ...extension, dm_enabled: base }), ['dm:root.ovl.squashfs']);
      assert.deepEqual(namesOf({ ...patched, dm_enabled: { ...base, 'root.ovl.squashfs': false } }), [
        'dm:root.squashfs',
        'root.ovl.squashfs',
      ]);
    });
  });

  it('writes hundreds of volumes without ado', () => {
    const names = Array.from({ length: 500 }, (_, index) => `v${index}.squashfs`);
    assert.deepEqual(
      readRunManifest(withArgs({ PV_EXTRA_VOLUMES: names.join(',') }).runJson, 'x').volumes,
      names,
    );
  });
});
