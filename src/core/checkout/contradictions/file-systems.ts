import { remedy, way } from '../../remedy';
import { overlayVolume } from '../manifests/volume-name';
import { topFolder } from '../paths';
import { declare, install, type OfApp, type OfFile, runOf, sourceOf } from './declaration';

/** What an app is made of: its manifests and SquashFS files, whether they are there and what they should be. */
export const ofFileSystems = {
  'missing-run-json': declare<OfApp>({
    severity: 'warning',
    place: (facts) => sourceOf(facts),
    found: ({ app }) => `${app} has no run.json, so on the device it is no container`,
    remedy: ({ app }) => remedy`Generate it with ${way.install(app)}, or restore it with pvr checkout`,
    fixes: install,
  }),

  'missing-config': declare<OfApp & OfFile>({
    severity: 'error',
    place: (facts) => runOf(facts, 'config'),
    found: ({ app, file }) => `run.json of ${app} names ${file}, which does not exist`,
    remedy: ({ app }) => remedy`Generate it with ${way.install(app)}`,
    fixes: install,
  }),

  'missing-squashfs': declare<OfApp>({
    severity: 'error',
    place: (facts) => sourceOf(facts),
    found: ({ app }) => `${app} has no root file system`,
    remedy: ({ app }) => remedy`Build it with ${way.install(app)}`,
    fixes: install,
  }),

  /** `root.squashfs` or `root.ovl.squashfs` is none, or no whole one. `found` is a clause. */
  'damaged-squashfs': declare<OfApp & OfFile & { readonly found: string }>({
    severity: 'error',
    place: (facts) => sourceOf(facts),
    found: ({ file, found }) => `${file} is damaged: ${found}`,
    remedy: ({ app }) => remedy`Build it again with ${way.install(app)}, or get it again from where it came`,
    fixes: install,
  }),

  /** Of another image than src.json names. */
  'wrong-digest': declare<OfFile & { readonly digest: string; readonly manifestDigest: string | undefined }>({
    severity: 'warning',
    place: ({ file }) => ({ file }),
    found: ({ file, digest, manifestDigest }) =>
      `${file} says ${digest}, but src.json ${manifestDigest ?? 'names no image for it'}`,
    remedy: (facts) => {
      const app = topFolder(facts.file);
      if (isUnsaidOverlay(facts)) return remedy`Build the overlay again with ${way.patch(app)}`;
      return facts.manifestDigest === undefined
        ? remedy`Let src.json name it with ${way.install(app)}`
        : remedy`Build it again, as src.json says, with ${way.install(app)}`;
    },
    fixes: (facts) => {
      return [{ kind: isUnsaidOverlay(facts) ? 'updateAsPatch' : 'installApp', app: topFolder(facts.file) }];
    },
  }),

  /** A whole file system, but neither that of the last commit nor one that was built here from the same image. */
  'wrong-content': declare<OfApp & OfFile>({
    severity: 'warning',
    place: (facts) => sourceOf(facts),
    found: ({ file }) =>
      `${file} is neither the file of the last commit nor one that was built here, though src.json names the same image`,
    remedy: ({ app }) => remedy`Build it again with ${way.install(app)}; if it is meant, commit it`,
    fixes: install,
  }),

  'config-without-app': declare<OfApp>({
    severity: 'warning',
    place: () => undefined,
    found: ({ app }) => `_config/${app} belongs to no app`,
    remedy: ({ app }) => `Delete it, or add the app ${app}`,
    fixes: ({ app }) => [{ kind: 'deleteFile', file: `_config/${app}` }],
  }),

  /** Devices leave the factory with one over a `_hostconfig` that they don't have. */
  'signature-without-files': declare<OfFile>({
    severity: 'information',
    place: ({ file }) => ({ file }),
    found: ({ file }) => `${file} signs no file that exists`,
    remedy: () => remedy`Delete it, or sign again with ${way.signAgain()}`,
    fixes: ({ file }) => [{ kind: 'deleteFile', file }],
  }),
};

/** What src.json says of the overlay is that there is none. */
function isUnsaidOverlay({ file, manifestDigest }: OfFile & { readonly manifestDigest: string | undefined }) {
  return manifestDigest === undefined && file.includes(`${overlayVolume}.`);
}
