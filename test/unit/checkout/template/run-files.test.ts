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
const environmentOf = (lxc: string | undefined) =>
  [...(lxc ?? '').matchAll(/^lxc\.environment = (.*)$/gm)].map(([, variable]) => variable);
const storageOf = (runJson: string) =>
  Object.keys((JSON.parse(runJson) as { storage: Record<string, unknown> }).storage);
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
  it('refuses a line break, which would add a line to lxc.container.conf: LXC takes a carriage return for one, too', () => {
    for (const lineBreak of ['\n', '\r', '\0']) {
      const evil = `x${lineBreak}lxc.hook.pre-start = /bin/evil`;
      for (const config of [
        { Cmd: ['/a', evil] },
        { Entrypoint: [evil] },
        { WorkingDir: evil },
        { Volumes: { [`/${evil}`]: {} } },
      ]) {
        assert.match(problemOf({ docker_config: config }).found, /line feed/);
      }
      for (const args of [
        { PV_RUN_TMPFS_PATH: evil },
        { PV_FILEIMPORTS: evil },
        { PV_LXC_CAP_DROP: [evil] },
      ]) {
        assert.match(problemOf({ args }).found, /line feed/);
      }
    }
  });

  it('leaves out a variable with a line break and names it, but never tells its value', () => {
    for (const lineBreak of ['\n', '\r', '\0']) {
      const config = { Env: ['A=1', `TOKEN=secret=1${lineBreak}lxc.hook.pre-start = /bin/evil`] };
      const { lxcContainerConf, warnings } = render({ docker_config: config });
      assert.deepEqual(environmentOf(lxcContainerConf), ['A=1']);
      assert.doesNotMatch(lxcContainerConf ?? '', /evil/);
      assert.match(warnings.join(), /^web: the variable TOKEN has a line feed.*left out/);
      assert.doesNotMatch(warnings.join(), /secret/);
    }
  });

  it('leaves out variables without a value or a name: LXC refuses the file, or clears all of them', () => {
    const { lxcContainerConf, warnings } = render({
      docker_config: { Env: ['NOEQ', '', 'A=b', '=x', 'EMPTY='] },
      args: { PV_LXC_EXTRA_ENV: ['TERM', 'B=c'] },
    });
    assert.deepEqual(environmentOf(lxcContainerConf), ['A=b', 'EMPTY=', 'B=c']);
    assert.equal(warnings.length, 4);
    assert.match(warnings[0] ?? '', /^web: the variable NOEQ has no value .*left out.*PV_LXC_EXTRA_ENV/);
    assert.match(warnings[1] ?? '', /empty/);
    assert.match(warnings[2] ?? '', /no name/);
    assert.match(warnings[3] ?? '', /TERM/);
  });

  it('puts a value into quotes whose ends LXC would take off, and no other', () => {
    const lines = lxcLines({
      docker_config: {
        Env: ['T=trail ', ' L=x', 'TAB=\t', "'Q=q'", 'I=a "b"', 'P="q"'],
        WorkingDir: '/srv/my dir ',
        Cmd: '"/a b" "c"',
      },
    });
    for (const line of [
      'lxc.environment = "T=trail "',
      'lxc.environment = " L=x"',
      'lxc.environment = "TAB=\t"',
      `lxc.environment = "'Q=q'"`,
      'lxc.environment = I=a "b"',
      'lxc.environment = P="q"',
      'lxc.init.cwd = "/srv/my dir "',
      'lxc.init.cmd = ""/a b" "c""',
    ])
      assert.ok(lines.includes(line), `${line} is not in ${lines.join('\n')}`);
  });

  it('escapes what separates the fields of a mount entry', () => {
    const lines = lxcLines({
      docker_config: { Volumes: { '/my data/': {}, '/a\tb': {}, '/c\\d': {} } },
      persistence: { 'ovl:/e f': 'boot' },
    });
    assert.deepEqual(
      lines.filter((line) => line.includes('/docker')),
      [
        'lxc.mount.entry = /volumes/web/docker--a\\011b a\\011b none bind,rw,create=dir 0 0',
        'lxc.mount.entry = /volumes/web/docker--c\\134d c\\134d none bind,rw,create=dir 0 0',
        'lxc.mount.entry = /volumes/web/docker--my\\040data my\\040data none bind,rw,create=dir 0 0',
        'lxc.mount.entry = /volumes/web/dockerovl--e\\040f e\\040f overlay lowerdir=/volumes/web/root.squashfs/e\\040f,' +
          'upperdir=/volumes/web/dockerovl--e\\040f/upper,workdir=/volumes/web/dockerovl--e\\040f/work,create=dir 0 0',
      ],
    );
  });

  it('leaves out a volume of the root folder, in both files', () => {
    for (const root of ['/', '', '//', '/.', '/a/..', 'ovl:/']) {
      const { lxcContainerConf, runJson, warnings } = render({
        docker_config: { Volumes: { [root]: {}, '/data': {} } },
      });
      const volumes = (lxcContainerConf ?? '').split('\n').filter((line) => line.includes('/docker'));
      assert.deepEqual(volumes, [
        'lxc.mount.entry = /volumes/web/docker--data data none bind,rw,create=dir 0 0',
      ]);
      assert.deepEqual(storageOf(runJson), ['docker--data', 'lxc-overlay']);
      assert.match(warnings.join(), /^web: .*root folder.*left out.*lxc-overlay/);
    }
  });

  it('names volumes as pvr does, from any path, and mounts them below the root', () => {
    const names = (path: string) => {
      const { lxcContainerConf, runJson } = render({ docker_config: { Volumes: { [path]: {} } } });
      const line = (lxcContainerConf ?? '').split('\n').find((one) => one.includes('/docker'));
      const [, source, target] = /entry = (\S+) (\S+)/.exec(line ?? '') ?? [];
      return [storageOf(runJson)[0], source, target];
    };
    const named = (name: string, target: string) => [name, `/volumes/web/${name}`, target];
    assert.deepEqual(names('/data'), named('docker--data', 'data'));
    assert.deepEqual(names('/data/'), named('docker--data', 'data'));
    assert.deepEqual(names('/data//'), named('docker--data', 'data'));
    assert.deepEqual(names('data/x'), named('docker-data-x', 'data/x'));
    // LXC passes over a mount outside of the root file system, which an absolute target is to it.
    assert.deepEqual(names('//data'), named('docker---data', 'data'));
    const imports = { PV_VOLUME_IMPORTS: ['db:/var/lib/db/:/db', 'db:sub@/data/:/x:ro'] };
    assert.match(withArgs(imports).lxcContainerConf ?? '', /\/volumes\/db\/docker--var-lib-db db none/);
    assert.match(withArgs(imports).lxcContainerConf ?? '', /\/volumes\/db\/docker--data\/sub x none bind,ro/);
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
