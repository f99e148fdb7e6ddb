import { l10n } from 'vscode';
import type { Advice, Heading, Listing, Property, View } from '../../../webview/protocol';
import type { BackendClient } from '../../backend/client';
import { bloatByName, type BloatFinding } from '../../core/rootfs/bloat';
import { isContentInQuestion } from '../../core/rootfs/overlay-changes';
import type { OverlayPackages } from '../../core/use-cases/overlay-packages';
import type { BuildReport } from '../../core/use-cases/report';
import { appViewMounts, type ViewMounts } from '../files/view-mounts';
import { execute } from '../manifest/commands';
import { CannotRun } from '../messages/cannot-run';
import { baseSizeOf } from '../model/base-size';
import type { AppId, Checkouts } from '../model/checkouts';
import type { OverlayHistory } from '../model/overlay-history';
import { extensionAdvice, extensionOf } from './extension-advice';
import type { CompareFormats } from './formats-comparison';
import { newBaseAdvice } from './new-base-advice';
import {
  noOverlayText,
  overlayHeading,
  type OverlaySizes,
  overlayTab,
  previewHeading,
} from './overlay-heading';

/** Where a page has what it shows from. */
export interface OverlaySource {
  /** Of its tab, when it opens. */
  readonly title: string;
  /** Of its tab, as things are now; undefined where it stays what it was. */
  tab?(): Promise<string>;
  heading(): Promise<Heading>;
  /** Undefined where there is nothing to advise. @throws Problem; the signal's reason. */
  advice(signal: AbortSignal): Promise<Advice | undefined>;
  /** The heaviest first. @throws Problem; the signal's reason. */
  bloat(signal: AbortSignal): Promise<readonly BloatFinding[]>;
  /** Whether its changes can be told by packages. @throws Problem; the signal's reason. */
  knowsPackages(signal: AbortSignal): Promise<boolean>;
  /** The heaviest first. @throws Problem; the signal's reason. */
  packages(signal: AbortSignal): Promise<OverlayPackages>;
  /** What a file says of itself; empty of what is no single file. @throws Problem; the signal's reason. */
  properties(signal: AbortSignal): Promise<readonly Property[]>;
  /**
   * The first entries of a view, which are there soon, and whether that is all there is to know; undefined where it is all
   * or nothing.
   *
   * @throws Problem; the signal's reason.
   */
  firstEntries(view: View, signal: AbortSignal): Promise<FirstEntries | undefined>;
  /** @throws Problem; the signal's reason. */
  listing(view: View, signal: AbortSignal): Promise<Listing>;
  /** Where the rows of a view lie; undefined of what is on no disk. */
  mounts(view: View): Promise<ViewMounts | undefined>;
  /** The button of the heading. */
  act(): Promise<void>;
  /** The button of the advice. */
  buildNewBase(): Promise<void>;
  /** The other one. */
  previewNewBase(): Promise<void>;
  /** Of what could be packed in other forms. */
  readonly compareFormats?: CompareFormats;
}

export interface FirstEntries {
  readonly listing: Listing;
  readonly areAll: boolean;
}

/** What most pages have nothing to say about. */
export const plainSource = {
  advice: () => Promise.resolve(undefined),
  bloat: () => Promise.resolve([]),
  knowsPackages: () => Promise.resolve(false),
  packages: () =>
    Promise.resolve({ packages: [], rest: { paths: [], bytes: 0 }, areKnown: false, unread: [] }),
  firstEntries: () => Promise.resolve(undefined),
  properties: () => Promise.resolve([]),
  act: () => Promise.resolve(),
  buildNewBase: () => Promise.resolve(),
  previewNewBase: () => Promise.resolve(),
} satisfies Partial<OverlaySource>;

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
  /** After a new base there is no overlay, and the device sees the base. */
  const unlessItHasNone = async (
    view: View,
    signal: AbortSignal,
    list: () => Promise<Listing>,
  ): Promise<Listing> => {
    try {
      return await list();
    } catch (error) {
      const app = signal.aborted ? undefined : (await checkouts.app(id))?.app;
      if (app?.base === undefined || app.overlay !== undefined || view === 'base') throw error;
      if (view === 'overlay') throw new CannotRun(noOverlayText(id.app));
      const params = { checkoutDirectory: id.checkout, app: id.app };
      const entries = await backend.request('listBaseEntries', params, { signal });
      return { view, entries: entries.map((entry) => ({ ...entry, isOfOverlay: false })) };
    }
  };
  const sizes = async (): Promise<OverlaySizes> => {
    const found = await checkouts.app(id);
    return { overlay: found?.app.overlay?.size, base: found && baseSizeOf(found.app, found.model.apps) };
  };
  return {
    ...plainSource,
    title: l10n.t('{0} overlay', id.app),
    heading: async () => overlayHeading(id.app, await sizes()),
    tab: async () => overlayTab(id.app, await sizes()),
    async advice(signal) {
      const found = await checkouts.app(id);
      if (found === undefined) return undefined;
      const threshold = newBaseThreshold(id.checkout);
      const figuresOf = (app: string) =>
        backend.request('readNewBaseFigures', { checkoutDirectory: id.checkout, app }, { signal });
      if (found.app.isPatched) return newBaseAdvice(await figuresOf(id.app), threshold, history.of(id));
      const extension = await extensionOf(found, figuresOf);
      return extension && extensionAdvice(extension, threshold);
    },
    bloat: (signal) =>
      backend.request('findOverlayBloat', { checkoutDirectory: id.checkout, app: id.app }, { signal }),
    knowsPackages: (signal) =>
      backend.request('knowsOverlayPackages', { checkoutDirectory: id.checkout, app: id.app }, { signal }),
    packages: (signal) =>
      backend.request('listOverlayPackages', { checkoutDirectory: id.checkout, app: id.app }, { signal }),
    async firstEntries(view, signal) {
      // What the device sees is known when both file systems have been read.
      if (view === 'device') return undefined;
      const listing = await unlessItHasNone(view, signal, () =>
        listingOnDisk(backend, id, view, signal, fewEntries),
      );
      const isExact = listing.view !== 'overlay' || !listing.entries.some(isContentInQuestion);
      return { listing, areAll: isExact && listing.entries.length < fewEntries };
    },
    listing: (view, signal) => unlessItHasNone(view, signal, () => listingOnDisk(backend, id, view, signal)),
    async mounts(view) {
      const found = await checkouts.app(id);
      return found && appViewMounts(found, view);
    },
    async buildNewBase() {
      const baseApp = (await checkouts.app(id))?.app.baseApp;
      await execute('pantavisor.buildNewBase', { ...id, app: baseApp ?? id.app });
    },
    async previewNewBase() {
      const baseApp = (await checkouts.app(id))?.app.baseApp;
      await execute('pantavisor.previewNewBase', { ...id, app: baseApp ?? id.app });
    },
  };
}

/** The overlay that a patch would make; nothing of it is on disk. */
export function previewedOverlay(
  { backend, checkouts }: OverlayFacts,
  id: AppId,
  report: BuildReport,
): OverlaySource {
  return {
    ...plainSource,
    title: l10n.t('{0} patch preview', id.app),
    heading: () => Promise.resolve(previewHeading(report)),
    // Nothing is there to be read; names tell most of it.
    bloat: () => Promise.resolve(bloatByName(report.overlay ?? [])),
    listing: async (view, signal) =>
      view === 'overlay' ? { view, entries: report.overlay ?? [] } : listingOnDisk(backend, id, view, signal),
    async mounts(view) {
      const found = await checkouts.app(id);
      return view === 'overlay' || found === undefined ? undefined : appViewMounts(found, view);
    },
    async act() {
      await execute('pantavisor.updateAsPatch', id);
    },
    compareFormats: (signal, onProgress) =>
      backend.request(
        'compareFormats',
        { checkoutDirectory: id.checkout, request: { app: id.app, kind: 'patch' } },
        { signal, onProgress },
      ),
  };
}

/** More than fit on any screen, and more than a page unfolds by itself, as it does with all of them. */
const fewEntries = 600;

async function listingOnDisk(
  backend: BackendClient,
  { checkout, app }: AppId,
  view: View,
  signal: AbortSignal,
  limit?: number,
): Promise<Listing> {
  const params = { checkoutDirectory: checkout, app, limit };
  switch (view) {
    case 'overlay':
      return { view, entries: await backend.request('listOverlayChanges', params, { signal }) };
    case 'base':
      return { view, entries: await backend.request('listBaseEntries', params, { signal }) };
    case 'device':
      return { view, entries: await backend.request('listDeviceEntries', params, { signal }) };
  }
}
