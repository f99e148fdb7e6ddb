import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import type { ByteString } from '../../src/core/bytes/byte-string';
import { formatShare, formatSize } from '../../src/core/presentation/size';
import { moveFocus } from '../arrow-focus';
import { format } from '../format';
import type { PageStrings } from '../protocol';
import { type Item, titleOf } from './contents';
import { squarified } from './treemap-layout';

export interface TreemapProps {
  readonly root: Item;
  /** Path of the folder whose content is shown. */
  readonly folder: ByteString;
  readonly strings: PageStrings;
  readonly onFolder: (path: ByteString) => void;
  readonly menuOf: (item: Item) => string;
  readonly onOpen: (item: Item) => void;
}

/** Of the picture; it is stretched to the room there is. */
const area = { x: 0, y: 0, width: 1600, height: 800 };
/** More rectangles than these can't be told from each other. */
const mostTiles = 60;

/** What weighs in a folder, as rectangles of that size. A click or Enter opens folders and files, Backspace the parent. */
export function Treemap({ root, folder, strings, onFolder, menuOf, onOpen }: TreemapProps): ReactNode {
  const map = useRef<HTMLDivElement>(null);
  const shown = folderAt(root, folder);
  const tiles = tilesOf(shown);
  const open = (item: Item | undefined) => {
    if (item === undefined) return;
    if (item.children.length === 0) {
      onOpen(item);
      return;
    }
    onFolder(item.path);
    map.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key === 'Backspace' && shown !== root) {
      onFolder(parentOf(shown.path));
      event.preventDefault();
      return;
    }
    moveFocus(event, 'button.tile');
  };
  return (
    <div className="treemap" onKeyDown={onKeyDown}>
      <nav aria-label={strings.treemap}>
        {ancestorsOf(root, shown.path).map((item) => (
          <button
            key={item.path}
            type="button"
            aria-current={item === shown ? 'location' : undefined}
            onClick={() => onFolder(item.path)}
          >
            {item.path === '' ? titleOf(item) : labelOf(item)}
          </button>
        ))}
        <span>{formatSize(shown.size)}</span>
      </nav>
      <div ref={map} className="tiles" role="group" tabIndex={-1} aria-label={titleOf(shown)}>
        {tiles.length === 0 && <p className="notice">{strings.nothingWeighs}</p>}
        {tiles.map(({ item, left, place }) => {
          const name = item === undefined ? format(strings.others, left.count) : labelOf(item);
          const size = item === undefined ? left.size : item.size;
          const label = `${name}, ${formatSize(size)}, ${formatShare(size, root.size)}`;
          const { x, y, width, height } = place;
          return (
            <button
              key={item?.path ?? '\0'}
              type="button"
              className={[
                'tile',
                item?.entry?.change ?? 'plain',
                item !== undefined && (item.isFolder || item.children.length > 0) && 'folder',
              ]
                .filter(Boolean)
                .join(' ')}
              aria-label={label}
              title={label}
              aria-disabled={item === undefined}
              data-vscode-context={item && menuOf(item)}
              style={{
                left: `${(x / area.width) * 100}%`,
                top: `${(y / area.height) * 100}%`,
                width: `${(width / area.width) * 100}%`,
                height: `${(height / area.height) * 100}%`,
              }}
              onClick={() => open(item)}
            >
              <span>{name}</span>
              <span>{formatSize(size)}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function labelOf({ name, isFolder }: Item): string {
  return isFolder ? `${name}/` : name;
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

function parentOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function tilesOf(folder: Item) {
  const heavy = folder.children.filter(({ size }) => size > 0).sort((a, b) => b.size - a.size);
  const own = heavy.slice(0, mostTiles);
  const rest = heavy.slice(mostTiles);
  const left = { count: rest.length, size: rest.reduce((sum, { size }) => sum + size, 0) };
  const weights = [...own.map(({ size }) => size), ...(rest.length > 0 ? [left.size] : [])];
  // The rest is put last, however much it is.
  return squarified(weights, area).map((place, at) => ({ item: own[at], left, place }));
}
