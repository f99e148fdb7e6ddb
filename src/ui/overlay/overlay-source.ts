import { l10n } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { BuildReport } from '../../core/build/report';
import { bloatByName, type BloatFinding } from '../../core/rootfs/bloat';
import type { Advice, Heading, Listing, View } from '../../../webview/protocol';
import { baseSizeOf } from '../model/base-size';
import type { AppId, Checkouts } from '../model/checkouts';
import type { OverlayHistory } from '../model/overlay-history';
import { newBaseAdvice } from './new-base-advice';
import { overlayHeading, previewHeading } from './overlay-heading';

/** Where a page has what it shows from. */
export interface OverlaySource {
  /** Of its tab. */
  readonly title: string;
  heading(): Promise<Heading>;
  /** Undefined where there is nothing to advise. @throws Problem; the signal's reason. */
  advice(signal: AbortSignal): Promise<Advice | undefined>;
  /** @throws Problem; the signal's reason. */
  /** The heaviest first. @throws Problem; the signal's reason. */
  bloat(signal: AbortSignal): Promise<readonly BloatFinding[]>;
  listing(view: View, signal: AbortSignal): Promise<Listing>;
}

/** What an overlay's page needs to know. */
export interface OverlayFacts {
  readonly backend: BackendClient;
  readonly checkouts: Checkouts;
  readonly history: OverlayHistory;
  /** Percent of the base that an overlay of the checkout may weigh. */
  readonly newBaseThreshold: (checkout: string) => number;
}

/** An app's overlay as it lies on disk. */
export function overlayOnDisk(facts: OverlayFacts, id: AppId): OverlaySource {
  const { backend, checkouts, history, newBaseThreshold } = facts;
  return {
    title: l10n.t('{0} overlay', id.app),
    async heading() {
      const found = await checkouts.app(id);
      const base = found && baseSizeOf(found.app, found.model.apps);
      return overlayHeading(id.app, { overlay: found?.app.overlay?.size ?? 0, base });
    },
    async advice(signal) {
      const app = (await checkouts.app(id))?.app;
      if (!app?.isPatched) return undefined;
      const params = { checkoutDirectory: id.checkout, app: id.app };
      const figures = await backend.request('readNewBaseFigures', params, { signal });
      return newBaseAdvice(figures, newBaseThreshold(id.checkout), history.of(id));
    },
    bloat: (signal) =>
      backend.request('findOverlayBloat', { checkoutDirectory: id.checkout, app: id.app }, { signal }),
    listing: (view, signal) => listingOnDisk(backend, id, view, signal),
  };
}

/** The overlay that a patch would make; nothing of it is on disk. */
export function previewedOverlay({ backend }: OverlayFacts, id: AppId, report: BuildReport): OverlaySource {
  return {
    title: l10n.t('{0} patch preview', id.app),
    heading: () => Promise.resolve(previewHeading(report)),
    // What a device downloads stands in the heading, and the rest is known of overlays that lie there.
    advice: () => Promise.resolve(undefined),
    // Nothing is there to be read; names tell most of it.
    bloat: () => Promise.resolve(bloatByName(report.overlay ?? [])),
    listing: async (view, signal) =>
      view === 'overlay' ? { view, entries: report.overlay ?? [] } : listingOnDisk(backend, id, view, signal),
  };
}

async function listingOnDisk(
  backend: BackendClient,
  { checkout, app }: AppId,
  view: View,
  signal: AbortSignal,
): Promise<Listing> {
  const params = { checkoutDirectory: checkout, app };
  switch (view) {
    case 'overlay':
      return { view, entries: await backend.request('listOverlayChanges', params, { signal }) };
    case 'base':
      return { view, entries: await backend.request('listBaseEntries', params, { signal }) };
    case 'device':
      return { view, entries: await backend.request('listDeviceEntries', params, { signal }) };
  }
}
