import { l10n } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { BuildReport } from '../../core/build/report';
import type { Heading, Listing, View } from '../../../webview/protocol';
import { baseSizeOf } from '../model/base-size';
import type { AppId, Checkouts } from '../model/checkouts';
import { overlayHeading, previewHeading } from './overlay-heading';

/** Where a page has what it shows from. */
export interface OverlaySource {
  /** Of its tab. */
  readonly title: string;
  heading(): Promise<Heading>;
  /** @throws Problem; the signal's reason. */
  listing(view: View, signal: AbortSignal): Promise<Listing>;
}

/** An app's overlay as it lies on disk. */
export function overlayOnDisk(backend: BackendClient, checkouts: Checkouts, id: AppId): OverlaySource {
  return {
    title: l10n.t('{0} overlay', id.app),
    async heading() {
      const found = await checkouts.app(id);
      const base = found && baseSizeOf(found.app, found.model.apps);
      return overlayHeading(id.app, { overlay: found?.app.overlay?.size ?? 0, base });
    },
    listing: (view, signal) => listingOnDisk(backend, id, view, signal),
  };
}

/** The overlay that a patch would make; nothing of it is on disk. */
export function previewedOverlay(backend: BackendClient, id: AppId, report: BuildReport): OverlaySource {
  return {
    title: l10n.t('{0} patch preview', id.app),
    heading: () => Promise.resolve(previewHeading(report)),
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
