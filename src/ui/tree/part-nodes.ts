import type { Checkout } from '../../core/checkout/checkout';
import { type Contradiction, placeOf } from '../../core/checkout/contradictions/contradictions';
import { isAtOrBelow } from '../../core/checkout/paths';
import type { Part } from '../../core/checkout/parts';
import type { CheckoutNode, PartNode } from './nodes';

/** What lies beside the apps, as rows: the largest part of a device, its bsp, first, then folders, then files. */
export function partNodes(parent: CheckoutNode, checkout: Checkout): readonly PartNode[] {
  const { apps, parts, signatures } = checkout;
  return parts
    .map((part) => (part.kind === 'config' ? withoutFilesOf(apps, part) : part))
    .filter(({ files }) => files.length > 0)
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map((part) => ({
      kind: 'part',
      parent,
      part,
      signatures: part.kind === 'signatures' ? signatures : [],
      contradictions: part.kind === 'signatures' ? checkout.contradictions.filter(isOfSignatures) : [],
    }));
}

/** Those of signatures stand below these: they are their state. */
export function problemsOfNoPart({ contradictions, parts }: Checkout): readonly Contradiction[] {
  const hasRow = parts.some(({ kind, files }) => kind === 'signatures' && files.length > 0);
  return contradictions.filter((one) => !hasRow || !isOfSignatures(one));
}

function isOfSignatures(contradiction: Contradiction): boolean {
  return placeOf(contradiction)?.file.startsWith('_sigs/') === true;
}

/** An app's own stand among its files. */
function withoutFilesOf(apps: Checkout['apps'], part: Part): Part {
  const isOfApp = (file: string) => apps.some(({ name }) => isAtOrBelow(file, `${part.name}/${name}`));
  return { ...part, files: part.files.filter(({ path: file }) => !isOfApp(file)) };
}

function rankOf({ kind, name, files }: Part): number {
  if (kind === 'bsp') return 0;
  return files.some(({ path: file }) => file === name) ? 2 : 1;
}
