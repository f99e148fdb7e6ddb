import path from 'node:path';
import { Problem } from '../../problem';

/** The last line of defence: a result that isn't the image is thrown away, whatever the reason. */
export function requireSame(differencesFound: readonly string[], file: string): void {
  const [first] = differencesFound;
  if (first === undefined) return;
  throw new Problem({
    doing: `checking ${path.basename(file)} against its image`,
    found: `${differencesFound.length} entries differ, the first: ${first}`,
    remedy: 'Nothing was installed. This is a defect: please report it together with the image',
  });
}
