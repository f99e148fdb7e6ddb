import { setTimeout as delay } from 'node:timers/promises';
import { env, l10n, type LogOutputChannel, type Webview } from 'vscode';
import type { PageEntry, Property, ToHost, ToPage, View } from '../../../webview/protocol';
import type { BackendClient } from '../../backend/client';
import type { BloatFinding } from '../../core/rootfs/bloat';
import { openEntry, type Side } from '../files/open-entry';
import type { ViewMounts } from '../files/view-mounts';
import { CannotRun } from '../messages/cannot-run';
import { errorText } from '../messages/remedy-text';
import { runCommand } from '../messages/run-command';
import { type Disposable, Disposables } from '../model/event';
import { postMessage } from '../webview/page-html';
import { bloatTexts } from './bloat-text';
import { FormatsComparison } from './formats-comparison';
import type { OverlaySource } from './overlay-source';
import { packageGroups } from './package-text';

/** The host's side of one page: it answers what the page asks for, from `source`. */
export class OverlayPage implements Disposable {
  readonly #webview: Webview;
  readonly #backend: BackendClient;
  readonly #log: LogOutputChannel;
  readonly #subscriptions = new Disposables();
  #source: OverlaySource;
  /** Stops what is read for a source that is no longer the one. */
  #reading = new AbortController();
  /** What the page has asked for. */
  readonly #views = new Set<View>();
  #wantsPackages = false;
  readonly #formats: FormatsComparison;
  #isReady = false;
  /** What the page shows first, read while VS Code makes its frame. */
  #prepared: Prepared | undefined;

  constructor(webview: Webview, source: OverlaySource, backend: BackendClient, log: LogOutputChannel) {
    this.#webview = webview;
    this.#backend = backend;
    this.#log = log;
    this.#source = source;
    this.#formats = new FormatsComparison(
      (formats) => this.#isReady && this.#send({ type: 'formats', formats }),
    );
    this.#subscriptions.add(webview.onDidReceiveMessage((message: ToHost) => this.#receive(message)));
  }

  /** Somebody looks at the page, and it shows what it found in its document. */
  get isSeen(): boolean {
    return this.#isReady;
  }

  /** What the page, which will ask for this view first, can be given in its document: as much as is known in time. */
  async prepare(view: View): Promise<readonly ToPage[]> {
    const { signal } = this.#reading;
    const heading = this.#readHeading();
    const first = this.#readFirst(view, signal);
    this.#prepared = { view, heading, first };
    const known = await Promise.all([inTime(heading), inTime(first)]);
    return signal.aborted ? [] : known.filter((message) => message !== undefined);
  }

  /** Shows what is there now, or another source in its place. */
  refresh(source: OverlaySource = this.#source): void {
    if (source !== this.#source) this.#formats.forget();
    this.#source = source;
    this.#stopReading();
    if (this.#isReady) void this.#sendAll();
  }

  /** Nobody sees the page any more: VS Code lets go of it, and it says that it is ready when it starts anew. */
  hidden(): void {
    this.#isReady = false;
    this.#formats.stop();
    this.#stopReading();
  }

  /** Opens what a row stands for. @throws CannotRun where nothing can be shown. */
  async open(entry: PageEntry, side?: Side): Promise<void> {
    await openEntry(this.#backend, await this.mounts(entry.view), entry, side);
  }

  /** Where the rows of a view lie. @throws CannotRun where they lie nowhere. */
  async mounts(view: View): Promise<ViewMounts> {
    const mounts = await this.#source.mounts(view);
    if (mounts !== undefined) return mounts;
    throw new CannotRun(l10n.t('There is no file yet that holds it: the patch is not built.'));
  }

  dispose(): void {
    this.#isReady = false;
    this.#formats.stop();
    this.#reading.abort();
    this.#subscriptions.dispose();
  }

  #stopReading(): void {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#prepared = undefined;
  }

  #receive(message: ToHost): void {
    switch (message.type) {
      case 'ready':
        // A page that was moved starts anew without having been hidden.
        if (this.#isReady) this.#stopReading();
        this.#isReady = true;
        this.#views.clear();
        this.#views.add(message.view);
        this.#wantsPackages = false;
        void this.#sendAll(message.isShown);
        break;
      case 'show':
        this.#views.add(message.view);
        void this.#sendListing(message.view);
        break;
      case 'showPackages':
        this.#wantsPackages = true;
        void this.#sendPackages();
        break;
      case 'act':
        void this.#source.act();
        break;
      case 'buildNewBase':
        void this.#source.buildNewBase();
        break;
      case 'previewNewBase':
        void this.#source.previewNewBase();
        break;
      case 'compareFormats':
        if (this.#source.compareFormats) void this.#formats.start(this.#source.compareFormats);
        break;
      case 'stopComparingFormats':
        this.#formats.stop();
        break;
      case 'open':
        void runCommand('opening a file', this.#log, () => this.open(message.entry));
        break;
      case 'copy':
        void env.clipboard.writeText(message.text);
        break;
    }
  }

  /** The rows first: what is said about them may take much longer to find out. */
  async #sendAll(isShown = false): Promise<void> {
    const { signal } = this.#reading;
    void this.#sendHeading();
    if (this.#source.compareFormats) this.#send({ type: 'formats', formats: this.#formats.known });
    await Promise.all([...this.#views].map((view) => this.#sendListing(view, isShown)));
    if (signal.aborted) return;
    void this.#tell(
      'packages',
      async () => ({ type: 'grouping', isByPackage: await this.#source.knowsPackages(signal) }),
      { type: 'grouping', isByPackage: false },
    );
    if (this.#wantsPackages) void this.#sendPackages();
    void this.#tell('advice', async () => ({ type: 'advice', advice: await this.#source.advice(signal) }), {
      type: 'advice',
      advice: undefined,
    });
    void this.#tell(
      'what bloats it',
      async () => bloatMessage(await this.#source.bloat(signal)),
      bloatMessage([]),
    );
    void this.#tell(
      'what the file is',
      async () => propertiesMessage(await this.#source.properties(signal)),
      propertiesMessage([]),
    );
  }

  /** Somebody waits for it: what failed stands where it would. */
  async #sendPackages(): Promise<void> {
    const { signal } = this.#reading;
    const groups = await this.#source
      .packages(signal)
      .then(packageGroups, (error: unknown) => ({ groups: [], notes: [errorText(error)] }));
    if (!signal.aborted) this.#send({ type: 'packages', ...groups });
  }

  async #sendHeading(): Promise<void> {
    const { signal } = this.#reading;
    try {
      const heading = await (this.#prepared?.heading ?? this.#readHeading());
      if (!signal.aborted) this.#send(heading);
    } catch (error) {
      if (!signal.aborted) this.#log.warn(`the heading of ${this.#source.title}: ${errorText(error)}`);
    }
  }

  /** What nobody asked for: that it can't be found out for now is for the log, and what was known of it is no longer true. */
  async #tell(what: string, read: () => Promise<ToPage>, nothing: ToPage): Promise<void> {
    const { signal } = this.#reading;
    try {
      const message = await read();
      if (!signal.aborted) this.#send(message);
    } catch (error) {
      if (signal.aborted) return;
      this.#log.warn(`${this.#source.title}, ${what}: ${errorText(error)}`);
      this.#send(nothing);
    }
  }

  /** The first rows, and then all: many at once would keep the page waiting for those that it shows. */
  async #sendListing(view: View, isShown = false): Promise<void> {
    const { signal } = this.#reading;
    const prepared = this.#prepared?.view === view ? this.#prepared.first : undefined;
    this.#prepared = undefined;
    const first = await (prepared ?? this.#readFirst(view, signal));
    if (signal.aborted) return;
    const isKnown = isShown && prepared !== undefined;
    if (first !== undefined && !isKnown) this.#send(first);
    if (first === undefined || (first.type === 'listing' && first.isPartial)) {
      await this.#sendWhole(view, signal);
    }
  }

  async #sendWhole(view: View, signal: AbortSignal): Promise<void> {
    const all = await this.#readAll(view, signal);
    if (!signal.aborted) this.#send(all);
  }

  async #readHeading(): Promise<ToPage> {
    return { type: 'heading', ...(await this.#source.heading()) };
  }

  /** Undefined where it is all or nothing. */
  async #readFirst(view: View, signal: AbortSignal): Promise<ToPage | undefined> {
    try {
      const entries = await this.#source.firstEntries(view, signal);
      return entries && { type: 'listing', isPartial: !entries.areAll, ...entries.listing };
    } catch (error) {
      return trouble(view, error);
    }
  }

  async #readAll(view: View, signal: AbortSignal): Promise<ToPage> {
    try {
      return { type: 'listing', ...(await this.#source.listing(view, signal)) };
    } catch (error) {
      return trouble(view, error);
    }
  }

  #send(message: ToPage): void {
    postMessage(this.#webview, message);
  }
}

interface Prepared {
  readonly view: View;
  readonly heading: Promise<ToPage>;
  readonly first: Promise<ToPage | undefined>;
}

/**
 * Milliseconds that VS Code needs until it takes the page's document: no page is there sooner for having had it before, and one that
 * finds its rows in it needn't ask for them.
 */
const patience = 150;

/** What is there in time for the document; the page asks for the rest, and is told then what failed. */
function inTime(message: Promise<ToPage | undefined>): Promise<ToPage | undefined> {
  return Promise.race([message.catch(() => undefined), delay(patience, undefined)]);
}

function bloatMessage(findings: readonly BloatFinding[]): ToPage {
  return { type: 'bloat', ...bloatTexts(findings) };
}

function propertiesMessage(properties: readonly Property[]): ToPage {
  return { type: 'properties', title: l10n.t('Properties'), properties };
}

/** What the page shows in place of rows. */
function trouble(view: View, error: unknown): ToPage {
  return { type: 'trouble', view, text: errorText(error) };
}
