import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  type Contradiction,
  describeContradiction,
  severityOf,
} from '../../../src/core/checkout/contradictions/contradictions';
import { inTerminalWords } from '../../../src/core/remedy';
import {
  allContradictions,
  appFiles,
  type Files,
  readChanged,
  replaced,
  signatureText,
  soundFiles,
  squashfs,
  squashfsFile,
  superblock,
  withMembers,
} from './sample-checkout';

const anyKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

interface Case {
  readonly title: string;
  readonly changes: Files;
  /** All of them, so nothing is said that isn't so, or said twice. */
  readonly expected: readonly Contradiction[];
}

const none: readonly Contradiction[] = [];

const rootHash = '0'.repeat(64);

/** The base of an app is mounted through dm-verity, with this in its manifest. */
function verified(members: Readonly<Record<string, unknown>>, app: 'plain' | 'patched' = 'plain'): Files {
  return {
    ...withMembers(`${app}/run.json`, { 'root-volume': 'dm:root.squashfs' }),
    [`${app}/root.squashfs`]: superblock.padEnd(8192),
    [`${app}/root.squashfs.hash`]: 'x'.repeat(8192),
    [`${app}/_dm/root.squashfs.json`]: JSON.stringify(members),
  };
}

/** The same for an app with an overlay, which is not. */
function verifiedBase(members: Readonly<Record<string, unknown>>): Files {
  return { ...verified({ root_hash: rootHash }, 'patched'), ...withMembers('patched/src.json', members) };
}

function wrongVerity(found: string): Contradiction {
  const file = 'plain/_dm/root.squashfs.json';
  return { kind: 'wrong-verity', app: 'plain', file, volume: 'dm:root.squashfs', found };
}

/** The app and its base were committed; `fields` were others then. */
function committed(app: string, base: string, fields: Readonly<Record<string, unknown>> = {}): Files {
  const source = JSON.parse(soundFiles[`${app}/src.json`] ?? '') as object;
  const state = {
    '#spec': 'pantavisor-service-system@1',
    [`${app}/src.json`]: { ...source, ...fields },
    [`${app}/root.squashfs`]: base,
  };
  return { '.pvr/json': JSON.stringify(state) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

/** The base is in a group, with hello after it. */
function inGroup(group: string, members: Readonly<Record<string, unknown>> = {}): Files {
  return {
    ...withMembers('base/run.json', { group, status_goal: 'STARTED', ...members }),
    ...withMembers('hello/run.json', { group }),
  };
}

/** One more extension of it, in the group app if nothing else is said. */
function anExtension(name: string, members: Readonly<Record<string, unknown>> = {}): Files {
  const digests = { docker_digest: 'base@sha256:1', docker_ovl_digest: `${name}@sha256:1` };
  const files = appFiles(name, { base: 'base', ...digests });
  const run = JSON.parse(files[`${name}/run.json`] ?? '') as object;
  return {
    ...files,
    ...squashfs(`${name}/root.ovl.squashfs`, `${name}@sha256:1`),
    [`${name}/run.json`]: JSON.stringify({ ...run, group: 'app', ...members }),
  };
}

type StartsBeforeBase = Extract<Contradiction, { readonly kind: 'starts-before-base' }>;

/** That a and its base are in the same group. */
function startsBeforeBase({
  group,
  ...more
}: Pick<StartsBeforeBase, 'group' | 'isRecovered'> & Partial<StartsBeforeBase>): Contradiction {
  return {
    ...{ kind: 'starts-before-base', app: 'a', base: 'base', verdict: 'race', group, baseGroup: group },
    isBaseVerified: false,
    earlierGroup: { name: 'root', reboots: true },
    laterGroup: undefined,
    ...more,
  };
}

/** A whole device, with Pantavisor's own groups if nothing else is said. */
function device(members: Readonly<Record<string, unknown>> = {}): Files {
  const groups = ['data', 'root', 'platform', 'app'].map((name) => ({ name }));
  return { 'device.json': JSON.stringify({ groups, ...members }) };
}

const wholePool = { type: 'bridge', bridge: 'br0', subnet: '10.0.5.0/24', gateway: '10.0.5.1', nat: true };

function unknownPool(more: Partial<Extract<Contradiction, { kind: 'unknown-pool' }>>): Contradiction {
  return {
    ...{ kind: 'unknown-pool', app: 'plain', pool: 'lab' },
    ...{ isIncomplete: false, hasDevice: true, known: [] },
    ...more,
  };
}

/** A disk of a list in device.json, and a volume of the device on one. */
const disk = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  name,
  type: 'volume-disk',
  ...more,
});

const cases: Readonly<Record<string, readonly Case[]>> = {
  'src.json': [
    {
      title: 'of another kind',
      changes: withMembers('plain/src.json', { '#spec': 'service-manifest-src@9' }),
      expected: [
        {
          kind: 'unknown-spec',
          file: 'plain/src.json',
          spec: 'service-manifest-src@9',
          known: 'service-manifest-src@1',
        },
      ],
    },
    {
      title: 'of no kind',
      changes: withMembers('plain/src.json', { '#spec': undefined }),
      expected: [
        { kind: 'unknown-spec', file: 'plain/src.json', spec: undefined, known: 'service-manifest-src@1' },
      ],
    },
    {
      title: 'with another name',
      changes: withMembers('plain/src.json', { name: 'other' }),
      expected: [{ kind: 'wrong-name', file: 'plain/src.json', name: 'other', folder: 'plain' }],
    },
    {
      title: 'with a field of the wrong kind',
      changes: withMembers('plain/src.json', { docker_tag: 1 }),
      expected: [
        {
          kind: 'wrong-field',
          file: 'plain/src.json',
          field: 'docker_tag',
          expected: 'a string',
          found: 'a number',
        },
      ],
    },
    {
      title: 'with nulls and unknown fields, which are none',
      changes: withMembers('plain/src.json', { logs: null, pv_build_origin: 'yocto' }),
      expected: none,
    },
  ],

  'run.json': [
    {
      title: 'that is missing',
      changes: { 'plain/run.json': undefined },
      expected: [{ kind: 'missing-run-json', app: 'plain' }],
    },
    {
      title: 'of another kind',
      changes: withMembers('plain/run.json', { '#spec': 'x' }),
      expected: [
        { kind: 'unknown-spec', file: 'plain/run.json', spec: 'x', known: 'service-manifest-run@1' },
      ],
    },
    {
      title: 'with another name',
      changes: withMembers('plain/run.json', { name: 'other' }),
      expected: [{ kind: 'wrong-name', file: 'plain/run.json', name: 'other', folder: 'plain' }],
    },
    {
      title: 'with fields of the wrong kind',
      changes: withMembers('plain/run.json', { group: ['app'], volumes: 'none' }),
      expected: [
        {
          kind: 'wrong-field',
          file: 'plain/run.json',
          field: 'group',
          expected: 'a string',
          found: 'a list',
        },
        {
          kind: 'wrong-field',
          file: 'plain/run.json',
          field: 'volumes',
          expected: 'a list of strings',
          found: '"none"',
        },
      ],
    },
    {
      title: 'with words that a device does not know',
      changes: withMembers('plain/run.json', {
        restart_policy: 'never',
        status_goal: 'RUNNING',
        storage: { 'docker--data': { persistence: 'forever' }, 'lxc-overlay': { persistence: 'boot' } },
      }),
      expected: [
        {
          kind: 'wrong-field',
          file: 'plain/run.json',
          field: 'restart_policy',
          expected: 'system or container',
          found: '"never"',
        },
        {
          kind: 'wrong-field',
          file: 'plain/run.json',
          field: 'status_goal',
          expected: 'MOUNTED, STARTED or READY',
          found: '"RUNNING"',
        },
        {
          kind: 'wrong-field',
          file: 'plain/run.json',
          field: 'storage.docker--data.persistence',
          expected: 'permanent, revision or boot',
          found: '"forever"',
        },
      ],
    },
    {
      title: 'with the separator that pvr writes between two volumes',
      changes: {
        ...replaced('patched/run.json', '"root.ovl.squashfs"', '"extra.squashfs",\\n"root.ovl.squashfs"'),
        'patched/extra.squashfs': 'hsqs',
      },
      expected: [{ kind: 'broken-separator', app: 'patched', file: 'patched/run.json' }],
    },
    {
      title: 'that names a configuration which does not exist',
      changes: { 'plain/lxc.container.conf': undefined },
      expected: [{ kind: 'missing-config', app: 'plain', file: 'plain/lxc.container.conf' }],
    },
    {
      title: 'in a group that does not exist',
      changes: withMembers('plain/run.json', { group: 'apps' }),
      expected: [
        {
          kind: 'unknown-group',
          app: 'plain',
          group: 'apps',
          known: ['data', 'root', 'platform', 'app'],
        },
      ],
    },
    {
      title: 'with an old run level, which is a group by now, that does not exist',
      changes: {
        ...withMembers('plain/run.json', { runlevel: 'platform' }),
        'groups.json': '[{"name":"data"},{"name":"app"}]',
      },
      expected: [{ kind: 'unknown-group', app: 'plain', group: 'platform', known: ['data', 'app'] }],
    },
    {
      title: 'in a group of its own device.json',
      changes: {
        ...withMembers('plain/run.json', { group: 'mine' }),
        'device.json': '{"groups":[{"name":"data"},{"name":"mine"}]}',
      },
      expected: none,
    },
  ],

  'file systems': [
    {
      title: 'that run.json mounts and are not there',
      changes: { 'plain/root.squashfs': undefined },
      expected: [{ kind: 'missing-volume', app: 'plain', file: 'plain/root.squashfs' }],
    },
    {
      title: 'that are not there, of an app with an overlay',
      changes: { 'patched/root.ovl.squashfs': undefined },
      expected: [{ kind: 'missing-volume', app: 'patched', file: 'patched/root.ovl.squashfs' }],
    },
    {
      title: 'that pvr removed from an extension app (app update --newbase)',
      changes: { 'hello/root.ovl.squashfs': undefined, 'hello/root.ovl.squashfs.docker-digest': undefined },
      expected: [{ kind: 'missing-volume', app: 'hello', file: 'hello/root.ovl.squashfs' }],
    },
    {
      title: 'that are something else, as what git keeps in place of large files',
      changes: { 'plain/root.squashfs': 'version https://git-lfs.github.com/spec/v1\n'.padEnd(130, '0') },
      expected: [
        {
          kind: 'damaged-squashfs',
          app: 'plain',
          file: 'plain/root.squashfs',
          found: 'it is not a SquashFS file (its first bytes are not "hsqs")',
        },
      ],
    },
    {
      title: 'that a copy cut short',
      changes: {
        'patched/root.squashfs': superblock.slice(0, 50),
        'patched/root.ovl.squashfs': superblock.replace('`\0', '~\0'),
        'hello/root.ovl.squashfs': squashfsFile.slice(0, 1023),
      },
      expected: [
        {
          kind: 'damaged-squashfs',
          app: 'hello',
          file: 'hello/root.ovl.squashfs',
          found:
            'it has 1023 bytes, and no kernel mounts it with less than 1024; its end was cut off, or it was made without padding',
        },
        {
          kind: 'damaged-squashfs',
          app: 'patched',
          file: 'patched/root.squashfs',
          found: 'it has only 50 bytes, too few for a SquashFS file',
        },
        {
          kind: 'damaged-squashfs',
          app: 'patched',
          file: 'patched/root.ovl.squashfs',
          found: 'it has 96 bytes and should have 126; it was cut short',
        },
      ],
    },
    {
      title: 'that no run.json tells of, and are not there',
      changes: { 'plain/run.json': undefined, 'plain/root.squashfs': undefined },
      expected: [
        { kind: 'missing-run-json', app: 'plain' },
        { kind: 'missing-squashfs', app: 'plain' },
      ],
    },
    {
      title: 'of an extension app: it needs no base of its own',
      changes: { 'hello/run.json': undefined },
      expected: [{ kind: 'missing-run-json', app: 'hello' }],
    },
    {
      title: 'through dm-verity',
      changes: verified({ root_hash: rootHash }),
      expected: none,
    },
    {
      title: 'through dm-verity by a manifest without a root hash',
      changes: verified({}),
      expected: [wrongVerity('it has no root hash')],
    },
    {
      title: 'through dm-verity by the manifest of another file',
      changes: verified({ root_hash: rootHash, data_device: 'other.squashfs' }),
      expected: [wrongVerity('it is about other.squashfs')],
    },
    {
      title: 'through dm-verity by a manifest that is broken',
      changes: { ...verified({}), 'plain/_dm/root.squashfs.json': '' },
      expected: [{ kind: 'empty-json', file: 'plain/_dm/root.squashfs.json' }],
    },
    {
      title: 'through dm-verity by a hash tree that is not there',
      changes: { ...verified({ root_hash: rootHash }), 'plain/root.squashfs.hash': undefined },
      expected: [wrongVerity('the hash tree, root.squashfs.hash, does not exist')],
    },
    {
      title: 'through dm-verity by the hash tree of a larger file',
      changes: { ...verified({ root_hash: rootHash }), 'plain/root.squashfs.hash': 'x'.repeat(16384) },
      expected: [
        wrongVerity('the hash tree, root.squashfs.hash, has 16384 bytes, but one of this volume has 8192'),
      ],
    },
    {
      title: 'through dm-verity, but for the overlay',
      changes: verifiedBase({}),
      expected: [{ kind: 'unverified-overlay', app: 'patched', file: 'patched/root.ovl.squashfs' }],
    },
    {
      title: 'through dm-verity, but for the overlay, as src.json says',
      changes: verifiedBase({ dm_enabled: { 'root.squashfs': true, 'root.ovl.squashfs': false } }),
      expected: none,
    },
    {
      title: 'through dm-verity that nothing verifies',
      changes: withMembers('plain/run.json', { 'root-volume': 'dm:root.squashfs' }),
      expected: [
        {
          kind: 'missing-verity',
          app: 'plain',
          file: 'plain/_dm/root.squashfs.json',
          volume: 'dm:root.squashfs',
        },
      ],
    },
    {
      title: 'an overlay that nothing names',
      changes: squashfs('plain/root.ovl.squashfs', 'plain@sha256:2'),
      expected: [{ kind: 'unnamed-overlay', app: 'plain', file: 'plain/root.ovl.squashfs' }],
    },
    {
      title: 'an overlay that src.json names, but not run.json',
      changes: {
        ...withMembers('patched/run.json', { volumes: [] }),
        ...replaced('patched/lxc.container.conf', '/volumes/patched/root.ovl.squashfs:', ''),
      },
      expected: [{ kind: 'unmounted-patch', app: 'patched' }],
    },
    {
      title: 'that were made from another image',
      changes: { 'patched/root.squashfs.docker-digest': 'patched@sha256:0' },
      expected: [
        {
          kind: 'wrong-digest',
          file: 'patched/root.squashfs.docker-digest',
          digest: 'patched@sha256:0',
          manifestDigest: 'patched@sha256:1',
        },
      ],
    },
    {
      title: 'an overlay whose image src.json does not name',
      changes: withMembers('patched/src.json', { docker_ovl_digest: undefined }),
      expected: [
        {
          kind: 'wrong-digest',
          file: 'patched/root.ovl.squashfs.docker-digest',
          digest: 'patched@sha256:2',
          manifestDigest: undefined,
        },
      ],
    },
    {
      title: 'from an image with another name but the same digest',
      changes: { 'patched/root.squashfs.docker-digest': 'registry.example/other@sha256:1' },
      expected: none,
    },
    {
      title: 'from a rootfs',
      changes: {
        ...withMembers('plain/src.json', { rootfs_url: 'https://example/x', rootfs_digest: 'sha256:5' }),
        'plain/root.squashfs.docker-digest': undefined,
        'plain/root.squashfs.rootfs-digest': 'sha256:6',
      },
      expected: [
        {
          kind: 'wrong-digest',
          file: 'plain/root.squashfs.rootfs-digest',
          digest: 'sha256:6',
          manifestDigest: 'sha256:5',
        },
      ],
    },
  ],

  'the bytes of file systems': [
    {
      title: 'that were committed',
      changes: committed('plain', sha256(squashfsFile)),
      expected: none,
    },
    {
      title: 'that were not, though src.json is',
      changes: committed('plain', sha256('another')),
      expected: [{ kind: 'wrong-content', app: 'plain', file: 'plain/root.squashfs' }],
    },
    {
      title: 'that were not, nor was this image',
      changes: committed('plain', sha256('another'), { docker_digest: 'plain@sha256:0' }),
      expected: none,
    },
    {
      title: 'that are cut short, which is said once',
      changes: {
        ...committed('plain', sha256('another')),
        'plain/root.squashfs': superblock.slice(0, 90),
      },
      expected: [
        {
          kind: 'damaged-squashfs',
          app: 'plain',
          file: 'plain/root.squashfs',
          found: 'it has only 90 bytes, too few for a SquashFS file',
        },
      ],
    },
  ],

  'lxc.container.conf': [
    {
      title: 'with the line ends of Windows',
      changes: {
        'plain/lxc.container.conf': soundFiles['plain/lxc.container.conf']?.replaceAll('\n', '\r\n'),
      },
      expected: [{ kind: 'carriage-returns', app: 'plain', file: 'plain/lxc.container.conf' }],
    },
    {
      title: 'that stacks what does not exist',
      changes: replaced(
        'plain/lxc.container.conf',
        'overlayfs:',
        'overlayfs:/volumes/plain/more.squashfs:/volumes/nobody/root.squashfs:',
      ),
      expected: [
        { kind: 'missing-layer', app: 'plain', file: 'plain/more.squashfs' },
        { kind: 'missing-layer', app: 'plain', file: 'nobody/root.squashfs' },
      ],
    },
    {
      title: 'that stacks what nobody mounts',
      changes: {
        ...replaced('plain/lxc.container.conf', 'overlayfs:', 'overlayfs:/volumes/base/more.squashfs:'),
        'base/more.squashfs': 'hsqs',
      },
      expected: [{ kind: 'unmounted-layer', app: 'plain', file: 'base/more.squashfs', owner: 'base' }],
    },
    {
      title: 'without the overlay',
      changes: replaced('patched/lxc.container.conf', '/volumes/patched/root.ovl.squashfs:', ''),
      expected: [{ kind: 'unstacked-overlay', app: 'patched', file: 'patched/root.ovl.squashfs' }],
    },
    {
      title: 'with the base over the overlay',
      changes: replaced(
        'patched/lxc.container.conf',
        '/volumes/patched/root.ovl.squashfs:/volumes/patched/root.squashfs',
        '/volumes/patched/root.squashfs:/volumes/patched/root.ovl.squashfs',
      ),
      expected: [{ kind: 'hidden-overlay', app: 'patched', file: 'patched/root.ovl.squashfs' }],
    },
    {
      title: 'with another base over the overlay',
      changes: replaced(
        'hello/lxc.container.conf',
        '/volumes/hello/root.ovl.squashfs:/volumes/base/root.squashfs',
        '/volumes/base/root.squashfs:/volumes/hello/root.ovl.squashfs',
      ),
      expected: [{ kind: 'hidden-overlay', app: 'hello', file: 'hello/root.ovl.squashfs' }],
    },
    {
      title: 'that no run.json names is a leftover (pvr leaves it when the goal becomes MOUNTED)',
      changes: { 'base/lxc.container.conf': 'lxc.rootfs.path = overlayfs:/volumes/base/gone.squashfs:/x\n' },
      expected: none,
    },
    {
      title: 'with a root file system that is none of Pantavisor’s volumes',
      changes: replaced('plain/lxc.container.conf', /lxc\.rootfs\.path = .*/, 'lxc.rootfs.path = dir:/srv'),
      expected: none,
    },
  ],

  'extension apps': [
    {
      title: 'of an app that does not exist',
      changes: {
        'base/src.json': undefined,
        'base/run.json': undefined,
        'base/root.squashfs': undefined,
        'base/root.squashfs.docker-digest': undefined,
      },
      expected: [{ kind: 'missing-base', app: 'hello', base: 'base' }],
    },
    {
      title: 'of a base without a file system',
      changes: { 'base/root.squashfs': undefined },
      expected: [
        { kind: 'missing-volume', app: 'base', file: 'base/root.squashfs' },
        { kind: 'missing-layer', app: 'hello', file: 'base/root.squashfs' },
      ],
    },
    {
      title: 'of an extension app',
      changes: {
        ...appFiles('more', { base: 'hello', docker_ovl_digest: 'more@sha256:1' }),
        ...squashfs('more/root.ovl.squashfs', 'more@sha256:1'),
        'more/lxc.container.conf': 'lxc.rootfs.path = overlayfs:/volumes/more/root.ovl.squashfs:/x\n',
      },
      expected: [{ kind: 'base-is-extension', app: 'more', base: 'hello', baseOfBase: 'base' }],
    },
    {
      title: 'that extend each other, or themselves',
      changes: {
        ...withMembers('hello/src.json', { base: 'two' }),
        ...appFiles('two', { base: 'hello', docker_ovl_digest: 'two@sha256:1' }),
        ...squashfs('two/root.ovl.squashfs', 'two@sha256:1'),
        'two/lxc.container.conf': 'lxc.rootfs.path = overlayfs:/volumes/two/root.ovl.squashfs:/x\n',
        ...appFiles('self', { base: 'self', docker_ovl_digest: 'self@sha256:1' }),
        ...squashfs('self/root.ovl.squashfs', 'self@sha256:1'),
        'self/lxc.container.conf': 'lxc.rootfs.path = overlayfs:/volumes/self/root.ovl.squashfs:/x\n',
      },
      expected: [
        { kind: 'base-loop', app: 'hello', chain: ['hello', 'two', 'hello'] },
        { kind: 'base-loop', app: 'self', chain: ['self', 'self'] },
        { kind: 'base-loop', app: 'two', chain: ['two', 'hello', 'two'] },
      ],
    },
    {
      title: 'with a left-over base of its own, of whatever image',
      changes: squashfs('hello/root.squashfs', 'hello@sha256:7'),
      expected: none,
    },
    {
      title: 'whose base is still the old one, whatever src.json says',
      changes: withMembers('base/src.json', { docker_digest: 'base@sha256:9' }),
      expected: [
        {
          kind: 'wrong-digest',
          file: 'base/root.squashfs.docker-digest',
          digest: 'base@sha256:1',
          manifestDigest: 'base@sha256:9',
        },
      ],
    },
    {
      title: 'whose base has changed since (pvr app update base)',
      changes: {
        ...withMembers('base/src.json', { docker_digest: 'base@sha256:9' }),
        'base/root.squashfs.docker-digest': 'base@sha256:9',
      },
      expected: [
        {
          kind: 'outdated-extension',
          app: 'hello',
          base: 'base',
          builtOn: 'base@sha256:1',
          current: 'base@sha256:9',
        },
      ],
    },
  ],

  'what a device can not start': [
    {
      title: 'an app that is only mounted, as pvr makes it',
      changes: withMembers('base/run.json', { type: undefined }),
      expected: [{ kind: 'mounted-without-type', app: 'base' }],
    },
    {
      title: 'an app that is only mounted because its group is',
      changes: withMembers('plain/run.json', { group: 'data', type: undefined }),
      expected: [{ kind: 'mounted-without-type', app: 'plain' }],
    },
    {
      title: 'an extension in an earlier group than its base',
      changes: withMembers('base/run.json', { group: 'app', status_goal: undefined }),
      expected: [
        {
          kind: 'starts-before-base',
          app: 'hello',
          base: 'base',
          verdict: 'never',
          group: 'root',
          baseGroup: 'app',
          isBaseVerified: false,
          isRecovered: false,
          earlierGroup: { name: 'root', reboots: true },
          laterGroup: 'app',
        },
      ],
    },
    {
      title: 'an extension that comes before its base in the same group',
      changes: { ...inGroup('app'), ...anExtension('a') },
      expected: [startsBeforeBase({ group: 'app', isRecovered: true })],
    },
    {
      title: 'the same, where what fails is not started again: by its group, or by what it says itself',
      changes: {
        ...inGroup('app'),
        ...anExtension('a', { auto_recovery: { policy: 'no' } }),
      },
      expected: [startsBeforeBase({ group: 'app', isRecovered: false })],
    },
    {
      title: 'the same over a base that dm-verity verifies',
      changes: {
        ...inGroup('app', { 'root-volume': 'dm:root.squashfs' }),
        'base/root.squashfs': superblock.padEnd(8192),
        'base/root.squashfs.hash': 'x'.repeat(8192),
        'base/_dm/root.squashfs.json': JSON.stringify({ root_hash: rootHash }),
        ...anExtension('a'),
      },
      expected: [startsBeforeBase({ group: 'app', isRecovered: true, isBaseVerified: true })],
    },
    {
      title: 'the same in groups of the checkout, where no later one is left',
      changes: {
        ...inGroup('late', { restart_policy: 'container' }),
        ...withMembers('hello/run.json', { group: 'late' }),
        ...anExtension('a', { group: 'late' }),
        'groups.json': '[{"name":"data","status_goal":"MOUNTED"},{"name":"soon"},{"name":"late"}]',
      },
      expected: [
        startsBeforeBase({
          group: 'late',
          isRecovered: false,
          earlierGroup: { name: 'soon', reboots: false },
        }),
      ],
    },
    {
      title: 'and no extension whose name is longer by a dash, but by more than that',
      changes: { ...inGroup('app'), ...anExtension('base2') },
      expected: none,
    },
  ],

  'JSON files': [
    {
      title: 'that are empty',
      changes: { 'plain/src.json': '', 'plain/services.json': '', 'device.json': '' },
      expected: [
        { kind: 'empty-json', file: 'device.json' },
        { kind: 'empty-json', file: 'plain/services.json' },
        { kind: 'empty-json', file: 'plain/src.json' },
      ],
    },
    {
      title: 'that were added with --raw, and may hold anything',
      changes: {
        'plain/raw.json': '',
        'plain/new.json': 'not JSON',
        '.pvr/json': `{"#spec":"pantavisor-service-system@1","plain/raw.json":"${'0'.repeat(64)}"}`,
        '.pvr/new': '{"plain/new.json":{"ForceObject":true,"Sha":"1"}}',
      },
      expected: none,
    },
  ],

  'services of other apps': [
    {
      title: 'that one of them offers',
      changes: {
        ...device(),
        ...withMembers('plain/run.json', { services: { required: [{ name: 'nm', type: 'rest' }, 'raw'] } }),
        'patched/services.json': JSON.stringify({
          '#spec': 'service-manifest-xconnect@1',
          services: [{ name: 'nm', type: 'rest', socket: '/run/nm.sock' }],
        }),
        'hello/services.json': '[{"name":"raw","type":"unix","socket":"/run/raw.sock"}]',
      },
      expected: none,
    },
    {
      title: 'that none offers',
      changes: {
        ...device(),
        ...withMembers('plain/run.json', {
          services: { required: [{ name: 'nm' }, { name: 'gone' }], optional: [{ name: 'other' }] },
        }),
        'patched/services.json':
          '{"services":[{"name":"nm"},{"type":"dbus","owns":"org.gone","name":"gone"}]}',
      },
      expected: [{ kind: 'missing-service', app: 'plain', service: 'gone', index: 1, exported: ['nm'] }],
    },
    {
      title: "that Pantavisor's own bus may offer",
      changes: {
        ...device(),
        ...withMembers('plain/run.json', { services: { required: [{ name: 'system-bus' }] } }),
      },
      expected: none,
    },
    {
      title: 'that nobody can tell in a checkout that is no whole device',
      changes: withMembers('plain/run.json', { services: { required: [{ name: 'gone' }] } }),
      expected: none,
    },
    {
      title: 'in a checkout that is a whole device, as its bsp says',
      changes: {
        'bsp/run.json': '{}',
        ...withMembers('plain/run.json', { services: { required: [{ name: 'gone' }] } }),
      },
      expected: [{ kind: 'missing-service', app: 'plain', service: 'gone', index: 0, exported: [] }],
    },
  ],

  networks: [
    {
      title: 'that exist',
      changes: {
        ...device({ network: { pools: { lab: wholePool } } }),
        ...withMembers('plain/run.json', { network: { mode: 'pool', pool: 'lab' } }),
        ...withMembers('patched/run.json', { network: { mode: 'host' } }),
      },
      expected: none,
    },
    {
      title: 'that do not',
      changes: {
        ...device({ network: { pools: { internal: wholePool } } }),
        ...withMembers('plain/run.json', { network: { pool: 'lab' } }),
      },
      expected: [unknownPool({ known: ['internal'] })],
    },
    {
      title: 'that do not, without a device.json',
      changes: { 'bsp/run.json': '{}', ...withMembers('plain/run.json', { network: { pool: 'lab' } }) },
      expected: [unknownPool({ hasDevice: false })],
    },
    {
      title: 'that a device leaves out',
      changes: {
        ...device({ network: { pools: { lab: { ...wholePool, type: 'macvlan' } } } }),
        ...withMembers('plain/run.json', { network: { pool: 'lab' } }),
      },
      expected: [unknownPool({ isIncomplete: true })],
    },
    {
      title: 'of a checkout that is no whole device',
      changes: withMembers('plain/run.json', { network: { pool: 'lab' } }),
      expected: none,
    },
    {
      title: 'of a pool beside handmade ones',
      changes: {
        ...device({ network: { pools: { lab: wholePool } } }),
        ...withMembers('plain/run.json', { network: { pool: 'lab' } }),
        'plain/lxc.container.conf': `${soundFiles['plain/lxc.container.conf'] ?? ''}lxc.net.0.type = empty\n`,
        // Without a pool they are nobody's business.
        'patched/lxc.container.conf': `${soundFiles['patched/lxc.container.conf'] ?? ''}lxc.net.0.type = empty\n`,
      },
      expected: [{ kind: 'two-networks', app: 'plain', file: 'plain/lxc.container.conf', pool: 'lab' }],
    },
    {
      title: 'of a pool beside those that are commented out',
      changes: {
        ...device({ network: { pools: { lab: wholePool } } }),
        ...withMembers('plain/run.json', { network: { pool: 'lab' } }),
        'plain/lxc.container.conf': `${soundFiles['plain/lxc.container.conf'] ?? ''}#lxc.net.0.type = empty\n`,
      },
      expected: none,
    },
  ],

  disks: [
    {
      title: 'that volumes lie on, by name and by alias',
      changes: {
        ...device({
          disks: [disk('flash', { aliases: ['old-flash'] })],
          disks_v3: [{ name: 'both', type: 'dual' }, disk('tomorrow', { type: 'raid' })],
          volumes: {
            'pv--devmeta': { persistence: 'permanent', disk: 'both' },
            'pv--firmware': { persistence: 'boot' },
          },
        }),
        ...withMembers('plain/run.json', { storage: { a: { persistence: 'permanent', disk: 'old-flash' } } }),
      },
      expected: none,
    },
    {
      title: 'that do not exist',
      changes: {
        ...device({ disks: [disk('flash')], volumes: { v: { persistence: 'boot', disk: 'usb' } } }),
        ...withMembers('plain/run.json', { storage: { a: { persistence: 'permanent', disk: 'sd' } } }),
      },
      expected: [
        { kind: 'unknown-disk', file: 'device.json', volume: 'v', disk: 'usb', known: ['flash'] },
        { kind: 'unknown-disk', file: 'plain/run.json', volume: 'a', disk: 'sd', known: ['flash'] },
      ],
    },
    {
      title: 'of disks.json, which counts without device.json only',
      changes: {
        'disks.json': JSON.stringify([disk('flash')]),
        'disks_v3.json': '[]',
        ...withMembers('plain/run.json', { storage: { a: { persistence: 'permanent', disk: 'flash' } } }),
        ...withMembers('patched/run.json', { storage: { a: { persistence: 'permanent', disk: 'sd' } } }),
      },
      expected: [
        { kind: 'empty-disks', file: 'disks_v3.json', list: undefined },
        { kind: 'unknown-disk', file: 'patched/run.json', volume: 'a', disk: 'sd', known: ['flash'] },
      ],
    },
    {
      title: 'of unknown types, where the device does not pass over them',
      changes: device({
        disks: [disk('a', { type: 'directory' })],
        disks_v2: [disk('b', { type: 'raid' }), disk('c', { type: undefined })],
      }),
      expected: [
        ...[{ file: 'device.json', list: 'disks', index: 0, disk: 'a', type: 'directory' }],
        ...[{ file: 'device.json', list: 'disks_v2', index: 0, disk: 'b', type: 'raid' }],
        ...[{ file: 'device.json', list: 'disks_v2', index: 1, disk: 'c', type: undefined }],
      ].map((facts) => ({ kind: 'unknown-disk-type', ...facts }) as const),
    },
    {
      title: 'that answer to the same name',
      changes: device({
        disks: [disk('a', { aliases: ['a', 'c'] }), disk('b', { aliases: ['x'] })],
        disks_v2: [disk('c', { aliases: ['x'] })],
      }),
      expected: [
        ...[{ list: 'disks', index: 0, alias: 'c', disk: 'a', other: 'c' }],
        ...[{ list: 'disks_v2', index: 0, alias: 'x', disk: 'c', other: 'b' }],
      ].map((facts) => ({ kind: 'clashing-disks', file: 'device.json', ...facts }) as const),
    },
  ],

  'the checkout': [
    { title: 'when nothing is wrong', changes: {}, expected: none },
    {
      title: 'with a state of another kind',
      changes: { '.pvr/json': '{"#spec":"pantavisor-service-embed@1"}' },
      expected: [
        {
          kind: 'unknown-spec',
          file: '.pvr/json',
          spec: 'pantavisor-service-embed@1',
          known: 'pantavisor-service-system@1',
        },
      ],
    },
    {
      title: 'with the state of old devices',
      changes: { '.pvr/json': '{"#spec":"pantavisor-multi-platform@1"}' },
      expected: none,
    },
    {
      title: 'with both group files',
      changes: { 'device.json': '{"groups":[{"name":"data"}]}', 'groups.json': '[{"name":"app"}]' },
      expected: [
        { kind: 'two-group-files' },
        { kind: 'unknown-group', app: 'base', group: 'data', known: ['data'] },
      ].slice(0, 1) as Contradiction[],
    },
    {
      title: 'with a list of disks that names none',
      changes: { 'device.json': '{"groups":[{"name":"data"}],"disks":[]}' },
      expected: [{ kind: 'empty-disks', file: 'device.json', list: 'disks' }],
    },
    {
      title: 'with weights over their limits, and limits for nobody',
      changes: {
        '.pvx.json':
          '{"budget":{"maxDownload":0,"maxOverlay":"1 MB","apps":{"patched":{"maxShare":"1 %","maxOverlay":"1 B"},"gone":{"maxShare":1}}}}',
        '.pvr/new': '{"notes/x":{"Sha":""}}',
        'notes/x': 'x',
      },
      expected: [
        { kind: 'budget-without-app', app: 'gone' },
        {
          kind: 'revision-over-budget',
          said: 'a device downloads 1 B, and 0 B are allowed',
          key: 'maxDownload',
        },
        {
          kind: 'app-over-budget',
          app: 'patched',
          isOwn: true,
          said: 'the overlay of patched weighs 4.1 kB, and 1 B are allowed',
          key: 'maxOverlay',
        },
        {
          kind: 'app-over-budget',
          app: 'patched',
          isOwn: true,
          said: 'the overlay of patched weighs 100 % of its base, and 1 % are allowed',
          key: 'maxShare',
        },
      ],
    },
    {
      title: 'with limits that nobody understands',
      changes: { '.pvx.json': '{"budget":{"maxOverlay":"1 banana"}}' },
      expected: [
        {
          kind: 'unreadable',
          file: '.pvx.json',
          found:
            '"maxOverlay" of budget is "1 banana" instead of a size, as 10 MB, 500kB, 8MiB or a number of bytes',
          remedy:
            'Correct the file, as {"budget": {"maxDownload": "20 MB", "apps": {"web": {"maxShare": "40 %"}}}}',
        },
      ],
    },
    {
      title: 'with configuration of apps that are gone',
      changes: { '_config/gone/etc/motd': 'x', '_config/plain/etc/my motd': 'x', '_config/README': 'x' },
      expected: [{ kind: 'config-without-app', app: 'gone' }],
    },
    {
      title: 'with a signature of nothing',
      changes: {
        '_sigs/gone.json': signatureText(['gone/**', '_config/gone/**'], ['gone/src.json']),
        '_sigs/plain.json': signatureText(['plain/**'], ['plain/src.json']),
      },
      expected: [{ kind: 'signature-without-files', file: '_sigs/gone.json' }],
    },
    {
      title: 'with a signature over something else',
      changes: { '_sigs/plain.json': signatureText(['plain/**'], [], anyKey) },
      expected: [{ kind: 'stale-signature', file: '_sigs/plain.json' }],
    },
    {
      title: 'with a change that was interrupted',
      changes: { '.pvr/tmp/00000000-0000-0000-0000-000000000000/1-root.squashfs': 'x' },
      expected: [{ kind: 'interrupted-change' }],
    },
    {
      title: 'with changes that could be neither finished nor undone',
      changes: {
        '.pvr/tmp/set-aside-00000000-0000-0000-0000-000000000000/journal.json': JSON.stringify({
          version: 2,
          what: 'updating plain',
          folders: [],
          steps: [],
        }),
        '.pvr/tmp/set-aside-11111111-1111-1111-1111-111111111111/journal.json': '{"version":1}',
      },
      expected: [
        {
          kind: 'set-aside-change',
          folder: '.pvr/tmp/set-aside-00000000-0000-0000-0000-000000000000',
          what: 'updating plain',
        },
        {
          kind: 'set-aside-change',
          folder: '.pvr/tmp/set-aside-11111111-1111-1111-1111-111111111111',
          what: undefined,
        },
      ],
    },
  ],
};

for (const [concern, list] of Object.entries(cases)) {
  describe(`contradictions: ${concern}`, () => {
    for (const { title, changes, expected } of list) {
      it(title, async () => {
        assert.deepEqual(allContradictions(await readChanged(changes)), expected);
      });
    }
  });
}

describe('what people read about a contradiction', () => {
  const found = Object.values(cases).flatMap((list) => list.flatMap(({ expected }) => expected));
  const unreadable: Contradiction = {
    kind: 'unreadable',
    file: 'web/src.json',
    found: 'line 1 is broken',
    remedy: 'Mend it',
  };

  it('is told of what pvr’s own files say of a file and can’t be meant', async () => {
    const checkout = await readChanged({
      '.pvr/json': JSON.stringify({
        '#spec': 'pantavisor-service-system@1',
        'plain/root.squashfs': '0'.repeat(64),
        'plain/src.json': 7,
        'plain/a': 7,
        'plain/b': null,
        'plain/c': '../../etc/passwd',
      }),
      '.pvr/new': JSON.stringify({ x: 7, y: null, z: { ForceObject: false, Sha: '0'.repeat(64) } }),
    });
    const said = checkout.contradictions.map(describeContradiction);
    const restore = 'Get the state again with pvr get, or clone the device into a new folder';
    const again = 'Delete the file, then add your new files again with pvr add';
    assert.deepEqual(
      said.map(({ found, remedy }) => [found, remedy]),
      [
        ['"plain/a" in .pvr/json is a number instead of the sha256 of a file', restore],
        ['"plain/b" in .pvr/json is null instead of the sha256 of a file', restore],
        ['"plain/c" in .pvr/json is "../../etc/passwd" instead of the sha256 of a file', restore],
        ['"x" in .pvr/new is a number instead of what pvr add writes', again],
        ['"y" in .pvr/new is null instead of what pvr add writes', again],
      ],
    );
  });

  it('is how an extension starts safely: each group by both files that say it, or another name', () => {
    const remedyOf = (more: Partial<StartsBeforeBase>) =>
      describeContradiction(startsBeforeBase({ group: 'app', isRecovered: true, ...more })).remedy;
    const earlier =
      'Put base into the earlier group root (its updates will reboot the device): "group" in base/run.json and "PV_GROUP" in "args" of base/src.json';
    assert.equal(remedyOf({}), `${earlier}, or give a a name that sorts after base`);
    assert.equal(
      remedyOf({ verdict: 'never', laterGroup: 'app' }),
      `${earlier}, or put a into the later group app: "group" in a/run.json and "PV_GROUP" in "args" of a/src.json`,
    );
    assert.equal(
      remedyOf({ verdict: 'never', earlierGroup: undefined }),
      'Give base a group before that of a',
    );
    assert.equal(remedyOf({ earlierGroup: undefined }), 'Give a a name that sorts after base');
  });

  it('is how bad a start before the base is: whether the device gets over it', () => {
    const severity = (more: Partial<StartsBeforeBase>) =>
      severityOf(startsBeforeBase({ group: 'app', isRecovered: true, ...more }));
    assert.equal(severity({}), 'warning');
    assert.equal(severity({ isRecovered: false }), 'error');
    assert.equal(severity({ isBaseVerified: true }), 'error');
    assert.equal(severity({ verdict: 'never' }), 'error');
  });

  it('is worse of a disk that no device knows than of one that older devices do', () => {
    const severity = (type: string | undefined) =>
      severityOf({
        kind: 'unknown-disk-type',
        file: 'device.json',
        list: 'disks',
        index: 0,
        disk: 'a',
        type,
      });
    assert.deepEqual(['directory', 'raid', undefined].map(severity), ['warning', 'error', 'error']);
  });

  it('is a sentence on what was found and one on what to do, without their stops', () => {
    for (const contradiction of [...found, unreadable]) {
      const { found: what, remedy: data } = describeContradiction(contradiction);
      const remedy = inTerminalWords(data);
      for (const text of [what, remedy]) {
        assert.match(text, /\S/);
        assert.doesNotMatch(text, /[.\s]$|undefined|\[object/, contradiction.kind);
      }
      assert.match(remedy, /^[A-Z]/, contradiction.kind);
    }
  });

  it('is tested for every kind', () => {
    const every: Record<Contradiction['kind'], true> = {
      'stale-signature': true,
      unreadable: true,
      'empty-json': true,
      'wrong-field': true,
      'unknown-spec': true,
      'wrong-name': true,
      'broken-separator': true,
      'missing-run-json': true,
      'missing-config': true,
      'missing-squashfs': true,
      'damaged-squashfs': true,
      'missing-volume': true,
      'missing-verity': true,
      'wrong-verity': true,
      'unverified-overlay': true,
      'missing-layer': true,
      'unmounted-layer': true,
      'unstacked-overlay': true,
      'hidden-overlay': true,
      'unnamed-overlay': true,
      'unmounted-patch': true,
      'wrong-digest': true,
      'wrong-content': true,
      'missing-base': true,
      'base-is-extension': true,
      'base-loop': true,
      'outdated-extension': true,
      'unknown-group': true,
      'starts-before-base': true,
      'mounted-without-type': true,
      'two-group-files': true,
      'missing-service': true,
      'unknown-pool': true,
      'two-networks': true,
      'unknown-disk': true,
      'unknown-disk-type': true,
      'clashing-disks': true,
      'empty-disks': true,
      'carriage-returns': true,
      'app-over-budget': true,
      'revision-over-budget': true,
      'budget-without-app': true,
      'config-without-app': true,
      'signature-without-files': true,
      'interrupted-change': true,
      'set-aside-change': true,
    };
    const tested = new Set([...found, unreadable].map(({ kind }) => kind));
    assert.deepEqual([...tested].sort(), Object.keys(every).sort());
  });

  it('names the file or the app that it is about', () => {
    for (const contradiction of [...found, unreadable]) {
      const { found: what } = describeContradiction(contradiction);
      const subject =
        'file' in contradiction ? contradiction.file : 'app' in contradiction ? contradiction.app : '';
      assert.ok(what.includes(subject), `${contradiction.kind}: ${what}`);
    }
  });
});
