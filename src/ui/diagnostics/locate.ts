import type { JSONPath } from 'jsonc-parser';
import type { Contradiction } from '../../core/checkout/contradictions';

/** Where in a checkout a contradiction shows: a file, and perhaps a value or key in it. */
export interface Place {
  /** Path below the checkout. */
  readonly file: string;
  /** Of the value in a JSON file. */
  readonly path?: JSONPath;
  /** A volume that run.json names, below that path or elsewhere. */
  readonly volume?: string;
  /** The first line that begins so, in a file that is no JSON. */
  readonly line?: string;
}

/** Undefined of what shows in no file that an editor could open. */
export function placeOf(contradiction: Contradiction): Place | undefined {
  switch (contradiction.kind) {
    case 'unreadable':
    case 'empty-json':
    case 'signature-without-files':
    case 'broken-separator':
      return { file: contradiction.file };
    case 'wrong-field':
      return { file: contradiction.file, path: [contradiction.field] };
    case 'unknown-spec':
      return { file: contradiction.file, path: ['#spec'] };
    case 'wrong-name':
      return { file: contradiction.file, path: ['name'] };
    case 'missing-run-json':
    case 'missing-squashfs':
    case 'damaged-squashfs':
    case 'wrong-content':
      return { file: `${contradiction.app}/src.json` };
    case 'missing-config':
      return { file: `${contradiction.app}/run.json`, path: ['config'] };
    case 'missing-volume':
      return {
        file: `${contradiction.app}/run.json`,
        path: ['volumes'],
        volume: contradiction.file.slice(contradiction.app.length + 1),
      };
    case 'missing-verity':
      return { file: `${contradiction.app}/run.json`, path: ['volumes'], volume: contradiction.volume };
    case 'wrong-verity':
      return { file: contradiction.file };
    case 'missing-layer':
    case 'unmounted-layer':
    case 'unstacked-overlay':
    case 'hidden-overlay':
      return { file: `${contradiction.app}/lxc.container.conf`, line: 'lxc.rootfs.path' };
    case 'unnamed-overlay':
    case 'unverified-overlay':
      return { file: `${contradiction.app}/run.json`, path: ['volumes'] };
    case 'unmounted-patch':
      return { file: `${contradiction.app}/src.json`, path: ['docker_ovl_digest'] };
    case 'wrong-digest':
      return { file: contradiction.file };
    case 'missing-base':
    case 'base-is-extension':
    case 'base-loop':
    case 'outdated-extension':
      return { file: `${contradiction.app}/src.json`, path: ['base'] };
    case 'unknown-group':
      return { file: `${contradiction.app}/run.json`, path: ['group'] };
    case 'two-group-files':
      return { file: 'groups.json' };
    case 'config-without-app':
    case 'interrupted-change':
    case 'set-aside-change':
      return undefined;
  }
}
