import { Component, type ReactNode } from 'react';
import type { CopyReport, FailureStrings } from './protocol';

interface Props {
  readonly host: {
    readonly strings: FailureStrings;
    post(message: CopyReport): void;
  };
  readonly children: ReactNode;
}

interface State {
  readonly report: string | undefined;
}

/** Shows what went wrong in a page instead of an empty one, as a report that can be copied. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { report: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { report: error instanceof Error ? (error.stack ?? String(error)) : String(error) };
  }

  /** Not every page has controls of its own. */
  override componentDidCatch(): void {
    loadControls();
  }

  override render(): ReactNode {
    const { report } = this.state;
    const { host, children } = this.props;
    if (report === undefined) return children;
    return (
      <main className="failure" role="alert">
        <h1>{host.strings.failed}</h1>
        <pre tabIndex={0}>{report}</pre>
        <vscode-button onClick={() => host.post({ type: 'copy', text: report })}>
          {host.strings.copyReport}
        </vscode-button>
      </main>
    );
  }
}

/**
 * Makes what pages call `vscode-button` and the like into controls, after the next frame: what a page shows comes before what
 * it is worked with, and controls take as long to load and to make as all the rest.
 */
export function loadControls(): void {
  requestAnimationFrame(() => setTimeout(() => void load()));
}

/** Where they can't be loaded, their elements stay what they are: a button can be pressed all the same. */
async function load(): Promise<void> {
  try {
    const { registerControls } = await import('./ui');
    // A page that has controls may fail, and its report asks for them again.
    if (customElements.get('vscode-button') === undefined) registerControls();
  } catch {
    document.body.classList.add('without-controls');
  }
}
