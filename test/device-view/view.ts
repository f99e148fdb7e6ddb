import assert from 'node:assert/strict';
import { rootLayers, withMounted } from './device';
import { listFolder } from './folder-listing';
import { asPythonRuns, differencesBetween, linkDifferencesBetween, type Listing } from './listing';

/** How many differences a failure lists; the others are counted. */
const shownDifferences = 10;

/**
 * Compares what a device shows of an app, mounted by this machine's kernel, with what its image holds: byte for byte, but that over
 * a base Python's compiled files may be of another time than the image's.
 *
 * @param expected from an unpacker that knows nothing of this project, with pvr's additions.
 * @param when what was done last and how to do it again, for the failure's message.
 */
export async function requireDeviceView(
  checkout: string,
  app: string,
  expected: Listing,
  when: string,
): Promise<void> {
  const layers = await rootLayers(checkout, app);
  const actual = await withMounted(layers, listFolder);
  const isBase = layers.length === 1;
  if (isBase) requireSame(actual, expected, `${app} ${when}`);
  else requireSame(asPythonRuns(actual, expected), asPythonRuns(expected, expected), `${app} ${when}`);
  // Across two layers overlayfs can't link: what is one file in the image may be several on the device.
  if (isBase) requireNone(linkDifferencesBetween(actual, expected), `${app} ${when}`);
}

/** @param what the subject of "differs" in the failure's message. */
export function requireSame(actual: Listing, expected: Listing, what: string): void {
  requireNone(differencesBetween(actual, expected), what);
}

function requireNone(differences: readonly string[], what: string): void {
  if (differences.length === 0) return;
  const more = differences.length - shownDifferences;
  assert.fail(
    [
      `${what} differs from the image:`,
      ...differences.slice(0, shownDifferences).map((line) => `  ${line}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ].join('\n'),
  );
}
