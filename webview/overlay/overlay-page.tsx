import { type ReactNode, useDeferredValue, useEffect, useMemo, useReducer, useState } from 'react';
import { formatSize } from '../../src/core/presentation/size';
import { format } from '../format';
import type { Host } from '../host';
import type { OverlayProtocol, PageEntry, PageStrings, ToPage, View } from '../protocol';
import type { ValueElement } from '../ui';
import { AdviceBox, BloatBox, PropertiesBox } from './boxes';
import { type Filter, filtered, type Item, rowsOf } from './contents';
import { ContentsTable } from './contents-table';
import { FormatsBox } from './formats-box';
import { type Extent, firstLook, type Look, type Scheme } from './look';
import { packageItems } from './package-items';
import { menuContext, pageEntryOf } from './page-entry';
import { type Known, nothingYet, told } from './page-state';
import { Treemap } from './treemap';
import { ViewTabs } from './view-tabs';

/** With so few entries all folders are unfolded from the start. */
const fewEntries = 500;

/** What an app's overlay does to its base, and what base and device hold. */
export function OverlayPage({ host }: { readonly host: Host<OverlayProtocol> }): ReactNode {
  const { strings } = host;
  const [known, tell] = useReducer(
    (before: Known, message: ToPage) => told(before, message, strings),
    host.first,
    (first) => first.reduce((before, message) => told(before, message, strings), nothingYet),
  );
  const { heading, advice, bloat, properties, formats, knowsPackages = false, packages, contents } = known;
  const [chosenView, setView] = useState(host.state.view);
  // After a new base there is no overlay any more.
  const view = heading?.views.includes(chosenView) === false ? (heading.views[0] ?? chosenView) : chosenView;
  const [text, setText] = useState(host.state.filter);
  const [isByPackage, setByPackage] = useState(host.state.isByPackage ?? false);
  const [looks, setLooks] = useState(host.state.looks ?? {});

  useEffect(() => {
    const stop = host.listen(tell);
    const { view } = host.state;
    const isShown = host.first.some((message) => 'view' in message && message.view === view);
    host.post({ type: 'ready', view, isShown });
    return stop;
  }, [host]);

  useEffect(() => {
    host.keep({ ...host.state, view, filter: text, isByPackage, looks });
  }, [host, view, text, isByPackage, looks]);

  const isAnother = view !== chosenView && contents[view] === undefined;
  useEffect(() => {
    if (isAnother) host.post({ type: 'show', view });
  }, [host, view, isAnother]);

  const canGroup = view === 'overlay' && knowsPackages;
  const isWaiting = canGroup && isByPackage && packages === undefined;
  useEffect(() => {
    if (isWaiting) host.post({ type: 'showPackages' });
  }, [host, isWaiting]);

  const shown = contents[view];
  const folders = shown?.kind === 'items' ? shown.root : undefined;
  const grouped = useMemo(
    () =>
      canGroup && isByPackage && packages !== undefined && folders !== undefined
        ? packageItems(folders, packages.groups, strings)
        : undefined,
    [canGroup, isByPackage, packages, folders, strings],
  );
  const looked = grouped === undefined ? view : 'packages';
  const { isComparison = false } = host.state;
  const lookAt = (what: typeof looked): Look =>
    looks[what] ?? firstLook(isComparison && what !== 'packages' ? 'files' : 'weight');
  const look = lookAt(looked);
  const onLook = (change: (before: Look) => Partial<Look>) =>
    setLooks((known) => {
      const before = known[looked] ?? look;
      return { ...known, [looked]: { ...before, ...change(before) } };
    });
  /** Whoever looks at the map goes on looking at one. */
  const group = () => {
    const next = isByPackage ? view : 'packages';
    setLooks((known) => ({
      ...known,
      [next]: { ...(known[next] ?? lookAt(next)), isMap: look.isMap },
    }));
    setByPackage(!isByPackage);
  };
  const show = (next: View) => {
    setView(next);
    if (contents[next] === undefined) host.post({ type: 'show', view: next });
  };
  return (
    <main>
      <header>
        <h1>{heading?.title}</h1>
        {heading?.facts.map((fact) => (
          <p key={fact}>{fact}</p>
        ))}
        {heading?.action !== undefined && (
          <vscode-button onClick={() => host.post({ type: 'act' })}>{heading.action}</vscode-button>
        )}
      </header>
      {advice && (
        <AdviceBox
          // What is unfolded by itself goes by it.
          key={advice.level}
          {...advice}
          onAction={() => host.post({ type: 'buildNewBase' })}
          onPreview={() => host.post({ type: 'previewNewBase' })}
        />
      )}
      {bloat && <BloatBox {...bloat} />}
      {properties && <PropertiesBox {...properties} />}
      {formats && (
        <FormatsBox
          formats={formats}
          strings={strings.formats}
          onCompare={() => host.post({ type: 'compareFormats' })}
          onStop={() => host.post({ type: 'stopComparingFormats' })}
          onCopy={(text) => host.post({ type: 'copy', text })}
        />
      )}
      <ViewTabs views={heading?.views ?? []} view={view} strings={strings} onView={show} />
      <section
        id="view"
        role="tabpanel"
        aria-labelledby={`tab-${view}`}
        aria-busy={shown === undefined || isWaiting || (shown.kind === 'items' && shown.isPartial)}
      >
        {shown === undefined && (
          <p className="notice">
            <vscode-progress-ring aria-hidden /> {strings.loading}
          </p>
        )}
        {shown?.kind === 'trouble' && (
          <p className="notice" role="alert">
            {shown.text}
          </p>
        )}
        {shown?.kind === 'items' && (
          <ViewContents
            key={view}
            view={view}
            isComparison={isComparison}
            {...shown}
            root={grouped ?? shown.root}
            isPartial={shown.isPartial || isWaiting}
            grouping={canGroup ? { isByPackage, isFolded: grouped !== undefined, onGroup: group } : undefined}
            notes={grouped === undefined ? [] : (packages?.notes ?? [])}
            text={text}
            look={look}
            strings={strings}
            onText={setText}
            onLook={onLook}
            onOpen={(entry) => host.post({ type: 'open', entry })}
          />
        )}
      </section>
    </main>
  );
}

interface Grouping {
  readonly isByPackage: boolean;
  readonly onGroup: () => void;
  /** What is shown are packages, of which nobody wants to see all files at first. */
  readonly isFolded: boolean;
}

interface ViewContentsProps {
  readonly view: View;
  readonly isComparison: boolean;
  readonly root: Item;
  /** The changes, or kinds, that there are. */
  readonly choices: readonly string[];
  readonly isPartial: boolean;
  /** Undefined where there is but one way to do it. */
  readonly grouping: Grouping | undefined;
  readonly notes: readonly string[];
  readonly text: string;
  readonly look: Look;
  readonly strings: PageStrings;
  readonly onText: (text: string) => void;
  readonly onLook: (change: (before: Look) => Partial<Look>) => void;
  readonly onOpen: (entry: PageEntry) => void;
}

function ViewContents(props: ViewContentsProps): ReactNode {
  const { view, isComparison, root, choices, isPartial, grouping, notes, text, look, strings } = props;
  const { onText, onLook, onOpen } = props;
  const isFolded = grouping?.isFolded ?? false;
  const { order, active, isMap, folder } = look;
  const isOverlay = view === 'overlay';
  const schemes: readonly Scheme[] = isOverlay ? ['change', 'kind'] : ['kind'];

  /** The one change, or kind of file, that is shown. It isn't kept: the control can't be told what was chosen before. */
  const [chosen, setChosen] = useState<string>();
  // A choice that there is no longer, after a build, can't be undone by a person.
  const only = choices.find((choice) => choice === chosen);
  // Typing is never held up by a long list.
  const filter = useDeferredValue<Filter>(useMemo(() => ({ text, only }), [text, only]));
  const visible = useMemo(() => filtered(root, filter), [root, filter]);
  const extent: Extent = visible !== root ? 'filtered' : visible.count <= fewEntries ? 'few' : 'many';
  const toggled = useMemo(() => new Set(look.toggled[extent]), [look.toggled, extent]);
  const rows = useMemo(() => {
    const isUnfolded = (item: Item) =>
      extent === 'filtered' || (!isFolded && (extent === 'few' || isWorthALook(item, visible)));
    return rowsOf(visible, order, (item) => isUnfolded(item) !== toggled.has(item.path));
  }, [visible, extent, isFolded, order, toggled]);

  const toggle = ({ path }: Item) =>
    onLook((before) => {
      const next = new Set(before.toggled[extent]);
      if (!next.delete(path)) next.add(path);
      return { toggled: { ...before.toggled, [extent]: [...next] } };
    });
  const menuOf = (item: Item) => menuContext(pageEntryOf(view, item));
  const open = (item: Item) => {
    const entry = pageEntryOf(view, item);
    if (entry !== undefined) onOpen(entry);
  };
  if (root.count === 0) return <p className="notice">{strings.nothing}</p>;
  const names: Readonly<Record<string, string>> = isOverlay ? strings.changes : strings.kinds;
  return (
    <>
      <div className="filters">
        <vscode-text-field
          value={text}
          placeholder={strings.filter}
          ref={(field) => {
            if (field !== null) void nameField(field, strings.filter);
          }}
          onInput={({ currentTarget }) => onText((currentTarget as ValueElement).value)}
        />
        <vscode-dropdown
          aria-label={isOverlay ? strings.filterByChange : strings.filterByKind}
          onChange={({ currentTarget }) => setChosen((currentTarget as ValueElement).value)}
        >
          <vscode-option value="">{strings.all}</vscode-option>
          {choices.map((choice) => (
            <vscode-option key={choice} value={choice}>
              {names[choice] ?? choice}
            </vscode-option>
          ))}
        </vscode-dropdown>
        <vscode-button appearance="secondary" onClick={() => onLook((before) => ({ isMap: !before.isMap }))}>
          {isMap ? strings.table : strings.treemap}
        </vscode-button>
        {grouping && (
          <vscode-button appearance="secondary" onClick={grouping.onGroup}>
            {grouping.isByPackage ? strings.byFolder : strings.byPackage}
          </vscode-button>
        )}
        <span className="totals" role="status">
          {isPartial ? strings.loading : totalsOf(visible, root, strings)}
        </span>
      </div>
      {notes.map((note) => (
        <p key={note} className="note">
          {note}
        </p>
      ))}
      {rows.length === 0 ? (
        <p className="notice">{strings.nothingMatches}</p>
      ) : isMap ? (
        <Treemap
          root={visible}
          folder={folder}
          scheme={schemes.find((each) => each === look.scheme) ?? schemes[0] ?? 'kind'}
          schemes={schemes}
          countsDeleted={isOverlay && isComparison}
          strings={strings}
          onScheme={(scheme) => onLook(() => ({ scheme }))}
          onFolder={(path) => onLook(() => ({ folder: path }))}
          menuOf={menuOf}
          onOpen={open}
        />
      ) : (
        <ContentsTable
          rows={rows}
          total={root.size}
          order={order}
          active={active}
          strings={strings}
          isOverlay={isOverlay}
          onOrder={(next) => onLook(() => ({ order: next }))}
          onActive={(path) => onLook(() => ({ active: path }))}
          onToggle={toggle}
          menuOf={menuOf}
          onOpen={open}
        />
      )}
    </>
  );
}

/** Whether a folder among many is unfolded by itself: a good part of all lies in it, and a person can look it over. */
function isWorthALook({ size, children }: Item, { size: total }: Item): boolean {
  return size >= total / 10 && children.length <= fewEntries;
}

/** The toolkit's field calls itself "Text field" when it comes into the document, or becomes what it is there. */
async function nameField(field: ValueElement, name: string): Promise<void> {
  await field.ownerDocument.defaultView?.customElements.whenDefined(field.localName);
  field.setAttribute('aria-label', name);
}

/** What there is to be seen, of all that there is. */
function totalsOf(visible: Item, root: Item, strings: PageStrings): string {
  const all = countText(root.count);
  if (visible === root) return format(strings.totals, all, formatSize(root.size));
  return format(strings.totalsOfFiltered, countText(visible.count), all, formatSize(visible.size));
}

/** `11,405`, as the page's language has it. */
function countText(count: number): string {
  return count.toLocaleString(document.documentElement.lang || 'en');
}
