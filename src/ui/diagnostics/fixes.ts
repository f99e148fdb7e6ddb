import type { Contradiction } from '../../core/checkout/contradictions';
import { overlayVolume } from '../../core/checkout/manifests/volume-name';
import { topFolder } from '../../core/checkout/paths';

/** What can be done about a contradiction without asking any further. Plain data; files are paths below the checkout. */
export type Fix =
  /** Build the overlay for what lies there now. */
  | { readonly kind: 'updateAsPatch'; readonly app: string }
  /** Make what src.json says and isn't there. */
  | { readonly kind: 'installApp'; readonly app: string }
  /** In run.json, and in src.json's args, which run.json is generated from. */
  | { readonly kind: 'setGroup'; readonly app: string; readonly group: string }
  | { readonly kind: 'setField'; readonly file: string; readonly field: string; readonly value: string }
  | { readonly kind: 'removeVolume'; readonly app: string; readonly volume: string }
  | { readonly kind: 'deleteFile'; readonly file: string }
  | { readonly kind: 'openFile'; readonly file: string };

/** The best first. */
export function fixesFor(contradiction: Contradiction): readonly Fix[] {
  switch (contradiction.kind) {
    case 'outdated-extension':
    case 'unmounted-patch':
    case 'unstacked-overlay':
    case 'hidden-overlay':
      return [{ kind: 'updateAsPatch', app: contradiction.app }];
    case 'unnamed-overlay':
      return [
        { kind: 'updateAsPatch', app: contradiction.app },
        { kind: 'deleteFile', file: contradiction.file },
      ];
    case 'missing-run-json':
    case 'missing-config':
    case 'missing-squashfs':
    case 'damaged-squashfs':
    case 'wrong-content':
    case 'missing-verity':
    case 'wrong-verity':
    case 'unverified-overlay':
    case 'broken-separator':
      return [{ kind: 'installApp', app: contradiction.app }];
    case 'missing-volume': {
      const volume = contradiction.file.slice(contradiction.app.length + 1);
      return [
        { kind: 'installApp', app: contradiction.app },
        { kind: 'removeVolume', app: contradiction.app, volume },
      ];
    }
    case 'missing-layer':
      return [{ kind: 'installApp', app: topFolder(contradiction.file) }];
    case 'wrong-digest': {
      const { file, manifestDigest } = contradiction;
      if (file.endsWith('.rootfs-digest')) return [];
      // What src.json says of an overlay is that there is none.
      const isUnsaid = manifestDigest === undefined && file.endsWith(`${overlayVolume}.docker-digest`);
      return [{ kind: isUnsaid ? 'updateAsPatch' : 'installApp', app: topFolder(file) }];
    }
    case 'unknown-group':
      return contradiction.known.map((group) => ({ kind: 'setGroup', app: contradiction.app, group }));
    case 'wrong-name':
      return [{ kind: 'setField', file: contradiction.file, field: 'name', value: contradiction.folder }];
    case 'unknown-spec':
      return [{ kind: 'setField', file: contradiction.file, field: '#spec', value: contradiction.known }];
    case 'empty-json':
    case 'signature-without-files':
      return [{ kind: 'deleteFile', file: contradiction.file }];
    case 'config-without-app':
      return [{ kind: 'deleteFile', file: `_config/${contradiction.app}` }];
    case 'two-group-files':
      return [
        { kind: 'openFile', file: 'device.json' },
        { kind: 'openFile', file: 'groups.json' },
        { kind: 'deleteFile', file: 'groups.json' },
      ];
    case 'unreadable':
    case 'wrong-field':
    case 'unmounted-layer':
    case 'missing-base':
    case 'base-is-extension':
    case 'base-loop':
    case 'interrupted-change':
    case 'set-aside-change':
      return [];
  }
}

/** Whether a build mends it: what the engine says to do about it, with the command line, needn't be said then. */
export function isBuild(fix: Fix): fix is Extract<Fix, { kind: 'updateAsPatch' | 'installApp' }> {
  return fix.kind === 'updateAsPatch' || fix.kind === 'installApp';
}
