import type { CopyReport, FailureStrings } from './protocol';

/** What a page and the extension host have agreed on; each page has a protocol of its own. */
export interface Protocol {
  readonly toPage: object;
  readonly toHost: object;
  /** What VS Code keeps of the page while it is hidden, and over a restart. */
  readonly state: object;
  /** What the page says, in the user's language. */
  readonly strings: FailureStrings;
}

/** What a page finds in its document when it starts. */
export interface Given<Of extends Protocol> {
  readonly strings: Of['strings'];
  readonly state: Of['state'];
  /** Messages that the host had ready before the page could listen. */
  readonly first: readonly Of['toPage'][];
}

/** The extension host as a page sees it. */
export interface Host<Of extends Protocol> {
  readonly strings: Of['strings'];
  /** Said before the page could listen. */
  readonly first: readonly Of['toPage'][];
  post(message: Of['toHost'] | CopyReport): void;
  /** @returns what ends it. */
  listen(listener: (message: Of['toPage']) => void): () => void;
  /** What the page was like when it was last seen. */
  readonly state: Of['state'];
  keep(state: Of['state']): void;
}

interface VSCodeApi<Of extends Protocol> {
  postMessage(message: Of['toHost'] | CopyReport): void;
  getState(): Of['state'] | undefined;
  /** Returns what it is given. */
  setState(state: Of['state']): unknown;
}

declare function acquireVsCodeApi<Of extends Protocol>(): VSCodeApi<Of>;

/** The real one; to be asked for once. What the page begins with lies in the document, as src/ui/webview/page-html.ts wrote it. */
export function connectHost<Of extends Protocol>(): Host<Of> {
  const api = acquireVsCodeApi<Of>();
  const given = JSON.parse(document.getElementById('given')?.textContent ?? '') as Given<Of>;
  const known = api.getState();
  const state = known ?? given.state;
  api.setState(state);
  return {
    strings: given.strings,
    // A page that was hidden starts anew from the same document, which has grown old meanwhile.
    first: known === undefined ? given.first : [],
    state,
    post: (message) => api.postMessage(message),
    keep(next) {
      api.setState(next);
    },
    listen(listener) {
      // Only the extension host can post to this window: VS Code's frame around it lets nobody else.
      // It sends text, see src/ui/webview/post-message.ts.
      const receive = ({ data }: MessageEvent<string>) => listener(JSON.parse(data) as Of['toPage']);
      window.addEventListener('message', receive);
      return () => window.removeEventListener('message', receive);
    },
  };
}
