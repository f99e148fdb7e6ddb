import {
  EventEmitter,
  FilePermission,
  FileSystemError,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
  FileType,
  l10n,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { OfMeta } from '../../backend/requests/devices';
import { errorText } from '../messages/remedy-text';
import { type Disposable, Disposables } from '../model/event';
import { type Meta, metaChanges, metaText, parseMeta } from './model/meta-changes';

export const metaScheme = 'pvdevice';

interface Known {
  readonly text: string;
  /** Milliseconds since 1970, here. */
  readonly changed: number;
}

/** What a device is told and tells, as JSON documents; saving the first tells the device. */
export class MetaDocuments implements FileSystemProvider, Disposable {
  readonly #backend: BackendClient;
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly #known = new Map<string, Known>();
  readonly #subscriptions = new Disposables();

  constructor(backend: BackendClient) {
    this.#backend = backend;
    this.#subscriptions.add(this.#changed);
    this.#subscriptions.add(
      workspace.registerFileSystemProvider(metaScheme, this, { isCaseSensitive: true }),
    );
  }

  get onDidChangeFile() {
    return this.#changed.event;
  }

  watch(): Disposable {
    return { dispose: () => undefined };
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { text, changed } = await this.#read(uri);
    const size = Buffer.byteLength(text);
    const stat = { type: FileType.File, ctime: 0, mtime: changed, size };
    return addressOf(uri).which === 'user-meta' ? stat : { ...stat, permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return Buffer.from((await this.#read(uri)).text);
  }

  async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const { device, which } = addressOf(uri);
    if (which !== 'user-meta') throw FileSystemError.NoPermissions(uri);
    const parsed = parseMeta(Buffer.from(content).toString('utf8'));
    const before = this.#known.get(uri.toString());
    if (typeof parsed === 'string') throw FileSystemError.Unavailable(whyNot(parsed));
    const changed = metaChanges(JSON.parse(before?.text ?? '{}') as Meta, parsed);
    if ('noText' in changed) throw FileSystemError.Unavailable(whyNot({ key: changed.noText }));
    const { changes } = changed;
    try {
      const meta = await this.#backend.request('setUserMeta', { device, changes });
      this.#keep(uri, metaText(meta));
    } catch (error) {
      throw FileSystemError.Unavailable(errorText(error));
    }
    window.setStatusBarMessage(l10n.t('The device is told.'), 5000);
  }

  readDirectory(): never {
    throw FileSystemError.NoPermissions();
  }

  createDirectory(): never {
    throw FileSystemError.NoPermissions();
  }

  delete(): never {
    throw FileSystemError.NoPermissions();
  }

  rename(): never {
    throw FileSystemError.NoPermissions();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #read(uri: Uri): Promise<Known> {
    try {
      return this.#keep(uri, metaText(await this.#backend.request('readMeta', addressOf(uri))));
    } catch (error) {
      throw FileSystemError.Unavailable(errorText(error));
    }
  }

  #keep(uri: Uri, text: string): Known {
    const key = uri.toString();
    const known = this.#known.get(key);
    if (known?.text === text) return known;
    const read = { text, changed: Date.now() };
    this.#known.set(key, read);
    return read;
  }
}

/** @param name of the device, for people. */
export function metaUri({ device, which }: OfMeta, name: string): Uri {
  return Uri.from({
    scheme: metaScheme,
    path: `/${name.replaceAll('/', ' ')}/${which}.json`,
    query: JSON.stringify({ device }),
  });
}

/** @throws FileSystemError of what names no such document. */
function addressOf(uri: Uri): OfMeta {
  const [, which] = /\/(user-meta|device-meta)\.json$/.exec(uri.path) ?? [];
  try {
    const { device } = JSON.parse(uri.query) as Partial<OfMeta>;
    if (typeof device === 'string' && (which === 'user-meta' || which === 'device-meta'))
      return { device, which };
  } catch {
    // Somebody made it up.
  }
  throw FileSystemError.FileNotFound(uri);
}

function whyNot(reason: 'noJson' | 'noObject' | { readonly key: string }): string {
  if (reason === 'noJson') return l10n.t('It is no JSON.');
  if (reason === 'noObject') return l10n.t('It has to be an object: names with texts.');
  return l10n.t('{0} has to be a text: devices read nothing else.', reason.key);
}
