import path from 'node:path';
import { commands, FileChangeType, RelativePattern, Uri, workspace, type FileChangeEvent } from 'vscode';
import type { MountFiles } from '../../core/mount/mounts';
import { debounce } from '../model/debounce';
import { Disposables, type Disposable } from '../model/event';
import { mountScheme, parseFiles } from './mount-address';

/** A build moves several files into place. */
const settlingTime = 300;

/** By when VS Code watches what it was asked to; nothing says when it begins. */
const startingTime = 2000;

/** Tells what changes in mounts that VS Code shows something of, by watching their SquashFS files. */
export class MountWatches implements Disposable {
  readonly #onChange: (events: readonly FileChangeEvent[]) => void;
  readonly #isStale: (authority: string, files: MountFiles) => Promise<boolean>;
  readonly #watched = new Map<string, Watched>();

  /** @param isStale whether VS Code has been told of a mount what is no longer so. */
  constructor(
    onChange: (events: readonly FileChangeEvent[]) => void,
    isStale: (authority: string, files: MountFiles) => Promise<boolean>,
  ) {
    this.#onChange = onChange;
    this.#isStale = isStale;
  }

  /** @returns what ends it. */
  watch(uri: Uri): Disposable {
    const { authority } = uri;
    const files = parseFiles(authority);
    if (files === undefined) return new Disposables();
    const watched = this.#watched.get(authority) ?? this.#start(authority, files);
    // The same URI may be watched twice; each has an entry of its own.
    const entry = { uri };
    watched.entries.add(entry);
    return {
      dispose: () => {
        watched.entries.delete(entry);
        if (watched.entries.size > 0 || this.#watched.get(authority) !== watched) return;
        this.#watched.delete(authority);
        watched.watchers.dispose();
      },
    };
  }

  dispose(): void {
    for (const { watchers } of this.#watched.values()) watchers.dispose();
    this.#watched.clear();
  }

  #start(authority: string, files: MountFiles): Watched {
    const watchers = new Disposables();
    const watched: Watched = { entries: new Set(), watchers };
    this.#watched.set(authority, watched);
    const tellSoon = watchers.add(debounce(() => this.#tell(authority, watched), settlingTime));
    for (const folder of new Set(files.map((file) => path.dirname(file)))) {
      const watcher = watchers.add(
        workspace.createFileSystemWatcher(new RelativePattern(Uri.file(folder), '*')),
      );
      const look = (changed: Uri) => {
        if (files.some((file) => Uri.file(file).path === changed.path)) tellSoon();
      };
      watchers.add(watcher.onDidChange(look));
      watchers.add(watcher.onDidCreate(look));
      watchers.add(watcher.onDidDelete(look));
    }
    // What changed before that, no watcher saw.
    const lookAgain = async () => {
      if (await this.#isStale(authority, files)) this.#tell(authority, watched);
    };
    watchers.add(debounce(() => void lookAgain(), startingTime))();
    return watched;
  }

  #tell(authority: string, { entries }: Watched): void {
    const shown = workspace.textDocuments
      .map(({ uri }) => uri)
      .filter((uri) => uri.scheme === mountScheme && uri.authority === authority);
    const uris = new Map(
      [...[...entries].map(({ uri }) => uri), ...shown].map((uri) => [uri.toString(), uri]),
    );
    this.#onChange([...uris.values()].map((uri) => ({ type: FileChangeType.Changed, uri })));
    // The Explorer looks again only where it hears of files that come and go, and nobody knows which did.
    if (workspace.workspaceFolders?.some(({ uri }) => uri.authority === authority))
      void commands.executeCommand('workbench.files.action.refreshFilesExplorer');
  }
}

interface Watched {
  readonly entries: Set<{ readonly uri: Uri }>;
  readonly watchers: Disposables;
}
