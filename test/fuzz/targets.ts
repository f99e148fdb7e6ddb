import path from 'node:path';

/** What reads bytes that strangers may have made; each has a file in targets/ and a folder in corpus/. */
export const targetNames = [
  'squashfs',
  'layer',
  'checkout',
  'registry',
  'archive',
  'layer-index',
  'signatures',
  'revision',
  'export',
  'mdns',
  'reference',
  'hub',
  'elf',
  'device',
] as const;
export type TargetName = (typeof targetNames)[number];

export function moduleOf(name: TargetName): string {
  return path.join(import.meta.dirname, 'targets', `${name}.ts`);
}

export function corpusOf(name: TargetName): string {
  return path.join(import.meta.dirname, 'corpus', name);
}
