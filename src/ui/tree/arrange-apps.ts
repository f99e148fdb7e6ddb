import type { App } from '../../core/checkout/app';
import type { Checkout } from '../../core/checkout/checkout';
import { isAtOrBelow } from '../../core/checkout/paths';
import type { Settings } from '../manifest/settings';
import type { AppNode, CheckoutNode, GroupNode } from './nodes';

export type AppGrouping = Settings['pantavisor.groupAppsBy'];

/**
 * Where the apps of a checkout stand in the tree, in the order in which they are shown.
 *
 * @param shown those that no filter hides, in the tree's order.
 */
export function arrangeApps(
  parent: CheckoutNode,
  { groups, parts }: Pick<Checkout, 'groups' | 'parts'>,
  shown: readonly App[],
  grouping: AppGrouping,
): readonly AppNode[] {
  const configFiles = parts.find(({ kind }) => kind === 'config')?.files ?? [];
  const at = (app: App, where: AppNode['parent']): AppNode => ({
    kind: 'app',
    parent: where,
    app,
    isNested: grouping === 'base',
    config: configFiles.filter(({ path: file }) => isAtOrBelow(file, `_config/${app.name}`)),
  });
  switch (grouping) {
    case 'none':
      return shown.map((app) => at(app, parent));
    case 'group':
      return groupsIn(parent, groups, shown).flatMap((group) =>
        shown.filter((app) => app.container?.group.name === group.name).map((app) => at(app, group)),
      );
    case 'base': {
      // What extends an extension app is broken, and may do so in a circle: it stands for itself.
      const bases = new Map(
        shown.filter(({ baseApp }) => baseApp === undefined).map((app) => [app.name, app]),
      );
      const baseOf = ({ baseApp }: App) => (baseApp === undefined ? undefined : bases.get(baseApp));
      return shown
        .filter((app) => baseOf(app) === undefined)
        .flatMap((app) => {
          const node = at(app, parent);
          return [node, ...shown.filter((other) => baseOf(other) === app).map((other) => at(other, node))];
        });
    }
  }
}

/** In the order in which a device starts them; what is no container comes last. */
function groupsIn(
  parent: CheckoutNode,
  groups: Checkout['groups'],
  apps: readonly App[],
): readonly GroupNode[] {
  const order = groups.list.map(({ name }) => name);
  const found = [...new Set(apps.map(({ container }) => container?.group.name))];
  const place = (name: string | undefined) => {
    if (name === undefined) return Infinity;
    const index = order.indexOf(name);
    return index < 0 ? order.length : index;
  };
  return found
    .sort((a, b) => place(a) - place(b))
    .map((name) => ({
      kind: 'group',
      parent,
      name,
      size: apps.filter(({ container }) => container?.group.name === name).length,
    }));
}
