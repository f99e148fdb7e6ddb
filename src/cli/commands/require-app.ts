import type { App } from '../../core/checkout/app';
import { Problem } from '../../core/problem';

/** @throws Problem when there is no app of this name. */
export function requireApp(apps: readonly App[], name: string): App {
  const app = apps.find((one) => one.name === name);
  if (app !== undefined) return app;
  throw new Problem({
    doing: `looking for ${name || '""'}`,
    found: 'there is no such app',
    remedy: `Choose one of ${apps.map((one) => one.name).join(', ') || '(there are none yet)'}`,
  });
}
