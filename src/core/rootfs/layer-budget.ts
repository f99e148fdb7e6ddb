import type { TarEntry } from '../tar/read-tar';
import { storedSize } from '../tar/sparse';
import { layerProblem } from './layer-index';

/** Two million bare entries: many times what the largest images have, and what a process can still hold. */
const mostMetadata = 512 * 1024 * 1024;
const entryOverhead = 256;
const segmentOverhead = 32;

/** Enough for any sparse log or database that a container image may ship; hashing it takes minutes, not years. */
const mostHoles = 2 ** 40;

/**
 * Holds a layer to what it may cost. A few megabytes can expand to endlessly many entries, or name a sparse file of
 * exabytes, so neither follows from the size of the download.
 */
export class LayerBudget {
  #metadata = 0;
  #holes = 0;

  /** Call before the content of `entry` is read; throws a `Problem` once the layer asks for too much. */
  charge(entry: TarEntry): void {
    this.#metadata += entryOverhead + entry.name.length + entry.linkName.length;
    for (const [name, value] of entry.attributes.xattrs) {
      this.#metadata += entryOverhead + name.length + value.length;
    }
    this.#metadata += segmentOverhead * (entry.segments?.length ?? 0);
    this.#holes += entry.size - storedSize(entry);
    if (this.#metadata > mostMetadata) throw layerProblem('it has more entries than any real layer');
    if (this.#holes > mostHoles) throw layerProblem('its sparse files have more than a tebibyte of holes');
  }
}

/** Twice what the largest images have, and what a process can still hold, as entries and as the tree that they make. */
const mostNodes = 2 ** 21;

/**
 * Holds an image to what it may cost: each of its layers may be within its own budget, and name the same million files again,
 * or one file below two thousand folders that no entry describes.
 */
export class ImageBudget {
  #nodes = 0;

  /** @param nodes entries of layers, or folders that these need. @throws Problem once there are too many. */
  charge(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > mostNodes) throw layerProblem('the image has more files and folders than any real one');
  }
}
