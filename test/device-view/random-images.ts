import type { Entry } from '../image-maker/entry';
import { makeImage, type Image } from '../image-maker/image';
import { makeLayer, type Layer } from '../image-maker/layer';
import { applyLayer, emptyTree, entriesOf, type ModelTree } from './model';
import { Random } from './random';
import { randomFirstLayer, randomLayer } from './random-layer';
import { recompiled } from './random-python';

/** An image, and what is known to be in it. */
export interface RandomImage {
  readonly image: Image;
  readonly tree: ModelTree;
}

export interface RandomImages {
  /** Two versions of an app's image, which share layers, were built from the same sources, or have nothing in common. */
  readonly v1: RandomImage;
  readonly v2: RandomImage;
  /** For an app that extends the other: made from one of its versions, or from something else altogether. */
  readonly extension: RandomImage;
}

/** The same images for the same seed. */
export function randomImages(seed: number): RandomImages {
  const random = new Random(seed);
  const v1 = newImage(random);
  const v2 = nextVersion(random, v1);
  return {
    v1,
    v2,
    extension: random.chance(0.7) ? withLayer(random, random.pick([v1, v2])) : newImage(random),
  };
}

const empty: RandomImage = { image: makeImage([]), tree: emptyTree };

function newImage(random: Random): RandomImage {
  const first = randomFirstLayer(random, emptyTree, 20 + random.below(60));
  let image = add(random, empty, first);
  for (let left = random.below(3); left > 0; left -= 1) image = withLayer(random, image);
  return image;
}

function nextVersion(random: Random, v1: RandomImage): RandomImage {
  const kind = random.below(10);
  if (kind < 5) return withLayer(random, v1);
  if (kind < 9) return rebuilt(random, v1);
  return newImage(random);
}

function withLayer(random: Random, lower: RandomImage): RandomImage {
  return add(random, lower, randomLayer(random, lower.tree, random.below(25)));
}

/** Other layers throughout, other times on every file, and a few changes among them. */
function rebuilt(random: Random, v1: RandomImage): RandomImage {
  const tree = applyLayer(v1.tree, randomLayer(random, v1.tree, random.below(25)));
  const time = 1_710_000_000;
  const image = add(random, empty, entriesOf(recompiled(random, tree, time), time));
  return random.chance(0.3) ? withLayer(random, image) : image;
}

function add(random: Random, lower: RandomImage, entries: readonly Entry[]): RandomImage {
  return {
    image: { ...lower.image, layers: [...lower.image.layers, randomlyStored(random, entries)] },
    tree: applyLayer(lower.tree, entries),
  };
}

function randomlyStored(random: Random, entries: readonly Entry[]): Layer {
  return makeLayer(entries, {
    dialect: random.pick(['ustar', 'gnu']),
    prefix: random.pick(['', '', './', '/']),
    compression: random.pick(['gzip', 'gzip', 'none', 'zstd']),
  });
}
