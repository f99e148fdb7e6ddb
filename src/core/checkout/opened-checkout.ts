import path from 'node:path';
import { type FileIdentity, identityOf, isSameFile } from '../files/file-identity';
import { readTextBytes, type TextFiles } from '../files/text-file';
import { HashIndex } from './hashes/hash-index';
import { readState, type State, stateFile } from './state';

interface ReadFile {
  readonly identity: FileIdentity | undefined;
  readonly content: Buffer | undefined;
}

/**
 * A checkout that is opened for one piece of work: each of its small files is read at most once, when it is first wanted, and
 * stays what it was then.
 */
export class OpenedCheckout implements TextFiles {
  readonly directory: string;
  readonly #files = new Map<string, Promise<ReadFile>>();
  #state: Promise<State> | undefined;
  #hashes: Promise<HashIndex> | undefined;

  /** @param directory absolute path. Nothing is read yet, and there may be nothing. */
  constructor(directory: string) {
    this.directory = directory;
  }

  async text(file: string): Promise<string | undefined> {
    return (await this.content(file))?.toString('utf8');
  }

  /** The same before it is decoded. */
  async content(file: string): Promise<Buffer | undefined> {
    const known = this.#files.get(file) ?? this.#read(file);
    this.#files.set(file, known);
    return (await known).content;
  }

  /** @throws Problem when it is missing or broken, or when this is no checkout at all. */
  state(): Promise<State> {
    return (this.#state ??= readState(this));
  }

  /** What is known of the content of large files. */
  hashes(): Promise<HashIndex> {
    return (this.#hashes ??= HashIndex.open(this.directory));
  }

  /** Lets the state be read once more if another program, such as pvr, which knows no lock, has written it since. */
  async noticeChangedState(): Promise<void> {
    const { identity } = (await this.#files.get(stateFile)) ?? {};
    const now = await this.#identity(stateFile);
    if (identity && now && isSameFile(identity, now)) return;
    this.#files.delete(stateFile);
    this.#state = undefined;
  }

  async #read(file: string): Promise<ReadFile> {
    // Before it is read: what is written meanwhile makes it another one.
    const identity = file === stateFile ? await this.#identity(file) : undefined;
    return { identity, content: await readTextBytes(this.directory, file) };
  }

  #identity(file: string): Promise<FileIdentity | undefined> {
    return identityOf(path.join(this.directory, file)).catch(() => undefined);
  }
}
