import { byteText } from '../byte-text';
import type { PackageGroup, PageStrings } from '../protocol';
import { type Item, ItemBuilder, summed } from './contents';
import type { Entry } from './entry';

/** No manager's name: this can't be a package's. */
const restId = 'none';

/**
 * What is in a tree of folders by packages: below each its own paths, below the last what no package has, in folders. Paths of items
 * begin with the package, and those of entries are as they were.
 */
export function packageItems(root: Item, groups: readonly PackageGroup[], strings: PageStrings): Item {
  const groupOf = new Map(groups.flatMap((group) => group.paths.map((path) => [path, group] as const)));
  const members = new Map<PackageGroup, Item[]>();
  const rest = new ItemBuilder(restId);
  const first: Item[] = [];
  for (const entry of entriesIn(root)) {
    const group = groupOf.get(entry.path);
    if (group !== undefined) {
      const known = members.get(group);
      const item = memberOf(group.id, byteText(group.name), entry);
      if (known === undefined) members.set(group, [item]);
      else known.push(item);
    } else if (entry.path === '') {
      first.push(memberOf(restId, '', entry));
    } else {
      rest.add([entry]);
    }
  }
  const packages = [...members]
    .sort(([a], [b]) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(([{ id, name, details }, items]) => groupItem(id, byteText(name), details, items));
  const others = [...first, ...rest.finish().children];
  if (others.length > 0) packages.push(groupItem(restId, strings.noPackage, '', others));
  return groupItem('', strings.packages, '', packages);
}

function* entriesIn(item: Item): Generator<Entry, void, undefined> {
  if (item.entry !== undefined) yield item.entry;
  for (const child of item.children) yield* entriesIn(child);
}

function groupItem(path: string, name: string, details: string, children: readonly Item[]): Item {
  const searched = name.toLowerCase();
  return summed({ path, name, title: name, searched, details, entry: undefined, isFolder: false }, children);
}

/** Found by the name of its package, too. */
function memberOf(id: string, packageName: string, entry: Entry): Item {
  const text = byteText(entry.path);
  const name = `/${text}`;
  return {
    path: `${id}/${entry.path}`,
    name,
    title: name,
    searched: `${text}\n${packageName}`.toLowerCase(),
    entry,
    isFolder: entry.kind === 'directory',
    children: [],
    size: entry.size,
    baseSize: entry.baseSize,
    count: 1,
  };
}
