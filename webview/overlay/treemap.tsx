import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type ReactNode,
  type SyntheticEvent,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { ByteString } from '../../src/core/bytes/byte-string';
import { formatShare, formatSize } from '../../src/core/presentation/size';
import { format } from '../format';
import type { PageStrings } from '../protocol';
import { categories, type Category, Compositions } from './composition';
import { type Item, titleOf } from './contents';
import { iconOf } from './file-icon';
import type { Scheme } from './look';
import { textMeasure, useEm, useSize } from './measures';
import { joined, laidOut, type Tile } from './treemap-layout';
import { neighbour, ownPlace } from './treemap-moves';

export interface TreemapProps {
  readonly root: Item;
  /** Path of the folder whose content is shown. */
  readonly folder: ByteString;
  readonly scheme: Scheme;
  /** Those that tell something here. */
  readonly schemes: readonly Scheme[];
  /** What is deleted is shown by what it weighed. */
  readonly countsDeleted: boolean;
  readonly strings: PageStrings;
  readonly onFolder: (path: ByteString) => void;
  readonly onScheme: (scheme: Scheme) => void;
  readonly menuOf: (item: Item) => string;
  readonly onOpen: (item: Item) => void;
}

/** In ems. */
const headHeight = 1.6;
const lineHeight = 1.35;
const padding = 0.8;
const iconWidth = 1.75;
/** Of an icon alone. */
const iconSize = 1.35;
/** As much of a name as tells something, where there is no room for all of it. */
const readable = 5.5;
const assumedSize = { width: 1200, height: 600 };

/**
 * What weighs in a folder, as rectangles of that size, three levels at once. A click or Enter goes into a folder and opens a file, arrow keys go
 * to what lies beside, Escape and Backspace go out again.
 */
export function Treemap(props: TreemapProps): ReactNode {
  const { root, folder, scheme, countsDeleted, strings, onFolder, onOpen, menuOf } = props;
  const map = useRef<HTMLDivElement>(null);
  const size = useSize(map, assumedSize);
  const em = useEm();
  const compositions = useMemo(() => new Compositions(scheme, { countsDeleted }), [scheme, countsDeleted]);
  const { weightOf } = compositions;
  const measure = useMemo(() => textMeasure(em), [em]);
  const shown = folderAt(root, folder);
  const tiles = useMemo(
    () =>
      laidOut(
        shown,
        { x: 0, y: 0, ...size },
        {
          weightOf,
          headHeight: Math.round(headHeight * em),
          fits: (name, width) => labelRoom(measure(name), width - padding * em, em),
        },
      ),
    [shown, size, weightOf, em, measure],
  );
  const places = useMemo(() => tiles.map((tile) => ownPlace(tile, Math.round(headHeight * em))), [tiles, em]);

  const [active, setActive] = useState(0);
  const activeAt = Math.max(0, Math.min(active, tiles.length - 1));
  /** What is to have the focus once it is there: the tile of this path, or the first. */
  const wanted = useRef<ByteString>(undefined);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const path = wanted.current;
    wanted.current = undefined;
    const at = tiles.findIndex(({ item, kind }) => kind !== 'rest' && item.path === path);
    focus(Math.max(0, at));
  });
  const focus = (at: number) => {
    setActive(at);
    map.current?.querySelector<HTMLElement>(`#${tileId(at)}`)?.focus();
  };

  const into = (path: ByteString) => {
    wanted.current = '';
    setActive(0);
    onFolder(path);
  };
  const act = (at: number) => {
    const tile = tiles[at];
    if (tile === undefined) return;
    setActive(at);
    const { item, kind } = tile;
    if (kind !== 'rest' && item.children.length === 0) onOpen(item);
    else if (item !== shown) into(item.path);
  };
  const out = () => {
    // To where there is a choice: folders that hold nothing but the next are one.
    const above = ancestorsOf(root, shown.path).slice(0, -1);
    const next = above.findLast((item) => item === root || joined(item, compositions).item === item) ?? root;
    wanted.current = shown.path;
    onFolder(next.path);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') act(activeAt);
    else if (event.key === 'Backspace' || event.key === 'Escape') {
      if (shown === root) return;
      out();
    } else {
      const next = neighbour(places, activeAt, event.key);
      if (next === undefined) return;
      focus(next);
    }
    event.preventDefault();
  };

  return (
    <div className="treemap">
      <div className="map-head">
        <nav aria-label={strings.treemap}>
          {crumbsOf(root, shown.path, compositions).map(({ item, name }) => (
            <button
              key={item.path}
              type="button"
              aria-current={item === shown ? 'location' : undefined}
              onClick={() => onFolder(item.path)}
            >
              {name}
            </button>
          ))}
          <span>{formatSize(weightOf(shown))}</span>
        </nav>
        <SchemeChoice {...props} />
        <Legend folder={shown} scheme={scheme} compositions={compositions} strings={strings} />
      </div>
      {tiles.length === 0 && <p className="notice">{strings.nothingWeighs}</p>}
      <div
        ref={map}
        className="tiles"
        role="tree"
        aria-label={titleOf(shown)}
        aria-description={strings.treemapKeys}
        onKeyDown={onKeyDown}
        onClick={(event) => act(tileOf(event))}
        onFocus={(event) => setActive(tileOf(event))}
      >
        {tiles.map((tile, at) => (
          <MapTile
            key={`${tile.kind} ${tile.item.path}`}
            tile={tile}
            at={at}
            isActive={at === activeAt}
            category={tile.kind === 'leaf' ? compositions.categoryOf(tile.item) : undefined}
            total={weightOf(root)}
            scheme={scheme}
            strings={strings}
            em={em}
            measure={measure}
            menu={tile.kind === 'rest' ? undefined : menuOf(tile.item)}
          />
        ))}
      </div>
    </div>
  );
}

interface MapTileProps {
  readonly tile: Tile;
  readonly at: number;
  readonly isActive: boolean;
  /** Undefined of groups and of the rest, which are of several. */
  readonly category: Category | undefined;
  readonly total: number;
  readonly scheme: Scheme;
  readonly strings: PageStrings;
  readonly em: number;
  readonly measure: (text: string) => number;
  readonly menu: string | undefined;
}

/** One of many: made anew only where something about it is. */
const MapTile = memo(function MapTile({
  tile,
  at,
  isActive,
  category,
  total,
  scheme,
  strings,
  em,
  measure,
  menu,
}: MapTileProps): ReactNode {
  const { item, kind, level, weight, count, place } = tile;
  const name = kind === 'rest' ? format(strings.others, count) : nameOf(tile);
  const size = formatSize(weight);
  const width = place.width - padding * em;
  const nameWidth = measure(name);
  const sizeWidth = measure(size);
  const isNamed = (kind === 'group' || place.height >= lineHeight * em) && labelRoom(nameWidth, width, em);
  const hasIcon =
    kind === 'leaf' &&
    (isNamed
      ? width >= nameWidth + iconWidth * em
      : place.width >= iconSize * em && place.height >= iconSize * em);
  const isWeighed =
    isNamed &&
    (kind === 'group'
      ? width >= nameWidth + sizeWidth + em
      : place.height >= 2 * lineHeight * em && width >= sizeWidth);
  const categoryName = category && nameOfCategory(category, strings);
  const facts = [size, formatShare(weight, total), ...(categoryName === undefined ? [] : [categoryName])];
  return (
    <div
      id={tileId(at)}
      role="treeitem"
      aria-level={level}
      aria-selected={isActive}
      aria-expanded={kind === 'group' ? true : undefined}
      aria-label={[name, ...facts].join(', ')}
      className={['tile', kind, category, item.children.length > 0 && 'folder', !isNamed && 'bare']
        .filter(Boolean)
        .join(' ')}
      title={[kind === 'rest' ? name : titleOf(item), facts.join(' · ')].join('\n')}
      tabIndex={isActive ? 0 : -1}
      data-vscode-context={menu}
      style={
        {
          left: place.x,
          top: place.y,
          width: place.width,
          height: place.height,
          '--level': level,
        } as CSSProperties
      }
    >
      {(isNamed || hasIcon) && (
        <span className="label">
          {hasIcon && <span className={`icon ${iconFor(item, scheme, category)}`} />}
          {isNamed && <span className="words">{name}</span>}{' '}
          {isWeighed && kind === 'group' && <span className="size">{size}</span>}
        </span>
      )}{' '}
      {isWeighed && kind !== 'group' && <span className="size">{size}</span>}
    </div>
  );
});

/** A shape for each colour. */
function iconFor(item: Item, scheme: Scheme, category: Category | undefined): string {
  return scheme === 'change' && category !== undefined ? category : iconOf(item);
}

interface LegendProps {
  readonly folder: Item;
  readonly scheme: Scheme;
  readonly compositions: Compositions;
  readonly strings: PageStrings;
}

/** What the colours mean, and how much there is of each. */
function Legend({ folder, scheme, compositions, strings }: LegendProps): ReactNode {
  const { parts } = compositions.of(folder);
  const total = compositions.weightOf(folder);
  return (
    <ul className="legend" aria-label={strings.legend}>
      {categories[scheme]
        .filter((category) => parts.has(category))
        .map((category) => (
          <li key={category}>
            <span className={`swatch ${category}`}>
              <span className={`icon ${category}`} aria-hidden />
            </span>
            {nameOfCategory(category, strings)} {formatShare(parts.get(category) ?? 0, total)}
          </li>
        ))}
    </ul>
  );
}

function SchemeChoice({
  scheme,
  schemes,
  strings,
  onScheme,
}: Pick<TreemapProps, 'scheme' | 'schemes' | 'strings' | 'onScheme'>): ReactNode {
  if (schemes.length < 2) return null;
  return (
    <div className="schemes" role="group" aria-label={strings.colourBy}>
      {schemes.map((each) => (
        <button key={each} type="button" aria-pressed={each === scheme} onClick={() => onScheme(each)}>
          {strings.schemes[each]}
        </button>
      ))}
    </div>
  );
}

function nameOfCategory(category: Category, { changes, fileKinds }: PageStrings): string {
  return category in changes
    ? changes[category as keyof typeof changes]
    : fileKinds[category as keyof typeof fileKinds];
}

/** Whether a name can be read in that room: all of it, or enough. */
function labelRoom(nameWidth: number, width: number, em: number): boolean {
  return width >= Math.min(nameWidth, readable * em);
}

function tileId(at: number): string {
  return `tile-${at}`;
}

/** That of an event: -1 where it was between two. */
function tileOf({ target }: SyntheticEvent): number {
  const tile = (target as Element).closest('.tile');
  return tile === null ? -1 : Number(tile.id.slice(tileId(0).length - 1));
}

function nameOf({ item, name }: Pick<Tile, 'item' | 'name'>): string {
  return item.isFolder ? `${name}/` : name;
}

/** The folder itself, or the nearest above it that is still there. */
function folderAt(root: Item, path: ByteString): Item {
  return ancestorsOf(root, path).at(-1) ?? root;
}

/** From the root to what lies at `path`, as far as it is there. */
function ancestorsOf(root: Item, path: ByteString): readonly Item[] {
  const found = [root];
  for (let item = root; item.path !== path;) {
    const next = item.children.find((child) => path === child.path || path.startsWith(`${child.path}/`));
    if (next === undefined) break;
    found.push(next);
    item = next;
  }
  return found;
}

/** The way to a folder, those that hold nothing but the next as one. */
function crumbsOf(
  root: Item,
  path: ByteString,
  compositions: Compositions,
): readonly Pick<Tile, 'item' | 'name'>[] {
  const [, ...below] = ancestorsOf(root, path);
  const crumbs = [{ item: root, name: titleOf(root) }];
  let names = '';
  for (const item of below) {
    names += nameOf({ item, name: item.name });
    const isOnTheWay = item.path !== path && joined(item, compositions).item !== item;
    if (isOnTheWay) continue;
    crumbs.push({ item, name: names });
    names = '';
  }
  return crumbs;
}
