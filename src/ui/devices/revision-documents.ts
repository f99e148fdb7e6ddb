import { type TextDocumentContentProvider, Uri, workspace } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { Disposable } from '../model/event';

const revisionScheme = 'pvrevision';

export interface RevisionFileAddress {
  /** How the device is found again. */
  readonly device: string;
  readonly revision: string;
  /** Path below a checkout. */
  readonly file: string;
}

/** Files of a device's revisions as read-only texts, JSON with its keys sorted. They never change. */
export function registerRevisionDocuments(backend: BackendClient): Disposable {
  const provider: TextDocumentContentProvider = {
    async provideTextDocumentContent(uri) {
      const address = addressOf(uri);
      return address === undefined ? '' : ((await backend.request('readRevisionText', address)) ?? '');
    },
  };
  return workspace.registerTextDocumentContentProvider(revisionScheme, provider);
}

/** Ends with the file's own path, so that VS Code knows what kind of text it is. */
export function revisionUri({ device, revision, file }: RevisionFileAddress): Uri {
  return Uri.from({
    scheme: revisionScheme,
    path: `/${revision}/${file}`,
    query: JSON.stringify({ device, revision }),
  });
}

/** Undefined where somebody made the URI up. */
function addressOf(uri: Uri): RevisionFileAddress | undefined {
  try {
    const { device, revision } = JSON.parse(uri.query) as Partial<RevisionFileAddress>;
    if (typeof device !== 'string' || typeof revision !== 'string') return undefined;
    return { device, revision, file: uri.path.slice(`/${revision}/`.length) };
  } catch {
    return undefined;
  }
}
