import type { Contradiction } from '../contradictions';
import type { AppRecord } from '../read-app';
import { extendedApp } from '../source-manifest';
import { sameDigest } from '../same-digest';

/** What is wrong between an extension app and the app whose base it extends. */
export function findBaseContradictions(
  app: AppRecord,
  apps: ReadonlyMap<string, AppRecord>,
): readonly Contradiction[] {
  const { name } = app;
  const base = baseOf(app);
  if (base === undefined) return [];
  const chain = chainOf(app, apps);
  if (chain.at(-1) === name) return [{ kind: 'base-loop', app: name, chain }];
  const baseApp = apps.get(base);
  if (baseApp === undefined) return [{ kind: 'missing-base', app: name, base }];
  const baseOfBase = baseOf(baseApp);
  if (baseOfBase !== undefined) return [{ kind: 'base-is-extension', app: name, base, baseOfBase }];
  return outdated(app, baseApp);
}

function baseOf({ manifest }: AppRecord): string | undefined {
  return manifest && extendedApp(manifest);
}

/** An app, its base, that one's base, …, up to the first that comes twice. */
function chainOf(app: AppRecord, apps: ReadonlyMap<string, AppRecord>): readonly string[] {
  const chain = [app.name];
  let base = baseOf(app);
  while (base !== undefined) {
    const isLoop = chain.includes(base);
    chain.push(base);
    if (isLoop) break;
    const next = apps.get(base);
    base = next && baseOf(next);
  }
  return chain;
}

/** src.json keeps the digest that the base had when the overlay was made. */
function outdated({ name, manifest }: AppRecord, baseApp: AppRecord): readonly Contradiction[] {
  const builtOn = manifest?.fields.docker_digest;
  const current = baseApp.base?.digest ?? baseApp.manifest?.fields.docker_digest;
  if (!builtOn || !current || sameDigest(builtOn, current)) return [];
  return [{ kind: 'outdated-extension', app: name, base: baseApp.name, builtOn, current }];
}
