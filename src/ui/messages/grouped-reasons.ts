import { l10n } from 'vscode';

export interface FailureOfApp {
  readonly app: string;
  readonly found: string;
}

/** `web, shop: no host of this name; and 2 more for other reasons`: apps mostly fail for the same one, and a message has to stay short. */
export function groupedReasons(failures: readonly FailureOfApp[]): string {
  const apps = new Map<string, readonly string[]>();
  for (const { app, found } of failures) apps.set(found, [...(apps.get(found) ?? []), app]);
  const [[found, names] = ['', []]] = [...apps].sort(([, a], [, b]) => b.length - a.length);
  const first = `${names.join(', ')}: ${found}`;
  const others = failures.length - names.length;
  return others === 0 ? first : l10n.t('{0}; and {1} more for other reasons', first, others);
}
