import { Component, type ReactNode } from 'react';
import { loadControls } from './load-controls';
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
