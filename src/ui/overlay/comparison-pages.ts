import { l10n, ViewColumn, type WebviewPanel, window } from 'vscode';
import type { PageState, PageStrings } from '../../../webview/protocol';
import type { BackendClient } from '../../backend/client';
import type { MountFileSystem } from '../files/mount-file-system';
import type { NamedMount } from '../files/view-mounts';
import { comparisonPanelType } from '../manifest/view-ids';
import { type Disposable, Disposables } from '../model/event';
import { pageStrings } from '../webview/page-strings';
import type { ContentPanels } from './content-panels';
import { type OverlaySource, plainSource } from './overlay-source';

/** Shows what differs between two mounts, in pages that follow the files. */
export class ComparisonPages implements Disposable {
  readonly #panels: ContentPanels;
  readonly #backend: BackendClient;
  readonly #files: MountFileSystem;
  readonly #subscriptions = new Disposables();
  readonly #open = new Map<string, WebviewPanel>();

  constructor(panels: ContentPanels, backend: BackendClient, files: MountFileSystem) {
    this.#panels = panels;
    this.#backend = backend;
    this.#files = files;
    this.#subscriptions.add(
      window.registerWebviewPanelSerializer(comparisonPanelType, {
        deserializeWebviewPanel: (panel: WebviewPanel, state: PageState | undefined) => {
          const comparison = state?.subject;
          if (state === undefined || !isComparison(comparison)) panel.dispose();
          else this.#fill(panel, comparison, { ...state, isComparison: true });
          return Promise.resolve();
        },
      }),
    );
  }

  show(comparison: Comparison): void {
    const open = this.#open.get(keyOf(comparison));
    if (open !== undefined) {
      open.reveal();
      return;
    }
    const panel = window.createWebviewPanel(comparisonPanelType, '', ViewColumn.Active, {});
    const state = { subject: comparison, view: 'overlay', filter: '', isComparison: true } as const;
    this.#fill(panel, comparison, state);
  }

  dispose(): void {
    for (const panel of this.#open.values()) panel.dispose();
    this.#subscriptions.dispose();
  }

  #fill(panel: WebviewPanel, comparison: Comparison, state: PageState): void {
    const source = comparisonSource(this.#backend, comparison);
    panel.title = source.title;
    const page = this.#panels.fill(panel, source, state, comparisonStrings(comparison));
    const watches = [comparison.before, comparison.after].map(({ files }) =>
      this.#files.onChangeOf(files, () => page.refresh()),
    );
    this.#open.set(keyOf(comparison), panel);
    panel.onDidDispose(() => {
      for (const watch of watches) watch.dispose();
      this.#open.delete(keyOf(comparison));
    });
  }
}

function keyOf({ before, after }: Comparison): string {
  return JSON.stringify([before.files, after.files]);
}

function comparisonStrings({ before, after }: Comparison): PageStrings {
  const usual = pageStrings();
  return {
    ...usual,
    views: { overlay: l10n.t('Changes'), base: before.name, device: after.name },
    columns: { ...usual.columns, baseSize: l10n.t('Before') },
    nothing: l10n.t('Nothing: they hold the same.'),
  };
}

/** VS Code gives back what some version of this extension once kept. */
function isComparison(value: unknown): value is Comparison {
  if (typeof value !== 'object' || value === null) return false;
  return 'before' in value && 'after' in value && isNamedMount(value.before) && isNamedMount(value.after);
}

function isNamedMount(value: unknown): value is NamedMount {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'name' in value &&
    typeof value.name === 'string' &&
    'files' in value &&
    Array.isArray(value.files) &&
    value.files.every((file) => typeof file === 'string')
  );
}

/** What is compared: any two mounts. */
interface Comparison {
  readonly before: NamedMount;
  readonly after: NamedMount;
}

/** What has changed from one mount to another. */
function comparisonSource(backend: BackendClient, { before, after }: Comparison): OverlaySource {
  return {
    ...plainSource,
    title: `${before.name} ↔ ${after.name}`,
    heading: () =>
      Promise.resolve({
        title: l10n.t('From {0} to {1}', before.name, after.name),
        facts: [],
        views: ['overlay', 'base', 'device'],
      }),
    async listing(view, signal) {
      switch (view) {
        case 'overlay': {
          const both = { before: before.files, after: after.files };
          return { view, entries: await backend.request('compareMounts', both, { signal }) };
        }
        case 'base':
          return { view, entries: await backend.request('listEntries', { files: before.files }, { signal }) };
        case 'device': {
          const entries = await backend.request('listEntries', { files: after.files }, { signal });
          return { view, entries: entries.map((entry) => ({ ...entry, isOfOverlay: false })) };
        }
      }
    },
    mounts(view) {
      const own = view === 'base' ? before : after;
      return Promise.resolve({ before: view === 'overlay' ? before : undefined, after: own, whole: own });
    },
  };
}
