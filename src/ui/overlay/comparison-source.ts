import { l10n } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { NamedMount } from '../files/view-mounts';
import { plainSource, type OverlaySource } from './overlay-source';

/** What is compared: any two mounts. */
export interface Comparison {
  readonly before: NamedMount;
  readonly after: NamedMount;
}

/** What has changed from one mount to another. */
export function comparisonSource(backend: BackendClient, { before, after }: Comparison): OverlaySource {
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
