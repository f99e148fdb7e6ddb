import { Problem } from '../../problem';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { Container } from './container';
import { initCommand } from './init-command';
import { asValue, inMountEntry, lineBreak } from './lxc-values';
import { dockerVolumeKey, type StorageVolume } from './storage';

export interface LxcContainerConf {
  readonly text: string;
  /** Lines that pvr writes and LXC doesn't read as they are meant, with what stands here instead; undefined for nothing. */
  readonly mended: ReadonlyMap<string, string | undefined>;
  /** What had to be left out, for a person to know. */
  readonly warnings: readonly string[];
}

/** A line as pvr writes it, or, where LXC would read that as something else, also as it is written here, if at all. */
type Line = string | { readonly byPvr: string; readonly here: string | undefined; readonly warning?: string };

/**
 * lxc.container.conf, byte for byte as pvr writes it (pvr templates/builtin-lxc-docker.go): the device holds it by its hash, so any
 * other byte is a changed file and restarts the container. What LXC would read as something else than the image says, or not at all,
 * is written so that it reads it, or left out.
 *
 * @throws Problem for a value with a line break, which would add lines of its own, and without which something else would start.
 */
export function lxcContainerConf(container: Container): LxcContainerConf {
  const { app, args } = container;
  const lines: readonly Line[] = [
    ...terminalsAndLog(container),
    ...cgroups(container),
    `lxc.rootfs.path = ${rootfsPath(container)}`,
    ...init(container),
    ...namespacesAndConsole(container),
    ...hostMounts(container),
    ...container.volumes.map((volume) => volumeMount(app, volume)),
    ...container.rootVolumes.map((volume): Line => ({
      byPvr: volumeMountByPvr(app, volume),
      here: undefined,
    })),
    ...capabilities(container),
    ...network(container),
  ];
  const extra = args.text('PV_LXC_EXTRA_CONF');
  const written = [
    ...lines.flatMap(hereOf).map((line) => singleLine(app, line)),
    ...(extra ? [extra] : []),
    ...importMounts(container).map((line) => singleLine(app, line)),
  ];
  const others = lines.filter((line) => typeof line !== 'string');
  return {
    text: written.map((line) => `${line}\n`).join(''),
    mended: new Map(others.map(({ byPvr, here }) => [byPvr, here])),
    warnings: others.flatMap(({ warning }) => (warning === undefined ? [] : [`${app}: ${warning}`])),
  };
}

function hereOf(line: Line): readonly string[] {
  if (typeof line === 'string') return [line];
  return line.here === undefined ? [] : [line.here];
}

function either(byPvr: string, here: string): Line {
  return byPvr === here ? byPvr : { byPvr, here };
}

function terminalsAndLog({ app, args }: Container): string[] {
  return [
    `lxc.tty.max = ${args.text('LXC_TTY_MAX') ?? '8'}`,
    `lxc.pty.max = ${args.text('LXC_PTY_MAX') ?? '1024'}`,
    ...(args.isSet('PV_DEBUG_MODE') ? [`lxc.log.file = /pv/logs/${app}.log`] : []),
  ];
}

function cgroups({ args }: Container): string[] {
  const devices = args.list('PVR_LXC_CGROUP_DEVICES_WHITE');
  return [
    ...(devices.length > 0 ? ['lxc.cgroup.devices.deny = a'] : []),
    ...(devices.length > 0 ? devices : ['a']).map((device) => `lxc.cgroup.devices.allow = ${device}`),
    ...args.list('PVR_LXC_CGROUP_V1').map((setting) => `lxc.cgroup.${setting}`),
  ];
}

/** The layers from the topmost read-only one down, then the writable one. */
function rootfsPath({ app, root, baseApp }: Container): string {
  const overlay = root === 'base' ? [] : [`/volumes/${app}/${overlayVolume}`];
  const base = `/volumes/${baseApp}/${baseVolume}`;
  return ['overlayfs', ...overlay, base, `/volumes/${app}/lxc-overlay/upper`].join(':');
}

function init({ app, image, args }: Container): Line[] {
  const command = initCommand(image);
  return [
    either(
      `lxc.init.cmd =${command}`,
      `lxc.init.cmd =${command.trim() === '' ? command : ` ${asValue(command.trim())}`}`,
    ),
    ...(image.workingDir === '' ? [] : [setting('lxc.init.cwd', image.workingDir)]),
    ...[...image.env, ...args.list('PV_LXC_EXTRA_ENV')].map((variable) => environment(app, variable)),
  ];
}

/** LXC takes a variable without `=` from the host, refuses the whole file where that has none (5.0), and clears all for none at all. */
function environment(app: string, variable: string): Line {
  const byPvr = `lxc.environment = ${variable}`;
  const equals = variable.indexOf('=');
  const leftOut = (what: string, advice: string): Line => ({
    byPvr,
    here: undefined,
    warning: `${what}, so it is left out, and the app runs without it; ${advice}`,
  });
  // A value may be a secret: only the name is told.
  const name = (equals < 0 ? variable : variable.slice(0, equals)).replace(lineBreak, ' ').trim();
  if (equals < 0) {
    const what =
      name === '' ? 'an entry of Env is empty' : `the variable ${name} has no value ("=" is missing)`;
    return leftOut(what, `set it with "PV_LXC_EXTRA_ENV" in "args" of ${app}/src.json if the app needs it`);
  }
  if (name === '') return leftOut('a variable has no name', 'correct Env in the image');
  if (lineBreak.test(variable))
    return leftOut(
      `the variable ${name} has a line feed, which lxc.container.conf can't express`,
      `give the app its value in a file, or override it without line feeds in "config" of ${app}/src.json`,
    );
  return setting('lxc.environment', variable);
}

function setting(key: string, value: string): Line {
  return either(`${key} = ${value}`, `${key} = ${asValue(value)}`);
}

function namespacesAndConsole({ args }: Container): string[] {
  const networkType = args.nonEmptyText('PV_LXC_NETWORK_TYPE') ?? 'host';
  const kept =
    args.nonEmptyText('PV_LXC_NAMESPACE_KEEP') ?? (networkType === 'host' ? 'user  net  ipc' : 'user  ipc');
  const mounted = [
    args.text('LXC_MOUNT_AUTO_PROC') ?? 'proc',
    args.text('LXC_MOUNT_AUTO_SYS') ?? 'sys:rw',
    args.text('LXC_MOUNT_AUTO_GROUP') ?? 'cgroup',
  ];
  return [
    `lxc.namespace.keep = ${kept}`,
    ...(args.isSet('PV_LXC_DISABLE_CONSOLE') ? ['lxc.console.path = none'] : []),
    `lxc.mount.auto = ${mounted.join('  ')}`,
    ...(args.isSet('PV_DISABLE_AUTODEV') ? ['lxc.autodev = 0'] : []),
  ];
}

function hostMounts({ args }: Container): string[] {
  const granted = [
    ['PV_SECURITY_FULLDEV', '/dev/ dev'],
    ['PV_SECURITY_WITH_HOST', '/ host'],
    ['PV_SECURITY_WITH_HOSTPROC', '/proc/ host/proc'],
    ['PV_SECURITY_WITH_STORAGE', '/storage storage'],
  ] as const;
  const resolvConf = args.text('PV_RESOLV_CONF_PATH') ?? 'etc/resolv.conf';
  const run = args.text('PV_RUN_TMPFS_PATH') ?? 'run';
  return [
    ...granted.flatMap(([name, mount]) =>
      args.isSet(name) ? [mountEntry(mount, 'none bind,rw,create=dir')] : [],
    ),
    ...(args.isSet('PV_RESOLV_CONF_DISABLE')
      ? []
      : [mountEntry(`/etc/resolv.conf ${resolvConf}`, 'none bind,rw,create=file')]),
    ...(args.isSet('PV_RUN_TMPFS_DISABLE')
      ? []
      : [mountEntry(`tmpfs ${run}`, 'tmpfs rw,nodev,relatime,create=dir,mode=755')]),
  ];
}

function volumeMount(app: string, volume: StorageVolume): Line {
  const { key, target } = volume;
  return either(
    volumeMountByPvr(app, volume),
    volumeMountEntry(app, inMountEntry(key), inMountEntry(target), volume),
  );
}

function volumeMountByPvr(app: string, volume: StorageVolume): string {
  return volumeMountEntry(app, volume.key, volume.path.replace(/^\//, ''), volume);
}

function volumeMountEntry(app: string, key: string, target: string, { mount }: StorageVolume): string {
  const volume = `/volumes/${app}/${key}`;
  if (mount === 'bind') return mountEntry(`${volume} ${target}`, 'none bind,rw,create=dir');
  const layers = [
    `lowerdir=/volumes/${app}/${baseVolume}/${target}`,
    `upperdir=${volume}/upper`,
    `workdir=${volume}/work`,
  ];
  return mountEntry(`${volume} ${target}`, `overlay ${layers.join(',')},create=dir`);
}

function capabilities({ args }: Container): string[] {
  return [
    ...args.list('PV_LXC_CAP_DROP').map((capability) => `lxc.cap.drop = ${capability.toLowerCase()}`),
    ...args.list('PV_LXC_CAP_KEEP').map((capability) => `lxc.cap.keep = ${capability.toLowerCase()}`),
  ];
}

function network({ args }: Container): string[] {
  switch (args.text('PV_LXC_NETWORK_TYPE') ?? 'host') {
    case 'empty':
      return ['lxc.net.0.type = empty'];
    case 'phys':
      return ['lxc.net.0.type = phys', `lxc.net.0.link =${args.text('PV_LXC_NETWORK_LINK') ?? ''}`];
    case 'veth': {
      const address = args.nonEmptyText('PV_LXC_NETWORK_IPV4_ADDRESS');
      const gateway = args.nonEmptyText('PV_LXC_NETWORK_IPV4_GATEWAY') ?? 'auto';
      return [
        'lxc.net.0.type = veth',
        'lxc.net.0.link = lxcbr0',
        'lxc.net.0.flags = up',
        ...(address ? [`lxc.net.0.ipv4.address = ${address}`, `lxc.net.0.ipv4.gateway = ${gateway}`] : []),
      ];
    }
    default:
      return [];
  }
}

/** What the app takes from other containers, and from other volumes of its own. */
function importMounts({ app, args }: Container): string[] {
  const mounts = (name: string, sourceOf: (source: string) => string, how: string) =>
    args.commaSeparated(name).map((pair) => {
      const parts = pair.split(':');
      return mountEntry(`${sourceOf(parts[0] ?? '')} ${parts.at(-1) ?? ''}`, how);
    });
  return [
    ...mounts('PV_FILEIMPORTS', (file) => `/exports/${file}`, 'none bind,rw,create=file'),
    ...mounts(
      'PV_IMPORT_CONFIGVOLUMES',
      (volume) => `/volumes/${volume}/${app}`,
      'none bind,rw,create=dir,optional,noexec',
    ),
    ...mounts('PV_VOLUME_MOUNTS', (volume) => `/volumes/${app}/${volume}`, 'none bind,rw,create=dir'),
    ...args.list('PV_VOLUME_IMPORTS').map((text) => volumeImport(app, text)),
  ];
}

/** Mounts another container's volume: `<container>:[<folder>@]<volume>:<target>[:<flags>]`. */
function volumeImport(app: string, text: string): string {
  const [container, volume, target, flags = 'rw'] = text.split(':');
  if (!container || !volume || !target) {
    throw new Problem({
      doing: `generating ${app}/lxc.container.conf`,
      found: `PV_VOLUME_IMPORTS has "${text}"`,
      remedy: `Write it as container:/volume:/target in "args" of ${app}/src.json`,
    });
  }
  const [path = '', folder] = volume.split('@').reverse();
  const source = `/volumes/${container}/${dockerVolumeKey(path)}${folder ? `/${folder}` : ''}`;
  return mountEntry(`${source} ${target.replace(/^\//, '')}`, `none bind,${flags},create=dir`);
}

/** @param what source and target. @param how type and options. */
function mountEntry(what: string, how: string): string {
  return `lxc.mount.entry = ${what} ${how} 0 0`;
}

function singleLine(app: string, line: string): string {
  if (!lineBreak.test(line)) return line;
  const [key = ''] = line.split('=');
  throw new Problem({
    doing: `generating ${app}/lxc.container.conf`,
    found: `the value for ${key.trim()} has a line feed, which this file can't express`,
    remedy: `Change it in "args" of ${app}/src.json or in the image, or override the image in "config"`,
  });
}
