import type { Weights } from '../budget/judge';
import { budgetFile, readRules, type Rule } from '../budget/rules';
import type { TextFiles } from '../files/text-file';
import type { App } from './app';
import type { RevisionWeight } from './revision-weight';

/** The rules that a checkout is held to; none where nobody has written any. @throws Problem for what nobody understands. */
export async function rulesOf(checkout: TextFiles): Promise<readonly Rule[]> {
  const text = await checkout.text(budgetFile);
  return text === undefined ? [] : readRules(text);
}

/**
 * What lies there, as rules are held to it.
 *
 * @param apps all of the checkout.
 * @param weight of what isn't committed.
 */
export function weightsOf(
  apps: readonly Pick<App, 'name' | 'base' | 'overlay' | 'baseApp'>[],
  { download, parts }: Pick<RevisionWeight, 'download' | 'parts'>,
): Weights {
  const bases = new Map(apps.map(({ name, base }) => [name, base?.size]));
  const downloads = new Map(parts.map((part) => [part.name, part.download]));
  return {
    download,
    apps: apps.map(({ name, baseApp, overlay }) => ({
      name,
      download: downloads.get(name) ?? 0,
      base: bases.get(baseApp ?? name),
      overlay: overlay?.size,
    })),
  };
}
