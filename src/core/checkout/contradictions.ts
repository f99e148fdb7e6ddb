import { whatToDoWith } from './change/set-aside-advice';
import { overlayVolume } from './manifests/volume-name';
import { topFolder } from './paths';

/**
 * Something in a checkout that can't be right, or that pvr or the device will stumble over. Plain data; people read it
 * through {@link describeContradiction}. All files are paths below the checkout.
 */
export type Contradiction =
  /** A file that can't be read or understood. `found` and `remedy` as in a Problem. */
  | { readonly kind: 'unreadable'; readonly file: string; readonly found: string; readonly remedy: string }
  | { readonly kind: 'empty-json'; readonly file: string }
  /** A field that doesn't hold what pvr expects. */
  | {
      readonly kind: 'wrong-field';
      readonly file: string;
      readonly field: string;
      readonly expected: string;
      readonly found: string;
    }
  /** `spec` is undefined when the file has none. */
  | {
      readonly kind: 'unknown-spec';
      readonly file: string;
      readonly spec: string | undefined;
      readonly known: string;
    }
  | { readonly kind: 'wrong-name'; readonly file: string; readonly name: string; readonly folder: string }
  /** Two volumes with pvr's broken separator between them (pvr templates/builtin-lxc-docker.go:336). */
  | { readonly kind: 'broken-separator'; readonly app: string; readonly file: string }
  | { readonly kind: 'missing-run-json'; readonly app: string }
  | { readonly kind: 'missing-config'; readonly app: string; readonly file: string }
  | { readonly kind: 'missing-squashfs'; readonly app: string }
  /** `root.squashfs` or `root.ovl.squashfs` is none, or no whole one. `found` is a clause. */
  | {
      readonly kind: 'damaged-squashfs';
      readonly app: string;
      readonly file: string;
      readonly found: string;
    }
  /** run.json names a volume that the app doesn't have. */
  | { readonly kind: 'missing-volume'; readonly app: string; readonly file: string }
  /** run.json mounts a volume through dm-verity, but what to verify it with isn't there. */
  | {
      readonly kind: 'missing-verity';
      readonly app: string;
      readonly file: string;
      readonly volume: string;
    }
  /** The same, but what is there can't verify it. `found` is a clause. */
  | {
      readonly kind: 'wrong-verity';
      readonly app: string;
      readonly file: string;
      readonly volume: string;
      readonly found: string;
    }
  /** The base is verified by dm-verity, but the overlay, which may hide any file of it, is not. */
  | { readonly kind: 'unverified-overlay'; readonly app: string; readonly file: string }
  /** lxc.container.conf stacks a file that doesn't exist. */
  | { readonly kind: 'missing-layer'; readonly app: string; readonly file: string }
  /** lxc.container.conf stacks a file that no run.json mounts. */
  | { readonly kind: 'unmounted-layer'; readonly app: string; readonly file: string; readonly owner: string }
  /** run.json mounts the overlay, but lxc.container.conf doesn't stack it. */
  | { readonly kind: 'unstacked-overlay'; readonly app: string; readonly file: string }
  | { readonly kind: 'hidden-overlay'; readonly app: string; readonly file: string }
  /** The overlay lies there, but run.json doesn't name it. */
  | { readonly kind: 'unnamed-overlay'; readonly app: string; readonly file: string }
  /** src.json says that the app is patched, run.json that it isn't. */
  | { readonly kind: 'unmounted-patch'; readonly app: string }
  | {
      readonly kind: 'wrong-digest';
      readonly file: string;
      readonly digest: string;
      readonly manifestDigest: string | undefined;
    }
  /** A whole file system, but neither that of the last commit nor one that was built here from the same image. */
  | { readonly kind: 'wrong-content'; readonly app: string; readonly file: string }
  | { readonly kind: 'missing-base'; readonly app: string; readonly base: string }
  | {
      readonly kind: 'base-is-extension';
      readonly app: string;
      readonly base: string;
      readonly baseOfBase: string;
    }
  | { readonly kind: 'base-loop'; readonly app: string; readonly chain: readonly string[] }
  /** The overlay was made for another base than the one that lies there. */
  | {
      readonly kind: 'outdated-extension';
      readonly app: string;
      readonly base: string;
      readonly builtOn: string;
      readonly current: string;
    }
  | {
      readonly kind: 'unknown-group';
      readonly app: string;
      readonly group: string;
      readonly known: readonly string[];
    }
  | { readonly kind: 'two-group-files' }
  | { readonly kind: 'config-without-app'; readonly app: string }
  | { readonly kind: 'signature-without-files'; readonly file: string }
  | { readonly kind: 'interrupted-change' }
  /** An interrupted change that could be neither finished nor undone: `updating web`, where that is known. */
  | { readonly kind: 'set-aside-change'; readonly folder: string; readonly what: string | undefined };

export interface ContradictionText {
  /** A sentence without a final stop: what was found. */
  readonly found: string;
  /** A sentence without a final stop, in the imperative: what to do about it. */
  readonly remedy: string;
}

/** No commit has these. */
const remediesOfPvrFiles: Readonly<Record<string, string>> = {
  '.pvr/json': 'Get the state again with pvr get, or clone the device into a new folder',
  '.pvr/new': 'Delete the file, then add your new files again with pvr add',
};

/** What a person reads about a contradiction. */
export function describeContradiction(contradiction: Contradiction): ContradictionText {
  switch (contradiction.kind) {
    case 'unreadable':
      return {
        found: `${contradiction.file}: ${contradiction.found}`,
        remedy: contradiction.remedy,
      };
    case 'empty-json':
      return {
        found: `${contradiction.file} is empty, and every pvr command fails on that`,
        remedy: 'Delete the file, or restore it from the last commit with pvr checkout',
      };
    case 'wrong-field':
      return {
        found: `"${contradiction.field}" in ${contradiction.file} is ${contradiction.found} instead of ${contradiction.expected}`,
        remedy:
          remediesOfPvrFiles[contradiction.file] ??
          'Correct the field, or restore the file from the last commit with pvr checkout',
      };
    case 'unknown-spec':
      return {
        found:
          contradiction.spec === undefined
            ? `${contradiction.file} has no "#spec"`
            : `${contradiction.file} is of the unknown kind "${contradiction.spec}"`,
        remedy: `Set "#spec" to ${contradiction.known} if that is what the file is, or use the tool that it was made with`,
      };
    case 'wrong-name':
      return {
        found: `${contradiction.file} calls the app "${contradiction.name}", but its folder is ${contradiction.folder}`,
        remedy: `Set "name" to ${contradiction.folder}, or rename the folder`,
      };
    case 'broken-separator':
      return {
        found: `between two volumes in ${contradiction.file} stands \\n, a fault of pvr's, and every pvr command fails on that`,
        remedy: `Generate the file with pvx app install ${contradiction.app}`,
      };
    case 'missing-run-json':
      return {
        found: `${contradiction.app} has no run.json, so on the device it is no container`,
        remedy: `Generate it with pvx app install ${contradiction.app}, or restore it with pvr checkout`,
      };
    case 'missing-config':
      return {
        found: `run.json of ${contradiction.app} names ${contradiction.file}, which does not exist`,
        remedy: `Generate it with pvx app install ${contradiction.app}`,
      };
    case 'missing-squashfs':
      return {
        found: `${contradiction.app} has no root file system`,
        remedy: `Build it with pvx app install ${contradiction.app}`,
      };
    case 'damaged-squashfs':
      return {
        found: `${contradiction.file} is damaged: ${contradiction.found}`,
        remedy: `Build it again with pvx app install ${contradiction.app}, or get it again from where it came`,
      };
    case 'missing-volume':
      return {
        found: `run.json of ${contradiction.app} mounts ${contradiction.file}, which does not exist; a device refuses that`,
        remedy: `Build it with pvx app install ${contradiction.app}, or remove it from "volumes"`,
      };
    case 'missing-verity':
      return {
        found: `run.json of ${contradiction.app} mounts ${contradiction.volume}, but ${contradiction.file}, which verifies it, does not exist; a device refuses that`,
        remedy: `Make it with pvx app install ${contradiction.app}, or remove "dm:" from run.json`,
      };
    case 'wrong-verity':
      return {
        found: `run.json of ${contradiction.app} mounts ${contradiction.volume}, but ${contradiction.file} can not verify it: ${contradiction.found}; a device refuses that`,
        remedy: `Make it anew with pvx app install ${contradiction.app}`,
      };
    case 'unverified-overlay':
      return {
        found: `dm-verity verifies the base of ${contradiction.app}, but not ${contradiction.file}, which can hide any file of it`,
        remedy: `Let it be verified too with pvx app install ${contradiction.app}, or set it to false in "dm_enabled"`,
      };
    case 'missing-layer':
      return {
        found: `lxc.container.conf of ${contradiction.app} stacks ${contradiction.file}, which does not exist`,
        remedy: `Build it with pvx app install ${topFolder(contradiction.file)}, or correct lxc.rootfs.path`,
      };
    case 'unmounted-layer':
      return {
        found: `lxc.container.conf of ${contradiction.app} stacks ${contradiction.file}, which run.json of ${contradiction.owner} does not mount`,
        remedy: `Name it in "volumes" of ${contradiction.owner}/run.json, or correct lxc.rootfs.path`,
      };
    case 'unstacked-overlay':
      return {
        found: `lxc.container.conf of ${contradiction.app} does not stack ${contradiction.file}, so the overlay has no effect`,
        remedy: `Build it again with pvx app update ${contradiction.app}, or put the overlay into lxc.rootfs.path, before the base`,
      };
    case 'hidden-overlay':
      return {
        found: `lxc.container.conf of ${contradiction.app} stacks the base over ${contradiction.file}, so the overlay has no effect`,
        remedy: 'Put the overlay before the base in lxc.rootfs.path: the leftmost layer is the top',
      };
    case 'unnamed-overlay':
      return {
        found: `${contradiction.file} lies there, but run.json does not name it, so it only takes up space`,
        remedy: `Delete it, or build the overlay again with pvx app update ${contradiction.app} --patch`,
      };
    case 'unmounted-patch':
      return {
        found: `src.json says that ${contradiction.app} is patched, but run.json mounts no overlay`,
        remedy: `Build the overlay again with pvx app update ${contradiction.app} --patch`,
      };
    case 'wrong-digest':
      return {
        found: `${contradiction.file} says ${contradiction.digest}, but src.json ${contradiction.manifestDigest ?? 'names no image for it'}`,
        remedy: remedyForDigest(contradiction),
      };
    case 'wrong-content':
      return {
        found: `${contradiction.file} is neither the file of the last commit nor one that was built here, though src.json names the same image`,
        remedy: `Build it again with pvx app install ${contradiction.app}; if it is meant, commit it`,
      };
    case 'missing-base':
      return {
        found: `${contradiction.app} extends ${contradiction.base}, which does not exist`,
        remedy: `Add ${contradiction.base} again, or remove ${contradiction.app}`,
      };
    case 'base-is-extension':
      return {
        found: `${contradiction.app} extends ${contradiction.base}, which itself extends ${contradiction.baseOfBase} and so has no base of its own`,
        remedy: `Add ${contradiction.app} again with --base ${contradiction.baseOfBase}`,
      };
    case 'base-loop':
      return {
        found: `${contradiction.app} extends itself: ${contradiction.chain.join(' → ')}`,
        remedy: 'Correct "base" in src.json of one of them',
      };
    case 'outdated-extension':
      return {
        found: `according to src.json the overlay of ${contradiction.app} was made for ${contradiction.builtOn}, but the base of ${contradiction.base} is ${contradiction.current}; then files of both mix on the device`,
        remedy: `Build the overlay again with pvx app update ${contradiction.app}`,
      };
    case 'unknown-group':
      return {
        found: `${contradiction.app} is in the group "${contradiction.group}", which does not exist; a device refuses that`,
        remedy: `Use one of ${contradiction.known.join(', ')}, or define the group`,
      };
    case 'two-group-files':
      return {
        found: 'there are both device.json and groups.json: a device reads the first, pvr the second',
        remedy: 'Delete groups.json once its groups are in device.json',
      };
    case 'config-without-app':
      return {
        found: `_config/${contradiction.app} belongs to no app`,
        remedy: `Delete it, or add the app ${contradiction.app}`,
      };
    case 'signature-without-files':
      return {
        found: `${contradiction.file} signs no file that exists, and a device may refuse the revision for it`,
        remedy: 'Delete it, or sign again with pvr sig update',
      };
    case 'interrupted-change':
      return {
        found: 'a change of the checkout was interrupted, or is being made right now',
        remedy:
          'Wait for it to end; if nothing is running, the next command that writes to the checkout ends it',
      };
    case 'set-aside-change':
      return {
        found: `a command was interrupted${contradiction.what === undefined ? '' : ` while ${contradiction.what}`}, and somebody had changed the checkout before it could be finished, so files of both may be mixed`,
        remedy: whatToDoWith(contradiction.folder),
      };
  }
}

function remedyForDigest({ file, manifestDigest }: Extract<Contradiction, { kind: 'wrong-digest' }>): string {
  const app = topFolder(file);
  if (file.endsWith('.rootfs-digest')) return `Build it again, as src.json says, with pvr app install ${app}`;
  if (manifestDigest !== undefined) return `Build it again, as src.json says, with pvx app install ${app}`;
  return file.endsWith(`${overlayVolume}.docker-digest`)
    ? `Build the overlay again with pvx app update ${app} --patch`
    : `Let src.json name it with pvx app install ${app}`;
}
