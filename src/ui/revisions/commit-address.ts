import path from 'node:path';
import { Uri } from 'vscode';

/** What is looked at: the commit's file as the one that lies there is written, or either with its keys sorted. */
export type CommitView = 'as-there' | 'sorted' | 'present-sorted';

/** A file of a checkout in one of the {@link CommitView}s. */
export interface CommitAddress {
  /** Absolute path. */
  readonly checkout: string;
  /** Path below it. */
  readonly file: string;
  readonly view: CommitView;
}

export const commitScheme = 'pvcommit';

/** Ends with the file's own path, so that VS Code knows what kind of text it is. */
export function commitUri({ checkout, file, view }: CommitAddress): Uri {
  const query = JSON.stringify({ checkout, view });
  return Uri.file(path.join(checkout, file)).with({ scheme: commitScheme, query });
}

/** Undefined where somebody made the URI up. */
export function commitAddressOf(uri: Uri): CommitAddress | undefined {
  try {
    const { checkout, view } = JSON.parse(uri.query) as Partial<CommitAddress>;
    if (typeof checkout !== 'string' || !isView(view)) return undefined;
    const file = path.relative(checkout, uri.with({ scheme: 'file', query: '' }).fsPath);
    return { checkout, file: file.split(path.sep).join('/'), view };
  } catch {
    return undefined;
  }
}

function isView(view: unknown): view is CommitView {
  return view === 'as-there' || view === 'sorted' || view === 'present-sorted';
}
