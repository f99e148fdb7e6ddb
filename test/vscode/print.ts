/** Prints what was measured: of several rounds the median, the least and the most. */
export function print(what: string, milliseconds: readonly number[]): void {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const [least = NaN, most = NaN] = [sorted.at(0), sorted.at(-1)];
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const range =
    sorted.length > 1 ? ` (median of ${sorted.length}; ${least.toFixed(0)} to ${most.toFixed(0)})` : '';
  console.log(`  ${what}: ${median.toFixed(0)} ms${range}`);
}
