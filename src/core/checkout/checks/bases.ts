import type { Contradiction } from '../contradictions/contradictions';
import { baseDigestOf } from '../manifests/digest-place';
import { sameDigest } from '../manifests/same-digest';
import type { AppRecord } from '../read-app';

/**
 * What is wrong between an extension app and the app whose base it extends.
 *
 * @param unseen folders of which nobody knows whether they are apps.
 */
export function findBaseContradictions(
  app: AppRecord,
  apps: ReadonlyMap<string, AppRecord>,
  unseen: ReadonlySet<string>,
): readonly Contradiction[] {
  const { name, baseApp: base } = app;
  if (base === undefined) return [];
  const chain = chainOf(app, apps);
  if (chain.at(-1) === name) return [{ kind: 'base-loop', app: name, chain }];
  const extended = apps.get(base);
  if (extended === undefined) return unseen.has(base) ? [] : [{ kind: 'missing-base', app: name, base }];
  const { baseApp: baseOfBase } = extended;
  if (baseOfBase !== undefined) return [{ kind: 'base-is-extension', app: name, base, baseOfBase }];
  return outdated(app, extended);
}

/** An app, its base, that one's base, …, up to the first that comes twice. */
function chainOf(app: AppRecord, apps: ReadonlyMap<string, AppRecord>): readonly string[] {
  const chain = [app.name];
  let base = app.baseApp;
  while (base !== undefined) {
    const isLoop = chain.includes(base);
    chain.push(base);
    if (isLoop) break;
    base = apps.get(base)?.baseApp;
  }
  return chain;
}

/** src.json keeps the digest that the base had when the overlay was made. */
function outdated({ name, manifest }: AppRecord, extended: AppRecord): readonly Contradiction[] {
  const builtOn = manifest?.fields.docker_digest;
  const current = extended.base?.digest ?? (extended.manifest && baseDigestOf(extended.manifest));
  if (!builtOn || !current || sameDigest(builtOn, current)) return [];
  return [{ kind: 'outdated-extension', app: name, base: extended.name, builtOn, current }];
}
