import path from 'node:path';
import type { App, AppImage } from '../../../src/core/checkout/app';
import type { Checkout } from '../../../src/core/checkout/checkout';
import { defaultGroups } from '../../../src/core/checkout/manifests/groups';

/** An app as `readCheckout` gives it, with what a test says in place of what is usual. */
export function anApp(name: string, parts: Partial<App> = {}, image: Partial<AppImage> = {}): App {
  return {
    name,
    directory: path.join('/device', name),
    source: {
      kind: 'docker',
      image: {
        name: `example/${name}`,
        tag: '1',
        digest: digest('a'),
        overlayDigest: undefined,
        sources: ['remote', 'local'],
        platform: undefined,
        ...image,
      },
      formatOptions: undefined,
    },
    base: squashfs(1000),
    overlay: undefined,
    baseApp: undefined,
    dependants: [],
    isPatched: parts.overlay !== undefined && parts.baseApp === undefined,
    isExtension: parts.baseApp !== undefined,
    container: undefined,
    files: [],
    missingFiles: [],
    signedBy: [],
    contradictions: [],
    ...parts,
  };
}

export function aCheckout(directory: string, apps: readonly App[], parts: Partial<Checkout> = {}): Checkout {
  return {
    directory,
    state: undefined,
    apps,
    parts: [],
    groups: defaultGroups,
    platforms: [],
    signatures: [],
    uncommitted: [],
    weight: { download: 0, restart: { effect: 'nothing', reason: 'nothing changes' }, parts: [] },
    contradictions: [],
    ...parts,
  };
}

export function squashfs(size: number) {
  return { path: 'root.squashfs', size, digest: undefined };
}

/** A digest of one hexadecimal digit. */
export function digest(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}
