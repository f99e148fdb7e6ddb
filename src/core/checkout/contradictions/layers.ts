import { remedy, way } from '../../remedy';
import { topFolder } from '../paths';
import {
  declare,
  install,
  none,
  type OfApp,
  type OfFile,
  patch,
  type Place,
  runOf,
  sourceOf,
} from './declaration';

const layersOf = ({ app }: OfApp): Place => ({ file: `${app}/lxc.container.conf`, line: 'lxc.rootfs.path' });

/** What a device mounts and stacks for an app, and what verifies it. */
export const ofLayers = {
  /** run.json names a volume that the app doesn't have. */
  'missing-volume': declare<OfApp & OfFile>({
    severity: 'error',
    place: (facts) => ({ ...runOf(facts, 'volumes'), volume: volumeOf(facts) }),
    found: ({ app, file }) =>
      `run.json of ${app} mounts ${file}, which does not exist; a device refuses that`,
    remedy: ({ app }) => remedy`Build it with ${way.install(app)}, or remove it from "volumes"`,
    fixes: (facts) => [...install(facts), { kind: 'removeVolume', app: facts.app, volume: volumeOf(facts) }],
  }),

  /** run.json mounts a volume through dm-verity, but what to verify it with isn't there. */
  'missing-verity': declare<OfApp & OfFile & { readonly volume: string }>({
    severity: 'error',
    place: (facts) => ({ ...runOf(facts, 'volumes'), volume: facts.volume }),
    found: ({ app, volume, file }) =>
      `run.json of ${app} mounts ${volume}, but ${file}, which verifies it, does not exist; a device refuses that`,
    remedy: ({ app }) => remedy`Make it with ${way.install(app)}, or remove "dm:" from run.json`,
    fixes: install,
  }),

  /** The same, but what is there can't verify it. `found` is a clause. */
  'wrong-verity': declare<OfApp & OfFile & { readonly volume: string; readonly found: string }>({
    severity: 'error',
    place: ({ file }) => ({ file }),
    found: ({ app, volume, file, found }) =>
      `run.json of ${app} mounts ${volume}, but ${file} can not verify it: ${found}; a device refuses that`,
    remedy: ({ app }) => remedy`Make it anew with ${way.install(app)}`,
    fixes: install,
  }),

  /** The base is verified by dm-verity, but the overlay, which may hide any file of it, is not. */
  'unverified-overlay': declare<OfApp & OfFile>({
    severity: 'warning',
    place: (facts) => runOf(facts, 'volumes'),
    found: ({ app, file }) =>
      `dm-verity verifies the base of ${app}, but not ${file}, which can hide any file of it`,
    remedy: ({ app }) =>
      remedy`Let it be verified too with ${way.install(app)}, or set it to false in "dm_enabled"`,
    fixes: install,
  }),

  /** LXC before 3.0.4 takes the carriage return for the last character of each value. */
  'carriage-returns': declare<OfApp & OfFile>({
    severity: 'warning',
    place: ({ file }) => ({ file }),
    found: ({ file }) =>
      `the lines of ${file} end in CR and LF, as on Windows; older versions of LXC take the CR for a part of each value, such as the last layer's path, and the app may not start`,
    remedy: ({ app }) =>
      remedy`Save it with LF alone (in git, with "eol=lf" in .gitattributes), or make it anew with ${way.install(app)}`,
    fixes: install,
  }),

  /** lxc.container.conf stacks a file that doesn't exist. */
  'missing-layer': declare<OfApp & OfFile>({
    severity: 'error',
    place: layersOf,
    found: ({ app, file }) => `lxc.container.conf of ${app} stacks ${file}, which does not exist`,
    remedy: ({ file }) => remedy`Build it with ${way.install(topFolder(file))}, or correct lxc.rootfs.path`,
    fixes: ({ file }) => install({ app: topFolder(file) }),
  }),

  /** lxc.container.conf stacks a file that no run.json mounts. */
  'unmounted-layer': declare<OfApp & OfFile & { readonly owner: string }>({
    severity: 'error',
    place: layersOf,
    found: ({ app, file, owner }) =>
      `lxc.container.conf of ${app} stacks ${file}, which run.json of ${owner} does not mount`,
    remedy: ({ owner }) => `Name it in "volumes" of ${owner}/run.json, or correct lxc.rootfs.path`,
    fixes: none,
  }),

  /** run.json mounts the overlay, but lxc.container.conf doesn't stack it. */
  'unstacked-overlay': declare<OfApp & OfFile>({
    severity: 'warning',
    place: layersOf,
    found: ({ app, file }) =>
      `lxc.container.conf of ${app} does not stack ${file}, so the overlay has no effect`,
    remedy: ({ app }) =>
      remedy`Build it again with ${way.update(app)}, or put the overlay into lxc.rootfs.path, before the base`,
    fixes: patch,
  }),

  'hidden-overlay': declare<OfApp & OfFile>({
    severity: 'warning',
    place: layersOf,
    found: ({ app, file }) =>
      `lxc.container.conf of ${app} stacks the base over ${file}, so the overlay has no effect`,
    remedy: () => 'Put the overlay before the base in lxc.rootfs.path: the leftmost layer is the top',
    fixes: patch,
  }),

  /** The overlay lies there, but run.json doesn't name it. */
  'unnamed-overlay': declare<OfApp & OfFile>({
    severity: 'warning',
    place: (facts) => runOf(facts, 'volumes'),
    found: ({ file }) => `${file} lies there, but run.json does not name it, so it only takes up space`,
    remedy: ({ app }) => remedy`Delete it, or build the overlay again with ${way.patch(app)}`,
    fixes: (facts) => [...patch(facts), { kind: 'deleteFile', file: facts.file }],
  }),

  /** src.json says that the app is patched, run.json that it isn't. */
  'unmounted-patch': declare<OfApp>({
    severity: 'warning',
    place: (facts) => sourceOf(facts, 'docker_ovl_digest'),
    found: ({ app }) => `src.json says that ${app} is patched, but run.json mounts no overlay`,
    remedy: ({ app }) => remedy`Build the overlay again with ${way.patch(app)}`,
    fixes: patch,
  }),
};

function volumeOf({ app, file }: OfApp & OfFile): string {
  return file.slice(app.length + 1);
}
