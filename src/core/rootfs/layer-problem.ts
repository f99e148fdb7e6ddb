import { Problem } from '../problem';

/** A layer that no container runtime could unpack either, or that tries to do harm. */
export function layerProblem(found: string): Problem {
  return new Problem({
    doing: 'reading a layer of the image',
    found,
    remedy: 'Pull the image again, and if that changes nothing build it anew',
  });
}
