import { type ByteString, shownPath } from '../bytes/byte-string';
import { attributeChanges, objectChanges, sameBytes, type SameContent, sameNode } from './node-changes';
import type { Directory, Node } from './tree';

/**
 * All places where `actual` is not what `expected` is, one line each, as people read them: `etc/x: mode 0600 → 0644`
 * where 0600 was expected. Times, and which names are hard links of each other, don't count. Empty if the trees agree.
 */
export function differences<A, E>(
  actual: Directory<A>,
  expected: Directory<E>,
  sameContent: SameContent<A, E>,
): string[] {
  return [...differencesAt('', actual, expected, sameContent)];
}

function* differencesAt<A, E>(
  path: ByteString,
  actual: Node<A>,
  expected: Node<E>,
  sameContent: SameContent<A, E>,
): Generator<string, void, undefined> {
  if (!sameNode(actual, expected, sameContent)) {
    const found = [
      ...objectChanges(expected, actual),
      ...attributeChanges(expected.attributes, actual.attributes),
      ...(sameBytes(actual, expected, sameContent) ? [] : ['content differs']),
    ];
    yield line(path, found.join(', '));
  }
  if (actual.kind !== 'directory' || expected.kind !== 'directory') return;

  for (const [name, node] of actual.children) {
    const wanted = expected.children.get(name);
    const childPath = path === '' ? name : `${path}/${name}`;
    if (wanted === undefined) yield line(childPath, 'not expected');
    else yield* differencesAt(childPath, node, wanted, sameContent);
  }
  for (const name of expected.children.keys()) {
    if (!actual.children.has(name)) yield line(path === '' ? name : `${path}/${name}`, 'missing');
  }
}

function line(path: ByteString, what: string): string {
  return `${shownPath(path)}: ${what}`;
}
