import type { App } from '../../core/checkout/app';
import { readCheckout, type Checkout } from '../../core/checkout/checkout';
import { formatAppSize } from '../../core/presentation/size';
import { contradictionLines, withSeverities } from '../contradictions';
import { openCheckoutSession, type CommonOptions } from '../session';
import { formatTable } from '../table';

export async function list(options: CommonOptions): Promise<void> {
  const { checkoutDirectory, terminal } = await openCheckoutSession(options);
  const checkout = await readCheckout(checkoutDirectory);
  const { apps } = checkout;
  const rows = apps.map((app) => [app.name, appSize(app), describeKind(app), imageOf(app)]);
  const table =
    apps.length === 0
      ? 'No apps yet. Add one: pvx app add NAME --from IMAGE'
      : formatTable([['APP', 'BASE + OVERLAY', 'KIND', 'IMAGE'], ...rows]);
  const found = [...checkout.contradictions, ...apps.flatMap(({ contradictions }) => contradictions)];
  const lines = [table, ...contradictionLines(found), ...notCompared(checkout)];
  terminal.result(lines.join('\n'), { ...withSeverities(checkout), apps: apps.map(withSeverities) });
}

/** That nothing is said of a large file's content means that it is right only once somebody has read it. */
function notCompared({ apps }: Checkout): readonly string[] {
  const names = apps
    .filter(({ files }) => files.some(({ tracking }) => tracking === 'not-compared'))
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `Large files of ${names.join(', ')} have not been compared with the last commit yet; pvx app info does that.`,
  ];
}

export function appSize({ base, overlay }: App): string {
  return formatAppSize(base?.size, overlay?.size);
}

/** `patched`, `extends base`, `base of hello`, or nothing where there is nothing to say. */
export function describeKind({ isPatched, baseApp, dependants, source }: App): string {
  const parts = [
    ...(baseApp === undefined ? [] : [`extends ${baseApp}`]),
    ...(isPatched ? ['patched'] : []),
    ...(dependants.length === 0 ? [] : [`base of ${dependants.join(', ')}`]),
    ...(source.kind === 'docker' ? [] : [sourceNames[source.kind]]),
  ];
  return parts.join(', ');
}

const sourceNames = {
  rootfs: 'from a rootfs',
  pvr: 'from another checkout',
  none: 'made elsewhere',
  unreadable: 'unreadable src.json',
} as const;

export function imageOf({ source }: App): string {
  if (source.kind !== 'docker') return '';
  const { name, tag } = source.image;
  if (name === undefined) return '';
  return tag === undefined ? name : `${name}:${tag}`;
}
