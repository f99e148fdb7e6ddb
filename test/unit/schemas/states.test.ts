import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { allContradictions, checkoutOf, signatureText } from '../checkout/sample-checkout';
import { faultsOf } from './schemas';

/** Values by path, as in a state; what has no meaning here is any hash. */
type State = Readonly<Record<string, unknown>>;

const hash = 'c0ffee'.repeat(11).slice(0, 64);
const spec = { '#spec': 'pantavisor-service-system@1' };
const signature = JSON.parse(signatureText(['#spec', 'bsp/**', 'device.json'], ['bsp/src.json'])) as object;

function container(name: string, more: Readonly<Record<string, unknown>> = {}): State {
  return {
    [`${name}/run.json`]: {
      '#spec': 'service-manifest-run@1',
      ...{ config: 'lxc.container.conf', drivers: { manual: [], optional: [], required: [] }, name },
      ...{ 'root-volume': 'root.squashfs', storage: { 'lxc-overlay': { persistence: 'boot' } }, type: 'lxc' },
      volumes: [],
      ...more,
    },
    [`${name}/lxc.container.conf`]: hash,
    [`${name}/root.squashfs`]: hash,
    [`${name}/root.squashfs.docker-digest`]: hash,
  };
}

/** As images have it since 2026. */
const skeleton = {
  disks: [
    {
      name: 'secrets',
      path: '/storage/dm-crypt-files/secrets/versatile.img,2,versatile_key',
      type: 'dm-crypt-versatile',
      aliases: ['dm-versatile'],
    },
  ],
  groups: [
    { description: 'Volumes', name: 'data', restart_policy: 'system', status_goal: 'MOUNTED', timeout: 30 },
    { description: 'Network', name: 'root', restart_policy: 'system', status_goal: 'STARTED', timeout: 30 },
    {
      ...{
        description: 'Apps',
        name: 'app',
        restart_policy: 'container',
        status_goal: 'STARTED',
        timeout: 30,
      },
      auto_recovery: {
        ...{ policy: 'on-failure', max_retries: 5, retry_delay: 5, backoff_factor: 2.5 },
        ...{ stable_timeout: 30, backoff_policy: '10min' },
      },
    },
  ],
  volumes: {
    'pv--devmeta': { disk: 'secrets', persistence: 'permanent' },
    'pv--usrmeta': { disk: 'dm-versatile', persistence: 'permanent' },
    'pv--firmware': { persistence: 'boot' },
  },
  network: {
    pools: {
      lxc: { type: 'bridge', bridge: 'lxcbr0', subnet: '10.0.3.0/24', gateway: '10.0.3.1', nat: true },
      lab: { type: 'bridge', bridge: 'br1', subnet: '10.0.6.0/24', gateway: '10.0.6.1', nat: false },
    },
  },
};

const states: Readonly<Record<string, State>> = {
  'of a board with a kernel of its own': {
    ...spec,
    '_config/net/etc/conf.d/Hot spot.json': { ssid: 'x', psk: 'y' },
    '_hostconfig/pvr/docker.json': { platforms: ['linux/arm64', 'linux/arm'] },
    '_sigs/bsp.json': signature,
    'bsp/run.json': {
      ...{ addons: [], firmware: 'firmware.squashfs', initrd: 'pantavisor', initrd_config: 'trail.config' },
      ...{ linux: 'kernel.img', modules: 'modules.squashfs' },
    },
    'bsp/src.json': { '#spec': 'bsp-manifest-src@1', pvr: 'https://example.com/me/board#bsp' },
    'bsp/build.json': { project: 'x', altrepogroups: '', commit: 'abc' },
    'bsp/drivers.json': {
      '#spec': 'driver-aliases@1',
      all: { bluetooth: ['btbcm', 'hci_uart'], wireguard: ['wireguard'] },
      'dtb:all': {},
    },
    'bsp/kernel.img': hash,
    'device.json': skeleton,
    ...container('net', {
      ...{ group: 'root', restart_policy: 'system', status_goal: 'STARTED', roles: ['mgmt'] },
      drivers: { manual: [], optional: ['wifi', 'usbnet'], required: [] },
      storage: {
        'docker--etc-keys': { persistence: 'permanent', disk: 'secrets' },
        'lxc-overlay': { persistence: 'boot' },
      },
    }),
    'net/src.json': {
      '#spec': 'service-manifest-src@1',
      args: { PV_GROUP: 'root', PV_LXC_CAP_DROP: [], PV_SECURITY_WITH_STORAGE: 'yes' },
      ...{ docker_name: 'example.com/net', docker_tag: '1', docker_source: 'remote,local' },
      docker_config: { Cmd: ['/bin/net'], OnBuild: null, Volumes: null, ArgsEscaped: true },
      docker_digest: `example.com/net@sha256:${'1'.repeat(64)}`,
      docker_platform: 'linux/arm64',
      template: 'builtin-lxc-docker',
    },
    'net/services.json': {
      '#spec': 'service-manifest-xconnect@1',
      services: [
        { name: 'network-manager', type: 'rest', socket: '/run/nm/api.sock' },
        { type: 'dbus', bus: 'system-bus', owns: 'org.example.Net', role: 'net', allow: ['operator'] },
      ],
    },
    ...container('shop', {
      group: 'app',
      network: { pool: 'lab', hostname: 'shop' },
      services: {
        manual: [],
        required: [
          { name: 'network-manager', type: 'rest', target: '/run/nm.sock', role: 'operator' },
          { name: 'system-bus', type: 'dbus', role: 'operator', target: '/run/dbus/system_bus_socket' },
        ],
        optional: [{ name: 'keyboard', type: 'input' }],
      },
      auto_recovery: { policy: 'always', max_retries: 0, retry_delay: 2, backoff_policy: 'never' },
    }),
    'shop/mdev.json': {
      rules: ['$MODALIAS=.* 0:0       0660    */sbin/modprobe -v -b $MODALIAS', '.* 0:0 0600'],
    },
    'shop/pvpkg.json': {
      ...{ name: 'shop', version: '1.7.0', arch: 'arm64', description: '', license: 'MIT' },
      ...{ url: '', package_url: '', src_extra: { args: { PV_GROUP: 'app' } } },
    },
    'network-mapping.json': {},
    'storage-mapping.json': {},
  },
  'of a board with a FIT image, swap and a verified app': {
    ...spec,
    '_sigs/bsp.json': signature,
    'bsp/run.json': { addons: [], firmware: 'firmware.squashfs', fit: 'pantavisor.fit', initrd_config: '' },
    'bsp/drivers.json': {
      '#spec': 'driver-aliases@1',
      all: { usbncm: [], usbnet: ['g_ether ${user-meta:usbnetmac}'] },
      'fitconfig:conf-base': {},
    },
    'device.json': {
      disks: [{ name: 'keys', path: '/storage/keys/dcp.img,2,dcp_key', type: 'dm-crypt-dcp' }],
      disks_v2: [
        {
          ...{ format: 'swap', name: 'zram-swap', provision: 'zram', provision_options: 'disksize=38M' },
          type: 'swap-disk',
        },
      ],
      groups: [
        { description: 'System', name: 'System', restart_policy: 'system' },
        { name: 'Development', restart_policy: 'system', timeout: 0 },
      ],
    },
    ...container('sdk', { group: 'System', 'root-volume': 'dm:root.squashfs', roles: {} }),
    'sdk/root.squashfs.hash': hash,
    'sdk/_dm/root.squashfs.json': {
      ...{ data_device: 'root.squashfs', hash_device: 'root.squashfs.hash', root_hash: hash, salt: hash },
      ...{ type: 'dm-verity', uuid: '125e28bb-90af-4d13-b72b-c14549476299' },
    },
  },
  'of the time before device.json': {
    ...spec,
    'bsp/run.json': { initrd: 'pantavisor', linux: 'kernel.img', fdt: 'board.dtb' },
    'disks.json': [{ name: 'keys', path: '/storage/dcp.img,2,key', type: 'dm-crypt-dcp' }],
    'groups.json': [
      { description: 'Legacy runlevel', name: 'data', restart_policy: 'system', status_goal: 'MOUNTED' },
      { name: 'app', restart_policy: 'container', status_goal: 'STARTED', timeout: 60 },
    ],
    ...container('old', { runlevel: 'data', storage: { x: { persistence: 'permanent', disk: 'keys' } } }),
  },
  'of a package of configuration alone': {
    ...spec,
    '_config/web/etc/app/my settings.xml': hash,
    '_sigs/settings.json': JSON.parse(signatureText(['_config/web/**', 'settings/id.json'])) as object,
    'settings/id.json': { uid: 10000000000000000000, version: { build: 1684823287, major: 1 } },
  },
  'of a package of one app, whose device is elsewhere': {
    ...spec,
    ...container('app', {
      network: { pool: 'lab' },
      services: { required: [{ name: 'network-manager', type: 'rest' }] },
      storage: { x: { persistence: 'permanent', disk: 'secrets' } },
    }),
    'app/mdev.json': ['watchdog.* 0:0 0660'],
  },
};

/** What only a device would say. */
const ofDevices: readonly string[] = [
  ...['missing-service', 'unknown-pool', 'two-networks'],
  ...['unknown-disk', 'unknown-disk-type', 'clashing-disks', 'empty-disks'],
];

describe('real states', () => {
  for (const [title, state] of Object.entries(states)) {
    it(`are well, as one ${title}`, () => {
      for (const file of ['.pvr/json', 'json', 'state.json'])
        assert.deepEqual(faultsOf(file, state), [], file);
      for (const [file, value] of Object.entries(state)) assert.deepEqual(faultsOf(file, value), [], file);
    });

    it(`have all that they ask for, as one ${title}`, async () => {
      const files = Object.entries(state).filter(([file]) => file !== '#spec');
      const checkout = checkoutOf({
        '.pvr/json': JSON.stringify(spec),
        ...Object.fromEntries(
          files.map(([file, value]) => [file, typeof value === 'string' ? 'x' : JSON.stringify(value)]),
        ),
      });
      const found = allContradictions(await readCheckout(checkout)).map(({ kind }) => kind);
      assert.deepEqual(
        found.filter((kind) => ofDevices.includes(kind)),
        [],
      );
    });
  }

  it('of something else are none of our business', () => {
    const foreign: State = {
      'src/services.json': { services: [{ id: 1 }] },
      'infra/disks.json': [{ name: 'sda', type: 'ssd' }],
      'device.json': { model: 'x' },
      'groups.json': [{ id: 1 }],
      'lib/run.json': { name: 'x', volumes: 'all' },
      'bsp/run.json': { name: 'x', linux: true },
      'a/pvpkg.json': {},
      'a/mdev.json': {},
      'a/_dm/x.json': { type: 'other' },
      '_sigs/x.json': { signature: 1 },
      'state.json': { version: 4, serial: 1 },
      json: { id: 'layer' },
    };
    for (const [file, value] of Object.entries(foreign)) assert.deepEqual(faultsOf(file, value), [], file);
  });
});
