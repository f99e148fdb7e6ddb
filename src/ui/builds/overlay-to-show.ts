import { topFolder } from '../../core/checkout/paths';
import type { BuildReport } from '../../core/use-cases/report';

/**
 * The app whose overlay is worth a look after a build: its own, else that of the only app that was rebuilt with it. Undefined
 * where none or several were made.
 */
export function overlayToShow({ app, built }: BuildReport): string | undefined {
  const overlays = built.filter(({ kind }) => kind === 'overlay').map(({ path }) => topFolder(path));
  if (overlays.includes(app)) return app;
  return overlays.length === 1 ? overlays[0] : undefined;
}
