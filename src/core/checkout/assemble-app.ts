import type { App, AppContainer, AppFile, Setting } from './app';
import { findBaseContradictions } from './checks/bases';
import { findContentContradictions } from './checks/content';
import { findUseContradictions } from './checks/device';
import { findDigestContradictions } from './checks/digests';
import { findGroupContradictions } from './checks/group';
import { findLayerContradictions } from './checks/layers';
import { findManifestContradictions } from './checks/manifests';
import { findServiceContradictions } from './checks/services';
import { findStartContradictions } from './checks/start';
import { findVerityContradictions } from './checks/verity';
import { findVolumeContradictions } from './checks/volumes';
import type { Device } from './manifests/device';
import { type GroupFiles, namedGroup } from './manifests/groups';
import { mountedFiles, mountedNames, type RunManifest } from './manifests/run-manifest';
import { baseVolume, overlayVolume, withVerity } from './manifests/volume-name';
import type { AppRecord } from './read-app';
import { type Signature, staleSignatures } from './signatures';
import { effectiveGroups } from './start-order';
import type { TrackedFiles } from './tracked-files';

/** What the rest of the checkout tells about its apps. */
export interface Surroundings {
  readonly groupFiles: GroupFiles;
  /** Undefined where nobody can tell, or the checkout is but a part of what a device has. */
  readonly device: Device | undefined;
  readonly signatures: readonly Signature[];
  /** All files of `_config`; paths are below the checkout. */
  readonly configFiles: readonly string[];
  readonly tracked: TrackedFiles;
  /** Folders at its top that could not be looked at: they may be apps, too. */
  readonly unseen: ReadonlySet<string>;
}

/** Looks at each app together with the others, and with what they share. */
export function assembleApps(records: readonly AppRecord[], surroundings: Surroundings): readonly App[] {
  const { groupFiles, device, signatures, configFiles, tracked, unseen } = surroundings;
  const apps = new Map(records.map((record) => [record.name, record]));
  const groups = groupsByApp(records, groupFiles);
  // Of broken groups nobody knows which names they have, and in which order.
  const areGroupsKnown = groupFiles.problems.length === 0;
  const starts = areGroupsKnown ? findStartContradictions(records, groupFiles.groups) : undefined;
  const services = device && findServiceContradictions(records, unseen);
  return records.map((record): App => {
    const { name, directory, source, baseApp, base, overlay, run, part } = record;
    return {
      name,
      directory,
      source,
      base,
      overlay,
      baseApp,
      dependants: dependantsOf(name, records),
      isPatched: baseApp === undefined && hasOverlay(record),
      isExtension: baseApp !== undefined,
      container: run && containerOf(run, groups.get(name) ?? '', groupFiles),
      files: part.files.map((file): AppFile => ({ ...file, path: belowApp(name, file.path) })),
      missingFiles: part.missingFiles.map((file) => belowApp(name, file)),
      signedBy: signaturesOf(record, configFiles, signatures),
      contradictions: [
        ...record.contradictions,
        ...findManifestContradictions(record),
        ...findBaseContradictions(record, apps, unseen),
        ...findVolumeContradictions(record),
        ...findVerityContradictions(record),
        ...findLayerContradictions(record, apps, unseen),
        ...findDigestContradictions(record),
        ...findContentContradictions(record, tracked),
        ...(areGroupsKnown ? findGroupContradictions(record, groupFiles.groups) : []),
        ...(starts?.get(name) ?? []),
        ...findUseContradictions(record, device),
        ...(services?.get(name) ?? []),
      ],
    };
  });
}

function groupsByApp(records: readonly AppRecord[], { groups }: GroupFiles): ReadonlyMap<string, string> {
  const containers = records.flatMap(({ name, run }) => (run ? [{ name, group: namedGroup(run) }] : []));
  return effectiveGroups({ containers, groups });
}

function containerOf(run: RunManifest, groupName: string, { groups }: GroupFiles): AppContainer {
  const group = groups.list.find(({ name }) => name === groupName);
  const setting = (own: string | undefined, ofGroup: string | undefined): Setting | undefined => {
    if (own !== undefined) return { value: own, from: 'run.json' };
    return ofGroup === undefined ? undefined : { value: ofGroup, from: 'group' };
  };
  return {
    group: { name: groupName, from: namedGroup(run) === undefined ? 'default' : 'run.json' },
    statusGoal: setting(run.statusGoal, group?.statusGoal),
    restartPolicy: setting(run.restartPolicy, group?.restartPolicy),
    hasVerifiedBase: mountedNames(run).includes(withVerity(baseVolume)),
  };
}

function dependantsOf(app: string, records: readonly AppRecord[]): readonly string[] {
  return records.filter(({ name, baseApp }) => baseApp === app && name !== app).map(({ name }) => name);
}

function hasOverlay({ manifest, run }: AppRecord): boolean {
  return (
    Boolean(manifest?.fields.docker_ovl_digest) ||
    (run !== undefined && mountedFiles(run).includes(overlayVolume))
  );
}

function signaturesOf(
  { name, part }: AppRecord,
  configFiles: readonly string[],
  signatures: readonly Signature[],
): readonly string[] {
  const files = [
    ...part.files.map((file) => file.path),
    ...part.missingFiles,
    ...configFiles.filter((file) => file.startsWith(`_config/${name}/`)),
  ];
  return staleSignatures(signatures, files);
}

function belowApp(name: string, file: string): string {
  return file.slice(name.length + 1);
}
