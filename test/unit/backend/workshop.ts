import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BackendClient } from '../../../src/backend/client';
import type { BackendClientOptions, RequestOptions } from '../../../src/backend/client-options';
import type { LogEntry, ProgressEvent } from '../../../src/backend/protocol';
import { initCheckout } from '../../../src/core/checkout/init';
import type { BuildReport } from '../../../src/core/use-cases/report';
import type { Entry } from '../../image-maker/entry';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';

const small = makeImage([
  makeLayer([
    { path: 'bin', kind: 'directory' },
    { path: 'bin/app', kind: 'file', content: 'app 1\n', mode: 0o755 },
    // Not UTF-8.
    { path: 'bin/\xe9\xff', kind: 'file', content: '' },
  ]),
]);
const images = {
  small,
  patched: derive(small, [{ path: 'bin/app', kind: 'file', content: 'app, patched\n', mode: 0o755 }]),
  /** Takes xz so long that something else can happen meanwhile. */
  large: derive(small, [...noise(8)], { compression: 'none' }),
};

function* noise(mebibytes: number): Generator<Entry> {
  for (let at = 0; at < mebibytes; at++) {
    yield { path: `noise${at}`, kind: 'file', content: randomBytes(2 ** 20) };
  }
}

/** Clients of the backend in dist/, checkouts, and images `app:small`, `app:patched` and `app:large`, in a temporary folder. */
export class Workshop {
  readonly log: LogEntry[] = [];
  readonly #clients: BackendClient[] = [];

  private constructor(readonly folder: string) {}

  static async open(): Promise<Workshop> {
    const workshop = new Workshop(await mkdtemp(path.join(tmpdir(), 'backend-')));
    await writeOciLayout(workshop.#images, images);
    return workshop;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.dispose()));
    await rm(this.folder, { recursive: true });
  }

  get settings(): { readonly cacheDirectory: string } {
    return { cacheDirectory: path.join(this.folder, 'cache') };
  }

  client(options: Partial<BackendClientOptions> = {}): BackendClient {
    const client = new BackendClient({
      entry: path.resolve('dist', 'backend.js'),
      settings: this.settings,
      credentials: () => Promise.resolve(undefined),
      log: (entry) => this.log.push(entry),
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  async checkout(name: string): Promise<Checkout> {
    const folder = path.join(this.folder, name);
    await initCheckout(folder, { objectsDirectory: path.join(this.folder, 'objects') });
    return new Checkout(folder, `archive:${this.#images}`);
  }

  get #images(): string {
    return path.join(this.folder, 'images');
  }
}

export class Checkout {
  constructor(
    readonly folder: string,
    /** Where the images are. */
    readonly sources: string,
  ) {}

  async add(
    client: BackendClient,
    app: string,
    tag: keyof typeof images,
    options?: RequestOptions,
  ): Promise<BuildReport> {
    const request = { app, reference: `app:${tag}`, sources: this.sources };
    return client.request('addApp', { checkoutDirectory: this.folder, request }, options);
  }

  /** Makes nothing, when nothing is missing. Waits for who changes the checkout, and tidies up after who did. */
  async install(client: BackendClient, app: string): Promise<BuildReport> {
    return client.request('installApp', { checkoutDirectory: this.folder, app });
  }

  /** Every file by its path below the checkout, with its content: also what builds have there while they run. */
  async files(): Promise<ReadonlyMap<string, string>> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .sort();
    const contents = await Promise.all(files.map((file) => readFile(file, 'base64')));
    return new Map(files.map((file, at) => [path.relative(this.folder, file), contents[at] ?? '']));
  }

  /** The process that is changing it. */
  writer(): number {
    const lock = readFileSync(path.join(this.folder, '.pvr', 'lock'), 'utf8');
    return (JSON.parse(lock) as { pid: number }).pid;
  }
}

/** A request that goes on. */
export interface Pending {
  readonly answer: Promise<unknown>;
}

/** Starts a request, and resolves once it has come to `phase`. */
export function reaches(
  phase: ProgressEvent['phase'],
  start: (options: Required<Pick<RequestOptions, 'onProgress'>>) => Promise<unknown>,
): Promise<Pending> {
  return new Promise((resolve, reject) => {
    const onProgress = (event: ProgressEvent) => {
      if (event.phase === phase) resolve({ answer });
    };
    const answer = start({ onProgress });
    answer.then(() => reject(new Error(`it was done before ${phase} was seen`)), reject);
  });
}
