import {
  EventEmitter,
  type FileChangeEvent,
  FilePermission,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  l10n,
  type Uri,
  workspace,
} from 'vscode';
import type { BackendClient } from '../../backend/client';
import { largestRead } from '../../backend/requests/params';
import type { Absence, EntryFacts } from '../../core/mount/entries';
import type { MountFiles } from '../../core/mount/mounts';
import { formatSize } from '../../core/presentation/size';
import type { Kind } from '../../core/rootfs/tree';
import { errorText } from '../messages/remedy-text';
import { type Disposable, Disposables } from '../model/event';
import { type MountAddress, mountScheme, nameToText } from './mount-address';
import { mountUri, requireAddress } from './mount-uri';
import { MountWatches } from './mount-watches';

/** Bytes. VS Code wants files whole, and shows none that are larger (it sends no larger text to extensions either). */
export const largestFile = 50 * 1024 * 1024;

/** What SquashFS files hold, as files of VS Code. Nothing can be written, and the backend does the reading. */
export class MountFileSystem implements FileSystemProvider, Disposable {
  readonly #backend: BackendClient;
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  /** When the files of each mount were written, as VS Code was told first since they last changed. */
  readonly #told = new Map<string, number>();
  readonly #watches = new MountWatches(
    (events) => {
      for (const { uri } of events) this.#told.delete(uri.authority);
      this.#changed.fire([...events]);
    },
    (authority, files) => this.#isStale(authority, files),
  );
  readonly #subscriptions = new Disposables();

  constructor(backend: BackendClient) {
    this.#backend = backend;
    this.#subscriptions.add(this.#changed);
    this.#subscriptions.add(this.#watches);
    this.#subscriptions.add(
      workspace.registerFileSystemProvider(mountScheme, this, { isCaseSensitive: true, isReadonly: true }),
    );
  }

  readonly onDidChangeFile = this.#changed.event;

  watch(uri: Uri): Disposable {
    return this.#watches.watch(uri);
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { kind, isLink, size, mtime, modified } = await this.#facts(uri);
    return {
      type: fileType(kind, isLink),
      ctime: mtime * 1000,
      // By this VS Code knows whether an editor shows what is there. Files of an image often have one time in all builds.
      mtime: modified,
      size,
      permissions: FilePermission.Readonly,
    };
  }

  async readDirectory(uri: Uri): Promise<[string, FileType][]> {
    const address = requireAddress(uri);
    const entries = await this.#ask(uri, () => this.#backend.request('readFolder', address));
    if ('absent' in entries) throw absenceError(uri, entries);
    return entries.map(({ name, kind, isLink }) => [nameToText(name), fileType(kind, isLink)]);
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const address = requireAddress(uri);
    // A build may put another file in the place of one that is being read.
    for (;;) {
      const { kind, size, modified } = await this.#facts(uri);
      if (kind === 'directory') throw FileSystemError.FileIsADirectory(uri);
      if (kind === 'symlink')
        throw FileSystemError.FileNotFound(l10n.t('The symbolic link leads to nothing.'));
      if (kind !== 'file')
        throw FileSystemError.Unavailable(l10n.t('It is no regular file, and has no content.'));
      if (size > largestFile) throw FileSystemError.Unavailable(tooLargeText(size));
      const bytes = await this.#readWhole(uri, address, size);
      if (bytes !== undefined && (await this.#facts(uri)).modified === modified) return bytes;
    }
  }

  /** Calls back when one of the files of a mount was written anew. */
  onChangeOf(files: MountFiles, listener: () => void): Disposable {
    const root = mountUri(files, '');
    const both = new Disposables();
    both.add(this.watch(root));
    both.add(
      this.onDidChangeFile((events) => {
        if (events.some(({ uri }) => uri.authority === root.authority)) listener();
      }),
    );
    return both;
  }

  createDirectory(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  delete(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  rename(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** @throws FileSystemError where nothing is. */
  async #facts(uri: Uri): Promise<EntryFacts> {
    const address = requireAddress(uri);
    const facts = await this.#ask(uri, () => this.#backend.request('readFacts', address));
    if ('absent' in facts) throw absenceError(uri, facts);
    if (!this.#told.has(uri.authority)) this.#told.set(uri.authority, facts.modified);
    return facts;
  }

  async #isStale(authority: string, files: MountFiles): Promise<boolean> {
    const told = this.#told.get(authority);
    if (told === undefined) return false;
    // A mount that is gone is another than before.
    const facts = await this.#backend.request('readFacts', { files, path: '' }).catch(() => undefined);
    return facts === undefined || 'absent' in facts || facts.modified !== told;
  }

  /** Undefined where the file has become shorter meanwhile. */
  async #readWhole(uri: Uri, address: MountAddress, size: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(size);
    for (let start = 0; start < size; start += largestRead) {
      const end = Math.min(size, start + largestRead);
      const chunk = await this.#ask(uri, () =>
        this.#backend.request('readBytes', { ...address, start, end }),
      );
      const read = Buffer.from(chunk, 'base64');
      if (read.length !== end - start) return undefined;
      bytes.set(read, start);
    }
    return bytes;
  }

  async #ask<T>(uri: Uri, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw FileSystemError.Unavailable(`${errorText(error)} (${uri.path})`);
    }
  }
}

/** Why a file is not shown, and what to do about it. */
export function tooLargeText(size: number): string {
  return l10n.t(
    'It has {0}; files of up to {1} can be shown. Save a Copy, in its context menu, writes it to a file of any size.',
    formatSize(size),
    formatSize(largestFile),
  );
}

function absenceError(uri: Uri, { absent }: Absence): FileSystemError {
  switch (absent) {
    case 'missing':
      return FileSystemError.FileNotFound(uri);
    case 'noFolder':
      return FileSystemError.FileNotADirectory(uri);
    case 'linkLoop':
      return FileSystemError.Unavailable(l10n.t('The symbolic links of {0} lead in a circle.', uri.path));
  }
}

function fileType(kind: Kind, isLink: boolean): FileType {
  const type = kind === 'file' ? FileType.File : kind === 'directory' ? FileType.Directory : FileType.Unknown;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- VS Code has it as a sum of two.
  return isLink ? type | FileType.SymbolicLink : type;
}
