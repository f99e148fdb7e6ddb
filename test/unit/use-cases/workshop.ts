import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { initCheckout } from '../../../src/core/checkout/init';
import {
  readSourceManifest,
  type SourceManifest,
} from '../../../src/core/checkout/manifests/source-manifest';
import { BlobCache } from '../../../src/core/image/blob-cache';
import { createImageFinder } from '../../../src/core/image/find-image';
import type { Job } from '../../../src/core/job';
import { stackTrees } from '../../../src/core/rootfs/stack';
import { walk, type Directory, type Node } from '../../../src/core/rootfs/tree';
import { CodecPool } from '../../../src/core/squashfs/codec-pool';
import { SquashfsReader, type BlockContent } from '../../../src/core/squashfs/reader';
import type { BuildEnvironment } from '../../../src/core/use-cases/environment';
import { createTransport } from '../../../src/core/net/transport';
import { DerivedCache } from '../../../src/core/use-cases/steps/derived-cache';
import { downloadRemedies } from '../../../src/core/use-cases/steps/download';
import { writeOciLayout, type Tagged } from '../../image-maker/oci-layout';

/** A checkout, images in OCI layouts, and all that builds need, in a temporary folder. */
export class Workshop {
  readonly warnings: string[] = [];
  readonly #folder: string;
  readonly environment: BuildEnvironment;

  private constructor(folder: string, environment: BuildEnvironment) {
    this.#folder = folder;
    this.environment = environment;
  }

  static async open(): Promise<Workshop> {
    const folder = await mkdtemp(path.join(tmpdir(), 'workshop-'));
    const outside = { env: {}, homeDirectory: folder, platform: process.platform };
    const cache = new BlobCache(path.join(folder, 'cache'), 2 ** 30);
    const codecs = path.resolve('dist');
    const workshop = new Workshop(folder, {
      // Nobody answers at the port 1 of these images' names; asking once is enough.
      images: createImageFinder({ environment: outside, cache, codecs, retry: { attempts: 1 } }),
      pool: new CodecPool({ directory: codecs, workers: 2 }),
      cache: new DerivedCache(path.join(folder, 'derived'), 2 ** 30),
      downloads: createTransport({
        environment: outside,
        remedies: downloadRemedies,
        retry: { attempts: 1 },
      }),
    });
    await initCheckout(workshop.checkout, { objectsDirectory: path.join(folder, 'objects') });
    return workshop;
  }

  async close(): Promise<void> {
    await this.environment.images.close();
    await this.environment.downloads.close();
    await this.environment.pool.close();
    await rm(this.#folder, { recursive: true });
  }

  get checkout(): string {
    return path.join(this.#folder, 'checkout');
  }

  /** A job whose warnings are kept. */
  job(signal = new AbortController().signal): Job {
    return { signal, progress: () => undefined, warn: (message) => this.warnings.push(message) };
  }

  /** Writes images to an OCI layout and answers the `sources` that find them there. */
  async layout(name: string, tags: Readonly<Record<string, Tagged>>): Promise<string> {
    const folder = path.join(this.#folder, name);
    await writeOciLayout(folder, tags);
    return `archive:${folder}`;
  }

  async text(file: string): Promise<string | undefined> {
    return readFile(path.join(this.checkout, file), 'utf8').catch(() => undefined);
  }

  /** Makes what is tracked the last commit, as `pvr commit` does. */
  async commit(): Promise<void> {
    const added = JSON.parse((await this.text('.pvr/new')) ?? '{}') as Record<string, unknown>;
    const state = JSON.parse((await this.text('.pvr/json')) ?? '{}') as Record<string, unknown>;
    for (const file of [...Object.keys(state), ...Object.keys(added)]) {
      if (file === '#spec') continue;
      const content = await readFile(path.join(this.checkout, file)).catch(() => undefined);
      if (content === undefined) Reflect.deleteProperty(state, file);
      else if (file.endsWith('.json')) state[file] = JSON.parse(content.toString('utf8'));
      else state[file] = createHash('sha256').update(content).digest('hex');
    }
    await writeFile(path.join(this.checkout, '.pvr/json'), JSON.stringify(state));
    await rm(path.join(this.checkout, '.pvr/new'), { force: true });
  }

  async manifest(app: string): Promise<SourceManifest> {
    return readSourceManifest((await this.text(`${app}/src.json`)) ?? '', `${app}/src.json`);
  }

  /** What a device shows of these SquashFS files, the topmost first: a line for each path, contents and modes included. */
  async view(...files: readonly string[]): Promise<Record<string, string>> {
    const readers = await Promise.all(
      files.map((file) => SquashfsReader.open(path.join(this.checkout, file), path.resolve('dist'))),
    );
    try {
      const [top, below] = readers;
      if (top === undefined) throw new Error('no file');
      const tree = await top.readTree(this.job());
      const root: Directory<BlockContent> =
        below === undefined ? tree : stackTrees(await below.readTree(this.job()), tree);
      const ownTree = new Set([...walk(tree)].map(([, node]) => node));
      const lines: Record<string, string> = {};
      for (const [name, node] of walk(root)) {
        lines[name] = await this.#describe(node, ownTree.has(node) || below === undefined ? top : below);
      }
      return lines;
    } finally {
      await Promise.all(readers.map((reader) => reader.close()));
    }
  }

  async #describe(node: Node<BlockContent>, reader: SquashfsReader): Promise<string> {
    const { mode, uid, gid } = node.attributes;
    const head = `${node.kind} ${mode.toString(8)} ${uid}:${gid}`;
    if (node.kind !== 'file') return head;
    const chunks: Uint8Array[] = [];
    for await (const chunk of reader.read(node, this.job())) chunks.push(chunk);
    return `${head} ${Buffer.concat(chunks).toString('utf8')}`;
  }
}
