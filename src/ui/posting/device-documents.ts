import path from 'node:path';
import { type TextDocumentContentProvider, Uri, workspace } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { OfRevision } from '../../backend/requests/devices';
import { type Disposable } from '../model/event';

/** A file of a revision that a device has. */
export interface DeviceFile extends OfRevision {
  /** Path below a checkout. */
  readonly file: string;
}

export const deviceScheme = 'pvdevice';

/** Ends with the file's own path, so that VS Code knows what kind of text it is. */
export function deviceFileUri({ device, revision, file }: DeviceFile): Uri {
  const query = JSON.stringify({ device, revision, file });
  return Uri.file(path.posix.join('/', file)).with({ scheme: deviceScheme, query });
}

/** Files of revisions, as read-only texts; a revision never changes. */
export class DeviceDocuments implements TextDocumentContentProvider, Disposable {
  readonly #backend: BackendClient;
  readonly #registration: Disposable;

  constructor(backend: BackendClient) {
    this.#backend = backend;
    this.#registration = workspace.registerTextDocumentContentProvider(deviceScheme, this);
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const wanted = JSON.parse(uri.query) as DeviceFile;
    return (await this.#backend.request('readRevisionText', wanted)) ?? '';
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
