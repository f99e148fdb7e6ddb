import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from './schemas';

interface Example {
  readonly file: string;
  readonly good?: Readonly<Record<string, unknown>>;
  /** Each with where the fault is told. */
  readonly bad?: Readonly<Record<string, readonly [document: unknown, place: string]>>;
}

const group = { name: 'app' };
const device = (members: object) => ({ groups: [group], ...members });
const run = (members: object) => ({
  ...{ '#spec': 'service-manifest-run@1', name: 'web', storage: { 'lxc-overlay': { persistence: 'boot' } } },
  ...members,
});
const source = (members: object) => ({ '#spec': 'service-manifest-src@1', ...members });
const exports = (...services: readonly unknown[]) => ({ '#spec': 'service-manifest-xconnect@1', services });
const pool = { type: 'bridge', bridge: 'br0', subnet: '10.0.5.0/24', gateway: '10.0.5.1', nat: true };
const pools = (lab: object) => device({ network: { pools: { lab } } });
const dual = { name: 'both', type: 'dual', disks: ['_a', '_b'], init_order: ['primary', 'create-primary'] };
const sha256 = 'a'.repeat(64);
const verity = {
  ...{ type: 'dm-verity', data_device: 'root.squashfs', hash_device: 'root.squashfs.hash' },
  ...{ root_hash: sha256, salt: '00ff', uuid: '125e28bb-90af-4d13-b72b-c14549476299' },
};

const examples: readonly Example[] = [
  {
    file: 'web/run.json',
    good: {
      'with a service of each type': run({
        services: {
          required: ['rest', 'dbus', 'unix', 'drm', 'wayland', 'input'].map((type) => ({ name: 'x', type })),
        },
      }),
      'with services by name alone': run({ services: { required: ['nm'], optional: ['x'], manual: [] } }),
      'with roles as an object': run({ roles: {} }),
      'with roles as a list': run({ roles: ['mgmt'] }),
      'with another file system': run({
        'root-volume': 'root.erofs',
        volumes: ['a.data', 'b.bind', 'dm:c.ext4'],
      }),
      'with a log of its own': run({
        'dev-log': false,
        logs: [{ file: '/var/log/x', truncate: 'true', maxsize: '1024', name: 'x' }, { lxc: 'enable' }],
      }),
      'in a pool': run({ network: { mode: 'pool', pool: 'lab', ip: '10.0.5.2' } }),
      'in the network of the device': run({ network: { mode: 'host' } }),
    },
    bad: {
      'with a service of an unknown type': [
        run({ services: { required: [{ name: 'x', type: 'tcp' }] } }),
        '/services/required/0/type',
      ],
      'with a service without a name': [
        run({ services: { optional: [{ type: 'rest' }] } }),
        '/services/optional/0',
      ],
      'with an unknown role': [run({ roles: ['admin'] }), '/roles/0'],
      'with a volume of no file system': [run({ 'root-volume': 'root' }), '/root-volume'],
      'with dev-log as a word': [run({ 'dev-log': 'yes' }), '/dev-log'],
      'with a log that is no object': [run({ logs: ['/var/log/x'] }), '/logs/0'],
      'with an unknown network mode': [run({ network: { mode: 'bridge' } }), '/network/mode'],
      'with the network of the device and a pool': [
        run({ network: { mode: 'host', pool: 'lab' } }),
        '/network',
      ],
      'with another persistence': [
        run({ storage: { x: { persistence: 'forever' } } }),
        '/storage/x/persistence',
      ],
    },
  },
  {
    file: '.pvx.json',
    good: {
      'without a rule': {},
      'with all rules': {
        budget: {
          ...{ maxDownload: '20 MB', maxOverlay: 5_000_000, maxShare: '12.5 %' },
          apps: { web: { maxDownload: '1GiB', maxOverlay: '3b', maxShare: 40 } },
        },
      },
    },
    bad: {
      'with a size in bananas': [{ budget: { maxOverlay: '3 bananas' } }, '/budget/maxOverlay'],
      'with half a byte': [{ budget: { maxDownload: 0.5 } }, '/budget/maxDownload'],
      'with a negative share': [{ budget: { maxShare: -1 } }, '/budget/maxShare'],
      'with a rule that nobody knows': [{ budget: { apps: { web: { maxsize: 1 } } } }, '/budget/apps/web'],
    },
  },
  {
    file: 'device.json',
    good: {
      'with all kinds of disks': device({
        disks: [
          {
            name: 'secrets',
            type: 'dm-crypt-caam',
            mode: 'nxp',
            path: 'caam.img,2,key',
            migrate_keyblob: 'yes',
          },
          { name: 'data', type: 'volume-disk', aliases: ['old-data'], uuid: '0-1', mount_target: '/x' },
        ],
        disks_v2: [{ name: 'swap', type: 'swap-disk', provision: 'zram', provision_options: 'disksize=38M' }],
        disks_v3: [dual, { name: 'tomorrow', type: 'raid' }],
      }),
      // With a word of deprecation, which no validator counts as a fault.
      'with what older devices know': device({
        disks: [{ name: 'a', type: 'directory', provision_ops: 'x' }],
      }),
      'with volumes and pools': device({
        volumes: {
          'pv--firmware': { persistence: 'boot' },
          'pv--devmeta': { persistence: 'permanent', disk: 'x' },
        },
        network: {
          pools: { lab: pool, vlan: { ...pool, type: 'macvlan', bridge: undefined, parent: 'eth0' } },
        },
      }),
    },
    bad: {
      'without groups': [{ disks: [{ name: 'a', type: 'volume-disk' }] }, ''],
      'with a disk of an unknown type': [device({ disks: [{ name: 'a', type: 'raid' }] }), '/disks/0/type'],
      'with a pair of disks among the strict ones': [device({ disks_v2: [dual] }), '/disks_v2/0/type'],
      'with an empty list of disks': [device({ disks_v3: [] }), '/disks_v3'],
      'with half a pair': [
        device({ disks_v3: [{ name: 'both', type: 'dual', disks: ['a', 'b'] }] }),
        '/disks_v3/0',
      ],
      'with a pair that is made in an unknown way': [
        device({ disks_v3: [{ ...dual, init_order: ['format'] }] }),
        '/disks_v3/0/init_order/0',
      ],
      'with keys of an unknown kernel': [
        device({ disks: [{ name: 'a', type: 'dm-crypt-dcp', mode: 'upstream' }] }),
        '/disks/0/mode',
      ],
      'with an alias without letters': [
        device({ disks: [{ name: 'a', type: 'volume-disk', aliases: [''] }] }),
        '/disks/0/aliases/0',
      ],
      'with a migration that is no yes': [
        device({ disks: [{ name: 'a', type: 'dm-crypt-caam', migrate_keyblob: true }] }),
        '/disks/0/migrate_keyblob',
      ],
      'with a pool of an unknown type': [pools({ ...pool, type: 'ipvlan' }), '/network/pools/lab/type'],
      'with a pool without addresses': [pools({ type: 'bridge', bridge: 'br0' }), '/network/pools/lab'],
      'with a pool without its bridge': [pools({ ...pool, bridge: undefined }), '/network/pools/lab'],
      'with a pool without its parent': [pools({ ...pool, type: 'macvlan' }), '/network/pools/lab'],
    },
  },
  {
    file: 'groups.json',
    good: { 'with a group': [group] },
    bad: { 'with an unknown goal': [[{ name: 'a', status_goal: 'UP' }], '/0/status_goal'] },
  },
  {
    file: 'web/src.json',
    good: {
      'of Yocto': source({ pv_build_origin: 'yocto' }),
      'with arguments of newer templates': source({
        template: 'builtin-mcu',
        args: {
          PV_AUTO_RECOVERY_POLICY: 'always',
          PV_AUTO_RECOVERY_MAX_RETRIES: '5',
          PV_AUTO_RECOVERY_RETRY_DELAY: 5,
          PV_AUTO_RECOVERY_BACKOFF_FACTOR: '2.0',
          PV_AUTO_RECOVERY_RESET_WINDOW: '60',
          PV_MCU_FIRMWARE: 'x.bin',
        },
      }),
    },
    bad: {
      'with an unknown policy': [
        source({ args: { PV_AUTO_RECOVERY_POLICY: 'sometimes' } }),
        '/args/PV_AUTO_RECOVERY_POLICY',
      ],
      'with an origin that is no word': [source({ pv_build_origin: true }), '/pv_build_origin'],
    },
  },
  {
    file: 'web/services.json',
    good: {
      'with sockets': exports({ name: 'nm', type: 'rest', socket: '/run/nm.sock' }),
      'with a name on the bus': exports({
        ...{ type: 'dbus', bus: 'system-bus', owns: 'org.x.Y', role: 'y', allow: ['operator'] },
      }),
      'as a list, as it was': [{ name: 'nm', type: 'rest', socket: '/run/nm.sock' }],
    },
    bad: {
      'with an unknown type': [exports({ name: 'nm', type: 'http' }), '/services/0/type'],
      'without a name': [exports({ type: 'rest', socket: '/run/nm.sock' }), '/services/0'],
      'with a name on a bus that is none': [exports({ type: 'rest', owns: 'org.x.Y' }), '/services/0/type'],
      'with no service': [exports(), '/services'],
    },
  },
  {
    file: 'bsp/run.json',
    good: {
      'with a kernel': {
        ...{ linux: 'kernel.img', initrd: 'pantavisor', initrd_config: '', addons: [] },
        ...{ modules: 'modules.squashfs', 'modules_6.6.1': 'x.squashfs', firmware: 'firmware.squashfs' },
      },
      'with one image': { fit: 'pantavisor.fit', addons: ['a.cpio'] },
      'of a Raspberry Pi': { rpiab: 'rpiboot.img.gz' },
    },
    bad: {
      'with a kernel alone': [{ linux: 'kernel.img' }, ''],
      'with addons that are no list': [{ fit: 'pantavisor.fit', addons: 'a.cpio' }, '/addons'],
    },
  },
  {
    file: 'bsp/drivers.json',
    good: {
      'with all kinds': {
        '#spec': 'driver-aliases@1',
        all: { wifi: ['cfg80211', 'brcmfmac ${user-meta:wifi.opts}'], none: [] },
        'dtb:all': {},
        'ovl:x': { rng: ['imx-rng'] },
        'fitconfig:conf-1': {},
      },
    },
    bad: {
      'with a module that is no list': [
        { '#spec': 'driver-aliases@1', all: { wifi: 'brcmfmac' } },
        '/all/wifi',
      ],
    },
  },
  {
    file: 'disks.json',
    good: {
      'with a disk': [{ name: 'a', type: 'dm-crypt-dcp', path: 'dcp.img,2,key' }],
      'of something else': [{ name: 'sda', size: 1 }],
    },
    bad: {
      'with one that it does not know': [
        [
          { name: 'a', type: 'swap-disk' },
          { name: 'b', type: 'raid' },
        ],
        '/1/type',
      ],
    },
  },
  {
    file: 'disks_v3.json',
    good: { 'with one that it does not know': [dual, { name: 'b', type: 'raid' }] },
    bad: { 'with half a pair': [[{ name: 'both', type: 'dual' }], '/0'] },
  },
  {
    file: 'web/mdev.json',
    good: {
      'with rules': {
        rules: ['$MODALIAS=.* 0:0 0660 */sbin/modprobe -b $MODALIAS', 'tty.* root:tty 660', '# x'],
      },
      'as a list, of which a device takes nothing': ['watchdog.* 0:0 0660'],
    },
    bad: { 'with a rule without rights': [{ rules: ['watchdog.* 0:0'] }, '/rules/0'] },
  },
  {
    file: 'web/pvpkg.json',
    good: {
      'of Yocto': { name: 'web', version: '1.0', arch: 'arm64', license: 'MIT', src_extra: { args: {} } },
      'of something else': { version: 2 },
    },
    bad: { 'with a version that is a number': [{ name: 'web', version: 2 }, '/version'] },
  },
  {
    file: 'web/_dm/root.squashfs.json',
    good: { 'as pvr writes it': verity, 'without salt': { ...verity, salt: '-' } },
    bad: {
      'with half a hash': [{ ...verity, root_hash: 'abc' }, '/root_hash'],
      'without its tree': [{ ...verity, hash_device: undefined }, ''],
    },
  },
  {
    file: '_sigs/web.json',
    good: { 'as pvr writes it': { '#spec': 'pvs@2', protected: 'eyJhbGciOiJFUzI1NiJ9', signature: 'c2ln' } },
    bad: {
      'without a signature': [{ '#spec': 'pvs@2', protected: 'eyJ9' }, ''],
      'with a header that is none': [
        { '#spec': 'pvs@2', protected: '{"alg":1}', signature: '' },
        '/protected',
      ],
    },
  },
  {
    file: '.pvr/json',
    good: {
      'with what it has in files and in itself': {
        '#spec': 'pantavisor-service-system@1',
        'README.md': sha256,
        'bsp/run.json': { fit: 'pantavisor.fit' },
        'bsp/src.json': { '#spec': 'bsp-manifest-src@1', pvr: 'x' },
        'device.json': device({}),
        'web/run.json': run({}),
        'web/root.squashfs': sha256,
        'web/raw/run.json': 'anything',
        'other/run.json': sha256,
        '_config/web/etc/my settings.json': { a: 1 },
        'network-mapping.json': {},
      },
      'of something else': { '#spec': 'other@1', file: 'x' },
    },
    bad: {
      'with a file that is no hash': [
        { '#spec': 'pantavisor-service-system@1', 'web/root.squashfs': 'x' },
        '/web~1root.squashfs',
      ],
      'with an app that has a fault': [
        { '#spec': 'pantavisor-service-system@1', 'web/run.json': run({ status_goal: 'UP' }) },
        '/web~1run.json/status_goal',
      ],
      'with a device that has one': [
        { '#spec': 'pantavisor-service-system@1', 'device.json': device({ disks: [] }) },
        '/device.json/disks',
      ],
    },
  },
];

/** As a file has it: without what is undefined. */
function asFile(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document));
}

for (const { file, good = {}, bad = {} } of examples) {
  describe(`the schema of ${file}`, () => {
    for (const [title, document] of Object.entries(good)) {
      it(`has nothing against one ${title}`, () => {
        assert.deepEqual(faultsOf(file, asFile(document)), []);
      });
    }
    for (const [title, [document, place]] of Object.entries(bad)) {
      it(`says what is wrong with one ${title}`, () => {
        const faults = faultsOf(file, asFile(document));
        assert.ok(
          faults.some((fault) => fault.startsWith(`${place} `) || (place === '' && !fault.startsWith('/'))),
          `${place}: ${JSON.stringify(faults)}`,
        );
      });
    }
  });
}
