import { goString, stringifyIndented } from '../../json/indented';
import { withSortedKeys } from '../../json/key-order';
import type { JsonValue } from '../../json/value';
import { mountName } from '../manifests/verified-volumes';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { Container } from './container';
import { rootOverlayStorage, type Storage } from './storage';

/**
 * The text of run.json, which tells Pantavisor how to run the container, with pvr's own white space (pvr
 * templates/builtin-lxc-docker.go:221-338). Text that needs it is escaped, and several volumes are separated
 * by a comma and a line feed, where pvr writes broken JSON. An app that is only mounted has a type, too, which pvr leaves
 * out: Pantavisor since commit 19e227ea (May 2026) crashes on an app without one, in a loop (platforms.c:633, 683-689).
 */
export function runJson(container: Container): string {
  const members = [
    `\n\t"#spec": "service-manifest-run@1"`,
    `\n\t"name":${quote(container.app)}`,
    ...(container.isStarted ? [`\n\t"config": "lxc.container.conf"`] : []),
    ...conditions(container),
    drivers(container),
    ...scheduling(container),
    ...firmwareAndRemount(container),
    storage(container),
    ...(container.isStarted ? exportsAndLogs(container) : []),
    `\n\t"type":"lxc"`,
    ...(container.isStarted ? roles(container) : []),
    `\n\t"root-volume": ${quote(rootVolume(container))}`,
    `\n\t"volumes":[\n\t\t\n\t\t\n\t\t${volumes(container).map(quote).join(',\n')}\n\t]`,
  ];
  return `{${members.join(',')}\n}`;
}

function conditions({ args }: Container): string[] {
  const value = args.json('PV_CONDITIONS');
  return value === undefined ? [] : [`\n\t"conditions":${indented(value, '\t')}`];
}

function drivers({ args }: Container): string {
  const kinds = ['manual', 'required', 'optional'].map((kind) => {
    const names = args.list(`PV_DRIVERS_${kind.toUpperCase()}`).map(goString);
    return `\n\t\t"${kind}":${names.length === 0 ? '[]' : ` [${names.join(',')}]`}`;
  });
  return `\n\t"drivers": {${kinds.join(',')}\n\t}`;
}

function scheduling({ args, group }: Container): string[] {
  const fields = {
    group,
    runlevel: args.text('PV_RUNLEVEL'),
    restart_policy: args.text('PV_RESTART_POLICY'),
    status_goal: args.text('PV_STATUS_GOAL'),
  };
  return Object.entries(fields).flatMap(([key, value]) => (value ? [`\n\t"${key}": ${quote(value)}`] : []));
}

function firmwareAndRemount({ args }: Container): string[] {
  const automodfw = args.text('PV_AUTOMODFW');
  const remount = args.json('PV_REMOUNT');
  return [
    ...(automodfw ? [`\n\t"automodfw": ${quote(automodfw)}`] : []),
    ...(remount === undefined ? [] : [`\n\t"remount": ${indented(remount, ' '.repeat(8))}`]),
  ];
}

function storage({ volumes, manifest }: Container): string {
  const entry = (key: string, { persistence, disk }: Storage) => {
    const lines = [
      `\n\t\t\t"persistence": ${quote(persistence)}`,
      ...(disk === undefined ? [] : [`\n\t\t\t"disk": ${quote(disk)}`]),
    ];
    return `\n\t\t${key}: {${lines.join(',')}\n\t\t}`;
  };
  const entries = [
    ...volumes.map((volume) => entry(quote(volume.key), volume.storage)),
    entry('"lxc-overlay" ', rootOverlayStorage(manifest.fields.persistence ?? new Map())),
  ];
  return `\n\t"storage":{${entries.join(',')}\n\t}`;
}

/** Of a container that is started; pvr sets them behind one another, on the same line. */
function exportsAndLogs({ manifest: { fields } }: Container): string[] {
  return [
    ...(fields.exports?.length ? [`"exports": ${block(fields.exports)}`] : []),
    ...(fields.logs?.length ? [`"logs": ${block(fields.logs)}`] : []),
  ];
}

/** Of a container that is started. */
function roles({ args }: Container): string[] {
  const value = args.json('PV_ROLES');
  return value === undefined ? [] : [`\n\t"roles":${block(value)}`];
}

function block(value: JsonValue): string {
  const margin = ' '.repeat(8);
  return margin + indented(value, margin);
}

function rootVolume({ root, manifest: { fields } }: Container): string {
  return mountName(fields, root === 'extension' ? overlayVolume : baseVolume);
}

/** The volumes beside the root volume. */
function volumes({ args, root, manifest: { fields } }: Container): string[] {
  const files = [
    ...args.commaSeparated('PV_EXTRA_VOLUMES'),
    ...args.commaSeparated('PV_VOLUME_MOUNTS').map((mount) => mount.split(':')[0] ?? ''),
    ...(root === 'patched' ? [overlayVolume] : []),
  ];
  return files.map((file) => mountName(fields, file));
}

/** Where pvr puts text between quotes as it is: the same bytes unless the text needs an escape. */
function quote(text: string): string {
  return JSON.stringify(text);
}

/** Where pvr uses Go's JSON encoder, with `margin` before every line but the first. */
function indented(value: JsonValue, margin: string): string {
  return stringifyIndented(withSortedKeys(value), { prefix: margin, indent: '  ' });
}
