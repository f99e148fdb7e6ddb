import type { PageState, PageStrings, ToHost, ToPage } from './protocol';

/** The extension host as a page sees it. */
export interface Host {
  readonly strings: PageStrings;
  post(message: ToHost): void;
  /** @returns what ends it. */
  listen(listener: (message: ToPage) => void): () => void;
  /** What the page was like when it was last seen. */
  readonly state: PageState;
  keep(state: PageState): void;
}

interface VSCodeApi {
  postMessage(message: ToHost): void;
  getState(): PageState | undefined;
  /** Returns what it is given. */
  setState(state: PageState): unknown;
}

declare function acquireVsCodeApi(): VSCodeApi;

/** The real one; to be asked for once. What the page begins with lies in the document, as src/ui/webview/page-html.ts wrote it. */
export function connectHost(): Host {
  const api = acquireVsCodeApi();
  const given = JSON.parse(document.getElementById('given')?.textContent ?? '') as {
    readonly strings: PageStrings;
    readonly state: PageState;
  };
  const state = api.getState() ?? given.state;
  api.setState(state);
  return {
    strings: given.strings,
    state,
    post: (message) => api.postMessage(message),
    keep(next) {
      api.setState(next);
    },
    listen(listener) {
      // Only the extension host can post to this window: VS Code's frame around it lets nobody else.
      const receive = ({ data }: MessageEvent<ToPage>) => listener(data);
      window.addEventListener('message', receive);
      return () => window.removeEventListener('message', receive);
    },
  };
}
