import path from 'node:path';
import type { App } from '../../core/checkout/app';
import { type CheckoutAccess, CheckoutModel } from './checkout-model';
import { type Disposable, Disposables, Emitter } from './event';

/** An app, as commands and links name it. */
export interface AppId {
  /** Absolute path of its checkout. */
  readonly checkout: string;
  readonly app: string;
}

export interface FoundApp {
  readonly model: CheckoutModel;
  readonly app: App;
}

/** How the registry gets at the disk. */
export interface WorkspaceAccess extends CheckoutAccess {
  /** All checkouts in a folder and below: absolute paths. */
  findCheckouts(folder: string): Promise<readonly string[]>;
}

/** The checkouts of all workspace folders. They are looked for when somebody first asks. */
export class Checkouts implements Disposable {
  readonly #access: WorkspaceAccess;
  readonly #folders: () => readonly string[];
  readonly #models = new Map<string, { readonly model: CheckoutModel; readonly subscription: Disposable }>();
  readonly #listChanged = new Emitter();
  readonly #checkoutChanged = new Emitter<CheckoutModel>();
  readonly #checkoutRead = new Emitter<CheckoutModel>();
  #search: Promise<void> | undefined;
  #isFound = false;
  #observers = 0;
  readonly #watches = new Map<CheckoutModel, Disposable>();

  /** @param folders the workspace's, as absolute paths. */
  constructor(folders: () => readonly string[], access: WorkspaceAccess) {
    this.#folders = folders;
    this.#access = access;
  }

  /** Checkouts came or went, or the first search has ended. */
  readonly onDidChangeList = this.#listChanged.event;
  /** What is in a checkout changed. */
  readonly onDidChangeCheckout = this.#checkoutChanged.event;
  /** A checkout was read, whether or not that told anything new. */
  readonly onDidReadCheckout = this.#checkoutRead.event;

  /** Those that are known, by path. */
  get all(): readonly CheckoutModel[] {
    return [...this.#models.values()]
      .map(({ model }) => model)
      .sort((a, b) => (a.directory < b.directory ? -1 : 1));
  }

  /** Whether the first search has ended. */
  get areFound(): boolean {
    return this.#isFound;
  }

  /** All checkouts, looked for once. */
  async find(): Promise<readonly CheckoutModel[]> {
    this.#search ??= this.#findAll();
    await this.#search;
    return this.all;
  }

  /** Looks for them again, if anybody ever wanted to know. */
  async findAgain(): Promise<void> {
    if (this.#search === undefined) return;
    this.#search = this.#search.then(() => this.#findAll());
    await this.#search;
  }

  /** Reads all checkouts that are known or found now. */
  async refresh(): Promise<void> {
    await this.find();
    await this.findAgain();
    await Promise.all(this.all.map((model) => model.refresh()));
  }

  byDirectory(directory: string): CheckoutModel | undefined {
    return this.#models.get(directory)?.model;
  }

  /** The innermost checkout that a file or folder lies in, or that it is. */
  containing(file: string): CheckoutModel | undefined {
    return this.all
      .filter(({ directory }) => file === directory || file.startsWith(directory + path.sep))
      .sort((a, b) => b.directory.length - a.directory.length)[0];
  }

  /** The app whose folder a file lies in, or is. Its checkout is read if need be. */
  async appContaining(file: string): Promise<FoundApp | undefined> {
    await this.find();
    const model = this.containing(file);
    const [folder] = model === undefined ? [] : path.relative(model.directory, file).split(path.sep);
    return model === undefined || !folder ? undefined : this.app({ checkout: model.directory, app: folder });
  }

  /** Reads the checkout if need be. */
  async app({ checkout, app: name }: AppId): Promise<FoundApp | undefined> {
    await this.find();
    const model = this.byDirectory(checkout);
    await model?.read();
    const app = model?.app(name);
    return model === undefined || app === undefined ? undefined : { model, app };
  }

  /** All apps of all checkouts, read if need be. Broken checkouts have none. */
  async readApps(): Promise<readonly FoundApp[]> {
    const models = await this.find();
    await Promise.all(models.map((model) => model.read()));
    return models.flatMap((model) => model.apps.map((app) => ({ model, app })));
  }

  /** Keeps all checkouts, also those yet to be found, up to date by themselves until disposed of. */
  watch(): Disposable {
    this.#observers++;
    this.#watchAll();
    return {
      dispose: () => {
        this.#observers--;
        if (this.#observers > 0) return;
        for (const watch of this.#watches.values()) watch.dispose();
        this.#watches.clear();
      },
    };
  }

  dispose(): void {
    for (const directory of this.#models.keys()) this.#forget(directory);
    this.#listChanged.dispose();
    this.#checkoutChanged.dispose();
    this.#checkoutRead.dispose();
  }

  async #findAll(): Promise<void> {
    const found = await Promise.all(this.#folders().map((folder) => this.#access.findCheckouts(folder)));
    const directories = new Set(found.flat().sort());
    const gone = [...this.#models.keys()].filter((directory) => !directories.has(directory));
    const come = [...directories].filter((directory) => !this.#models.has(directory));
    gone.forEach((directory) => this.#forget(directory));
    come.forEach((directory) => this.#add(directory));
    for (const [directory, name] of distinctNames([...directories])) {
      const model = this.byDirectory(directory);
      if (model === undefined) continue;
      model.name = name;
      model.isOnly = directories.size === 1;
    }
    this.#watchAll();
    const isFirst = !this.#isFound;
    this.#isFound = true;
    if (isFirst || gone.length > 0 || come.length > 0) this.#listChanged.fire();
  }

  #add(directory: string): void {
    const model = new CheckoutModel(directory, this.#access);
    const subscription = new Disposables();
    subscription.add(model.onDidChange(() => this.#checkoutChanged.fire(model)));
    subscription.add(model.onDidRead(() => this.#checkoutRead.fire(model)));
    this.#models.set(directory, { model, subscription });
  }

  #forget(directory: string): void {
    const known = this.#models.get(directory);
    if (known === undefined) return;
    this.#models.delete(directory);
    this.#watches.get(known.model)?.dispose();
    this.#watches.delete(known.model);
    known.subscription.dispose();
    known.model.dispose();
  }

  #watchAll(): void {
    if (this.#observers === 0) return;
    for (const model of this.all) {
      if (!this.#watches.has(model)) this.#watches.set(model, model.watch());
    }
  }
}

/** A name for each folder: its own, after as many of those above it as tell it from the others with that name. */
export function distinctNames(directories: readonly string[]): ReadonlyMap<string, string> {
  return new Map(directories.map((directory) => [directory, distinctName(directory, directories)]));
}

function distinctName(directory: string, all: readonly string[]): string {
  const others = all.filter((other) => other !== directory);
  const parts = directory.split(path.sep);
  for (let count = 1; count < parts.length; count++) {
    const name = end(directory, count);
    if (others.every((other) => end(other, count) !== name)) return name;
  }
  return directory;
}

function end(directory: string, count: number): string {
  return directory.split(path.sep).slice(-count).join(path.sep);
}
