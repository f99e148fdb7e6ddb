import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { contentQuestions, overlayOf } from '../../../src/core/rootfs/compare';
import { type CompiledPython } from '../../../src/core/rootfs/compiled-python';
import { timeOnlyPaths } from '../../../src/core/rootfs/python-modules';
import { differences } from '../../../src/core/rootfs/differences';
import type { LayerIndex } from '../../../src/core/rootfs/layer-index';
import { decodeLayerIndex, encodeLayerIndex } from '../../../src/core/rootfs/layer-index-codec';
import { mergeLayers } from '../../../src/core/rootfs/merge';
import type { LayerContent } from '../../../src/core/rootfs/open-tree';
import { overlayChanges } from '../../../src/core/rootfs/overlay-changes';
import { stackTrees } from '../../../src/core/rootfs/stack';
import {
  type Directory,
  type Hashed,
  isWhiteout,
  type Node,
  nodeAt,
  type RegularFile,
  regularFiles,
  walk,
} from '../../../src/core/rootfs/tree';
import { differencesBetween, linkDifferencesBetween, type Listing } from '../../device-view/listing';
import { listModel } from '../../device-view/model';
import { type RandomImage, randomImages } from '../../device-view/random-images';
import { indexOf } from './layers';
import { listTree } from './list-tree';

const seeds = Array.from({ length: 15 }, (_, at) => at + 1);

type Tree = Directory<LayerContent>;
const sameContent = (a: { content: Hashed }, b: { content: Hashed }) => a.content.sha256 === b.content.sha256;

async function indexesOf({ image }: RandomImage): Promise<LayerIndex[]> {
  return Promise.all(image.layers.map(({ tar }) => indexOf(tar)));
}

async function treeOf(image: RandomImage): Promise<Tree> {
  return (await mergeLayers(await indexesOf(image), { time: 0 }, silentJob())).root;
}

function compiledOf(root: Tree): ReadonlyMap<RegularFile<LayerContent>, CompiledPython> {
  return new Map(
    regularFiles(root).flatMap((file) => (file.content.compiled ? [[file, file.content.compiled]] : [])),
  );
}

/** Device 0:0 is how overlayfs spells "nothing". */
function withoutNothing(listing: Listing): Listing {
  return new Map(
    [...listing].filter(([, { facts }]) => facts.get('kind') !== 'char' || facts.get('device') !== '0:0'),
  );
}

let leftOut = 0;
after(() => assert.ok(leftOut > 20, `${leftOut} files were left out in all`));

for (const seed of seeds) {
  describe(`random images, seed ${seed}`, () => {
    const { v1, v2, extension } = randomImages(seed);

    it('are merged as the image specification has it', async () => {
      for (const image of [v1, v2, extension]) {
        const actual = listTree(await treeOf(image));
        const expected = withoutNothing(listModel(image.tree));
        assert.deepEqual(differencesBetween(actual, expected), []);
        assert.deepEqual(linkDifferencesBetween(actual, expected), []);
      }
    });

    it('have layers whose indexes survive being stored', async () => {
      for (const index of (await Promise.all([v1, v2, extension].map(indexesOf))).flat()) {
        assert.deepEqual(decodeLayerIndex('sha256:0', encodeLayerIndex('sha256:0', index)), index);
      }
    });

    for (const [what, base, image] of [
      ['an update', v1, v2],
      ['a step back', v2, v1],
      ['an extension', v1, extension],
      ['something else', extension, v2],
    ] as const) {
      it(`are shown by their overlay over the other: ${what}`, async () => {
        const [lower, wanted] = [await treeOf(base), await treeOf(image)];
        const overlay = overlayOf(lower, wanted, sameContent).root;
        const view = stackTrees(lower, overlay);
        assert.deepEqual(differencesBetween(listTree(view), listTree(wanted)), []);
        assert.deepEqual(differences(view, wanted, sameContent), []);
        assertKeepsLinks(overlay, wanted);
        assertIsSmall(overlay, lower, wanted);
        assertAsksWhatIsListed(lower, wanted);
        assertIsListed(lower, overlay);
      });

      it(`are shown without what Python compiled at another time: ${what}`, async () => {
        const [lower, wanted] = [await treeOf(base), await treeOf(image)];
        const facts = { before: compiledOf(lower), after: compiledOf(wanted) };
        const { root: overlay, timeOnly } = overlayOf(lower, wanted, sameContent, facts);
        const view = stackTrees(lower, overlay);
        const ofView = { before: compiledOf(view), after: facts.after };
        const excused = timeOnlyPaths(view, wanted, sameContent, ofView);
        assert.deepEqual(differences(view, wanted, sameContent, excused), []);
        assert.ok(timeOnly.files >= new Set([...excused].map((path) => nodeAt(wanted, path))).size);
        assertKeepsLinks(overlay, wanted);
        leftOut += timeOnly.files;
      });
    }

    it('need no overlay over themselves', async () => {
      const [lower, wanted] = [await treeOf(v2), await treeOf(v2)];
      assert.deepEqual([...walk(overlayOf(lower, wanted, sameContent).root)], []);
    });
  });
}

/** All names of an inode are in the overlay or none is. */
function assertKeepsLinks(overlay: Tree, wanted: Tree): void {
  const chosen = new Set([...walk(overlay)].map(([, node]) => node));
  for (const [path, node] of walk(wanted)) {
    if (node.kind !== 'directory' && chosen.has(node)) assert.equal(nodeAt(overlay, path), node, path);
  }
}

/** Nothing is in the overlay without a reason. */
function assertIsSmall(overlay: Tree, base: Tree, wanted: Tree): void {
  const different = new Set<Node<LayerContent>>();
  const differsAt = (path: string, node: Node<LayerContent>): boolean => {
    const below = nodeAt(base, path);
    return below === undefined || differences(asRoot(below), asRoot(node), sameContent).length > 0;
  };
  for (const [path, node] of walk(wanted)) {
    const hasOtherTime = nodeAt(base, path)?.attributes.mtime !== node.attributes.mtime;
    // A source has to be there beside what was compiled of it.
    if (node.kind !== 'directory' && (differsAt(path, node) || (path.endsWith('.py') && hasOtherTime))) {
      different.add(node);
    }
  }
  for (const [path, node] of walk(overlay)) {
    if (isWhiteout(node))
      assert.ok(nodeAt(base, path) !== undefined && nodeAt(wanted, path) === undefined, path);
    else if (node.kind !== 'directory') assert.ok(different.has(node), path);
    else if (node.children.size === 0)
      assert.ok(differsAt(path, node) || nodeAt(base, path) === undefined, path);
  }
}

/** The node alone, without what is in it. */
function asRoot(node: Node<LayerContent>): Directory<LayerContent> {
  const folder = { kind: 'directory', attributes: node.attributes } as const;
  if (node.kind === 'directory') return { ...folder, children: new Map() };
  return { ...folder, children: new Map([['x', node]]) };
}

function assertAsksWhatIsListed(base: Tree, wanted: Tree): void {
  const asked: [unknown, unknown][] = [];
  overlayOf(base, wanted, (a, b) => {
    asked.push([a, b]);
    return false;
  });
  const listed = contentQuestions(base, wanted);
  const isListed = ([a, b]: [unknown, unknown]) => listed.some((pair) => pair[0] === a && pair[1] === b);
  assert.ok(asked.every(isListed));
  assert.ok(listed.every(([a, b]) => asked.some((pair) => pair[0] === a && pair[1] === b)));
}

/** Whatever is in the overlay is listed, but for folders that only carry what is in them. */
function assertIsListed(base: Tree, overlay: Tree): void {
  const listed = new Set(overlayChanges(base, overlay, sameContent).map(({ path }) => path));
  for (const [path, node] of walk(overlay)) if (node.kind !== 'directory') assert.ok(listed.has(path), path);
  assert.ok(
    !listed.has('') ||
      differences({ ...base, children: new Map() }, { ...overlay, children: new Map() }, sameContent).length >
        0,
  );
}
