import { type CancellationToken, type TextDocumentContentProvider, Uri, workspace } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { ByteString } from '../../core/bytes/byte-string';
import type { BinaryComparison } from '../../core/mount/binary-facts';
import type { MountFiles } from '../../core/mount/mounts';
import type { Disposable } from '../model/event';
import { binaryText } from './binary-text';
import { addressParts } from './mount-address';

/*
 * What is told of a binary file is a text of its own, in place of VS Code's word that it is binary. All that is needed to make it again
 * after a restart is in its URI.
 */

const binaryScheme = 'pvbinary';

/** Both places of a file that is in two. */
export interface BinaryPlaces {
  readonly path: ByteString;
  readonly before: MountFiles | undefined;
  readonly after: MountFiles | undefined;
}

interface Named extends BinaryPlaces {
  readonly side: 'before' | 'after';
}

export class BinaryDocuments implements TextDocumentContentProvider, Disposable {
  readonly #backend: BackendClient;
  readonly #registration: Disposable;

  constructor(backend: BackendClient) {
    this.#backend = backend;
    this.#registration = workspace.registerTextDocumentContentProvider(binaryScheme, this);
  }

  async provideTextDocumentContent({ query }: Uri, token: CancellationToken): Promise<string> {
    const named = JSON.parse(query) as Named;
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    const comparison = await compareBinary(this.#backend, named, stop.signal);
    return comparison === null ? '' : binaryText(comparison, named.side);
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

/** Null where all that is there is text. */
export function compareBinary(
  backend: BackendClient,
  { path, before, after }: BinaryPlaces,
  signal?: AbortSignal,
): Promise<BinaryComparison | null> {
  const at = (files: MountFiles | undefined) => files && { files, path };
  return backend.request(
    'compareBinary',
    { before: at(before), after: at(after) },
    signal === undefined ? {} : { signal },
  );
}

/** What is told of one side. */
export function binaryUri(places: BinaryPlaces, side: 'before' | 'after'): Uri {
  const { path } = addressParts({ files: [], path: places.path });
  return Uri.from({ scheme: binaryScheme, path, query: JSON.stringify({ ...places, side } satisfies Named) });
}
