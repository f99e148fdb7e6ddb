import type { Measurement } from './measure';
import type { Result } from './runner';

/** The medians of a contender's runs. */
export function medians({ runs }: Result): Measurement {
  return {
    wall: median(runs.map(({ wall }) => wall)),
    cpu: median(runs.map(({ cpu }) => cpu)),
    peakMemory: median(runs.map(({ peakMemory }) => peakMemory)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
