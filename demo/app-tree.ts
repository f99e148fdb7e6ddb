import path from 'node:path';
import type { App, AppSquashfs } from '../src/core/checkout/app';
import { readCheckout } from '../src/core/checkout/checkout';
import { formatSize } from '../src/core/presentation/size';

/** The apps of a checkout with their files, and below each base the apps that extend it. */
export async function appTree(checkout: string): Promise<string> {
  const { apps } = await readCheckout(checkout);
  const roots = apps.filter(({ isExtension }) => !isExtension).map((app) => branchOf(app, apps));
  return ['.', ...draw(roots)].join('\n');
}

interface Branch {
  readonly label: string;
  readonly children: readonly Branch[];
}

function branchOf(app: App, all: readonly App[]): Branch {
  const files = [app.base, app.overlay].flatMap((file) => (file === undefined ? [] : [leafOf(file)]));
  const dependants = all.filter(({ baseApp }) => baseApp === app.name).map((one) => branchOf(one, all));
  const label = app.baseApp === undefined ? app.name : `${app.name} (extends ${app.baseApp})`;
  return { label, children: [...files, ...dependants] };
}

function leafOf({ path: file, size }: AppSquashfs): Branch {
  return { label: `${path.basename(file)}  ${formatSize(size)}`, children: [] };
}

function draw(branches: readonly Branch[]): readonly string[] {
  return branches.flatMap(({ label, children }, at) => {
    const isLast = at === branches.length - 1;
    const [corner, edge] = isLast ? ['└── ', '    '] : ['├── ', '│   '];
    return [`${corner}${label}`, ...draw(children).map((line) => `${edge}${line}`)];
  });
}
