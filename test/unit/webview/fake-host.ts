import { GlobalWindow } from 'happy-dom';
import type { ReactNode } from 'react';
import type { Root } from 'react-dom/client';
import type { Host, Protocol } from '../../../webview/host';
import type { CopyReport, OverlayProtocol, PageState, ToPage } from '../../../webview/protocol';
import { strings } from './strings';

/** The extension host as a page knows it: takes down what the page says, and says what a test wants. */
export class FakeHostOf<Of extends Protocol> implements Host<Of> {
  readonly posted: (Of['toHost'] | CopyReport)[] = [];
  readonly kept: Of['state'][] = [];
  readonly #listeners = new Set<(message: Of['toPage']) => void>();

  constructor(
    readonly strings: Of['strings'],
    readonly state: Of['state'],
    readonly first: readonly Of['toPage'][] = [],
  ) {}

  post(message: Of['toHost'] | CopyReport): void {
    this.posted.push(message);
  }

  keep(state: Of['state']): void {
    this.kept.push(state);
  }

  listen(listener: (message: Of['toPage']) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  say(message: Of['toPage']): void {
    this.#listeners.forEach((listener) => listener(message));
  }
}

/** That of an overlay's page. */
export class FakeHost extends FakeHostOf<OverlayProtocol> {
  constructor(state: PageState = { view: 'overlay', filter: '' }, first: readonly ToPage[] = []) {
    super(strings, state, first);
  }
}

/** A document with a page in it. React looks for a document when it is loaded, so it is loaded here. */
export class PageInTest {
  private constructor(
    readonly body: HTMLElement,
    private readonly root: Root,
    private readonly act: (work: () => void) => Promise<void>,
  ) {}

  static async open(page: () => Promise<ReactNode>): Promise<PageInTest> {
    const window = new GlobalWindow();
    defineGlobals({
      window,
      document: window.document,
      navigator: window.navigator,
      ResizeObserver: window.ResizeObserver,
      // No frame ever comes: controls stay what they are without the toolkit.
      requestAnimationFrame: () => 0,
      IS_REACT_ACT_ENVIRONMENT: true,
    });
    const { act } = await import('react');
    const { createRoot } = await import('react-dom/client');
    const body = window.document.body as unknown as HTMLElement;
    const place = body.ownerDocument.createElement('div');
    body.append(place);
    const opened = new PageInTest(body, createRoot(place), (work) =>
      act(() => {
        work();
        return Promise.resolve();
      }),
    );
    const node = await page();
    await opened.do(() => opened.root.render(node));
    return opened;
  }

  /** Does something, and waits until the page shows what comes of it. */
  do(work: () => void): Promise<void> {
    return this.act(work);
  }

  async close(): Promise<void> {
    await this.do(() => this.root.unmount());
  }

  all(selector: string): HTMLElement[] {
    return [...this.body.querySelectorAll<HTMLElement>(selector)];
  }

  one(selector: string): HTMLElement {
    const [element] = this.all(selector);
    if (element === undefined) throw new Error(`no ${selector} in ${this.body.innerHTML}`);
    return element;
  }

  /** The rows of the table as people read them, cells apart by a bar. */
  get rows(): readonly string[] {
    return this.all('[role=row][aria-level]').map((row) =>
      [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent).join('|'),
    );
  }

  click(element: HTMLElement): Promise<void> {
    return this.do(() => element.click());
  }

  doubleClick(element: HTMLElement): Promise<void> {
    return this.do(() => void element.dispatchEvent(this.#event('Event', 'dblclick', {})));
  }

  press(element: HTMLElement, ...keys: readonly string[]): Promise<void> {
    return keys.reduce(
      (before, key) =>
        before.then(() =>
          this.do(() => void element.dispatchEvent(this.#event('KeyboardEvent', 'keydown', { key }))),
        ),
      Promise.resolve(),
    );
  }

  /** Gives a text field or dropdown a value, as a person would. */
  enter(element: HTMLElement, event: 'input' | 'change', value: string): Promise<void> {
    return this.do(() => {
      Object.assign(element, { value });
      element.dispatchEvent(this.#event('Event', event, {}));
    });
  }

  #event(kind: 'KeyboardEvent' | 'Event', name: string, init: object): Event {
    const { defaultView } = this.body.ownerDocument;
    if (defaultView === null) throw new Error('the document has no window');
    return new defaultView[kind](name, { bubbles: true, cancelable: true, ...init });
  }
}

/** From Node 21 on, there is a navigator that can't be assigned to. */
function defineGlobals(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: true });
  }
}
