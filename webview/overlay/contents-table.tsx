import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { ByteString } from '../../src/core/bytes/byte-string';
import { formatShare, formatSize } from '../../src/core/presentation/size';
import type { PageStrings } from '../protocol';
import { type Item, type Row, titleOf } from './contents';
import type { Order, SortKey } from './look';
import { moved } from './moves';
import { FileIcon, iconOf } from './file-icon';
import { useEm } from './measures';
import { useVirtualRows } from './virtual-rows';

/** In ems; rows have whole pixels. */
const rowEms = 22 / 13;
const headEms = 2;

export interface ContentsTableProps {
  readonly rows: readonly Row[];
  /** Bytes of all that there is, which shares are shares of. */
  readonly total: number;
  readonly order: Order;
  /** Path of the row that keys act on. */
  readonly active: ByteString | undefined;
  readonly strings: PageStrings;
  readonly isOverlay: boolean;
  readonly onOrder: (order: Order) => void;
  readonly onActive: (path: ByteString) => void;
  readonly onToggle: (item: Item) => void;
  /** What VS Code's context menu is to know of a row. */
  readonly menuOf: (item: Item) => string;
  readonly onOpen: (item: Item) => void;
}

/** The contents as a grid of rows that unfold: as many in the document as are seen. */
export function ContentsTable(props: ContentsTableProps): ReactNode {
  const { rows, order, active, strings, isOverlay, onActive, onToggle, onOpen } = props;
  const grid = useRef<HTMLDivElement>(null);
  const em = useEm();
  const rowHeight = Math.round(rowEms * em);
  const { start, end } = useVirtualRows(grid, rows.length, rowHeight);
  const nameWidth = useMemo(() => nameEms(rows), [rows]);
  const activeIndex = rows.findIndex(({ item }) => item.path === active);
  const activeRow = rows[activeIndex];
  // At first, too: the row that was active when the page was last seen.
  const isToBeSeen = useRef(true);

  useEffect(() => {
    if (!isToBeSeen.current || grid.current === null || activeIndex < 0) return;
    isToBeSeen.current = false;
    scrollTo(grid.current, activeIndex, rowHeight, headEms * em);
  }, [activeIndex, rowHeight, em]);

  const activate = ({ item }: Row) => {
    if (item.children.length > 0) onToggle(item);
    else onOpen(item);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const pageLength = Math.max(1, Math.floor(event.currentTarget.clientHeight / rowHeight) - 2);
    const move = moved(rows, activeIndex, event.key, pageLength);
    if (move === undefined) return;
    event.preventDefault();
    const row = rows[move.index];
    if (row === undefined) return;
    isToBeSeen.current = true;
    onActive(row.item.path);
    if (move.isToggled) onToggle(row.item);
    if (move.isActivated) activate(row);
  };

  return (
    <div
      ref={grid}
      className={isOverlay ? 'contents of-overlay' : 'contents'}
      role="treegrid"
      tabIndex={0}
      aria-label={strings.contents}
      style={{ '--name': `${nameWidth}em`, '--row': `${rowHeight}px` } as CSSProperties}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={activeIndex >= start && activeIndex < end ? rowId(activeIndex) : undefined}
      // The menu key asks the element that has the focus.
      data-vscode-context={activeRow && props.menuOf(activeRow.item)}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (activeIndex < 0 && rows[0] !== undefined) onActive(rows[0].item.path);
      }}
    >
      <div role="row" aria-rowindex={1} className="head">
        {columnsOf(isOverlay).map((column) => (
          <ColumnHeader
            key={column}
            column={column}
            order={order}
            strings={strings}
            onOrder={props.onOrder}
          />
        ))}
      </div>
      <div role="presentation" className="body" style={{ height: rows.length * rowHeight }}>
        {rows.slice(start, end).map((row, offset) => (
          <ContentsRow
            // A row that comes into sight takes the elements of one that left it: making them anew takes longer than a frame.
            key={(start + offset) % (end - start)}
            row={row}
            index={start + offset}
            top={(start + offset) * rowHeight}
            isActive={start + offset === activeIndex}
            total={props.total}
            strings={strings}
            isOverlay={isOverlay}
            menu={props.menuOf(row.item)}
            onClick={() => {
              onActive(row.item.path);
              if (row.item.children.length > 0) onToggle(row.item);
            }}
            onDoubleClick={() => {
              if (row.item.children.length === 0) onOpen(row.item);
            }}
          />
        ))}
      </div>
    </div>
  );
}

type Column = keyof PageStrings['columns'];

const overlayColumns: readonly Column[] = ['name', 'change', 'size', 'baseSize', 'share', 'details'];
const otherColumns: readonly Column[] = ['name', 'size', 'share', 'details'];

function columnsOf(isOverlay: boolean): readonly Column[] {
  return isOverlay ? overlayColumns : otherColumns;
}

/** Shares are in the order of sizes, details in none. */
const sortKeys: Partial<Record<Column, SortKey>> = {
  name: 'name',
  change: 'change',
  size: 'size',
  baseSize: 'baseSize',
};

interface ColumnHeaderProps {
  readonly column: Column;
  readonly order: Order;
  readonly strings: PageStrings;
  readonly onOrder: (order: Order) => void;
}

function ColumnHeader({ column, order, strings, onOrder }: ColumnHeaderProps): ReactNode {
  const key = sortKeys[column];
  const label = strings.columns[column];
  if (key === undefined) {
    return (
      <span role="columnheader" className={column}>
        {label}
      </span>
    );
  }
  const isSorted = order.by === key;
  // The first click on a column of numbers asks for the large ones.
  const isDescending = isSorted ? !order.isDescending : key === 'size' || key === 'baseSize';
  return (
    <span
      role="columnheader"
      className={column}
      aria-sort={isSorted ? (order.isDescending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" onClick={() => onOrder({ by: key, isDescending })}>
        {label}
      </button>
    </span>
  );
}

interface ContentsRowProps {
  readonly row: Row;
  readonly index: number;
  /** Pixels. */
  readonly top: number;
  readonly isActive: boolean;
  readonly total: number;
  readonly strings: PageStrings;
  readonly isOverlay: boolean;
  readonly menu: string;
  readonly onClick: () => void;
  readonly onDoubleClick: () => void;
}

function ContentsRow({
  row: { item, name, level, isExpanded },
  index,
  top,
  isActive,
  total,
  strings,
  isOverlay,
  menu,
  onClick,
  onDoubleClick,
}: ContentsRowProps): ReactNode {
  const { entry, isFolder, size, baseSize, children } = item;
  const change = entry?.change;
  const details = entry?.details ?? item.details;
  return (
    <div
      role="row"
      id={rowId(index)}
      className={['row', change ?? 'plain', isActive && 'active'].filter(Boolean).join(' ')}
      aria-rowindex={index + 2}
      aria-level={level}
      aria-expanded={children.length > 0 ? isExpanded : undefined}
      aria-selected={isActive}
      style={{ top, '--level': level } as CSSProperties}
      data-vscode-context={menu}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
    >
      <span role="gridcell" className="name" title={titleOf(item)}>
        <span className={children.length > 0 ? (isExpanded ? 'twisty open' : 'twisty') : 'twisty none'} />
        <FileIcon icon={iconOf(item)} />
        <span className="words">{isFolder && name !== '/' ? `${name}/` : name}</span>
      </span>
      {isOverlay && (
        <span role="gridcell" className="change">
          {change === undefined ? '' : strings.changes[change]}
        </span>
      )}
      <span role="gridcell" className="size">
        {size > 0 || (entry?.kind === 'file' && change !== 'deleted') ? formatSize(size) : ''}
      </span>
      {isOverlay && (
        <span role="gridcell" className="baseSize">
          {baseSize > 0 ? formatSize(baseSize) : ''}
        </span>
      )}
      <span role="gridcell" className="share">
        {size > 0 ? formatShare(size, total) : ''}
      </span>
      <span role="gridcell" className="details" title={details}>
        {details}
      </span>
    </div>
  );
}

function rowId(index: number): string {
  return `row-${index}`;
}

/** How wide the column of names is: as wide as they ask for, so that values stand beside them on any screen. */
function nameEms(rows: readonly Row[]): number {
  let longest = 0;
  for (const { name, level } of rows) longest = Math.max(longest, name.length * letter + level * indent);
  return Math.min(mostNameEms, Math.max(leastNameEms, Math.ceil(longest + besideName)));
}

const letter = 0.55;
/** The style sheet has the same. */
const indent = 0.9;
/** What opens a folder, and the icon. */
const besideName = 3.2;
const leastNameEms = 16;
const mostNameEms = 44;

/** @param rowHeight and `headHeight` in pixels. */
function scrollTo(grid: HTMLElement, index: number, rowHeight: number, headHeight: number): void {
  const top = index * rowHeight;
  const shown = grid.clientHeight - headHeight;
  if (top < grid.scrollTop) grid.scrollTop = top;
  else if (top + rowHeight > grid.scrollTop + shown) grid.scrollTop = top + rowHeight - shown;
}
