import { commands, env, type LogOutputChannel, type Webview } from 'vscode';
import type { ToHost, ToPage, View } from '../../../webview/protocol';
import { describeError } from '../../core/problem';
import { commandIds } from '../manifest/command-ids';
import type { AppId } from '../model/checkouts';
import { Disposables, type Disposable } from '../model/event';
import { bloatTexts } from './bloat-text';
import type { OverlaySource } from './overlay-source';

/** The host's side of one page: it answers what the page asks for, from `source`. */
export class OverlayPage implements Disposable {
  readonly #webview: Webview;
  readonly #id: AppId;
  readonly #log: LogOutputChannel;
  readonly #subscriptions = new Disposables();
  #source: OverlaySource;
  /** Stops what is read for a source that is no longer the one. */
  #reading = new AbortController();
  /** What the page has asked for. */
  readonly #views = new Set<View>();
  #isReady = false;

  constructor(webview: Webview, id: AppId, source: OverlaySource, log: LogOutputChannel) {
    this.#webview = webview;
    this.#id = id;
    this.#log = log;
    this.#source = source;
    this.#subscriptions.add(webview.onDidReceiveMessage((message: ToHost) => this.#receive(message)));
  }

  /** Shows what is there now, or another source in its place. */
  refresh(source: OverlaySource = this.#source): void {
    this.#source = source;
    this.#reading.abort();
    this.#reading = new AbortController();
    if (!this.#isReady) return;
    void this.#sendHeading();
    void this.#sendAdvice();
    void this.#sendBloat();
    for (const view of this.#views) void this.#sendListing(view);
  }

  dispose(): void {
    this.#reading.abort();
    this.#subscriptions.dispose();
  }

  #receive(message: ToHost): void {
    switch (message.type) {
      case 'ready':
        // A page that was hidden starts anew.
        this.#isReady = true;
        this.#views.clear();
        this.#views.add(message.view);
        this.refresh();
        break;
      case 'show':
        this.#views.add(message.view);
        void this.#sendListing(message.view);
        break;
      case 'buildNewBase':
        void commands.executeCommand(commandIds.buildNewBase, this.#id);
        break;
      case 'copy':
        void env.clipboard.writeText(message.text);
        break;
    }
  }

  async #sendHeading(): Promise<void> {
    const { signal } = this.#reading;
    const heading = await this.#source.heading();
    if (!signal.aborted) this.#send({ type: 'heading', ...heading });
  }

  async #sendBloat(): Promise<void> {
    const { signal } = this.#reading;
    try {
      const findings = await this.#source.bloat(signal);
      if (!signal.aborted) this.#send({ type: 'bloat', ...bloatTexts(findings) });
    } catch (error) {
      if (!signal.aborted) this.#log.warn(`what bloats ${this.#id.app}: ${describeError(error)}`);
    }
  }

  /** Nobody asked for advice: that there is none for now is for the log. */
  async #sendAdvice(): Promise<void> {
    const { signal } = this.#reading;
    try {
      const advice = await this.#source.advice(signal);
      if (!signal.aborted) this.#send({ type: 'advice', advice });
    } catch (error) {
      if (!signal.aborted) this.#log.warn(`advice about ${this.#id.app}: ${describeError(error)}`);
    }
  }

  async #sendListing(view: View): Promise<void> {
    const { signal } = this.#reading;
    let message: ToPage;
    try {
      message = { type: 'listing', ...(await this.#source.listing(view, signal)) };
    } catch (error) {
      message = { type: 'trouble', view, text: describeError(error) };
    }
    if (!signal.aborted) this.#send(message);
  }

  #send(message: ToPage): void {
    void this.#webview.postMessage(message);
  }
}
