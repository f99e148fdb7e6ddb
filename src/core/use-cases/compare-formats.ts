import { rm } from 'node:fs/promises';
import type { ByteString } from '../bytes/byte-string';
import { changeCheckout } from '../checkout/change/change-checkout';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import type { SourceManifest } from '../checkout/manifests/source-manifest';
import type { Image } from '../image/image';
import type { Job } from '../job';
import { type Hashed, type RegularFile, walk } from '../rootfs/tree';
import { defaultFormat, encodingId, type SquashfsFormat } from '../squashfs/compression';
import { formatOptionsFor } from '../squashfs/format-options';
import { SquashfsReader } from '../squashfs/reader';
import { type SquashfsSource, writeSquashfs } from '../squashfs/writer';
import type { BuildEnvironment, Workshop } from './environment';
import { readDockerManifest, requireBaseOf, requireExtended } from './steps/app-manifest';
import type { AppTree } from './steps/app-tree';
import { type KernelNeeds, kernelNeeds, otherFormats } from './steps/formats-to-compare';
import { findImage, type ImageWishes, requestForUpdate } from './steps/image-request';
import { imageSource } from './steps/image-tree';
import { withRecordedDigest } from './steps/recorded-digests';
import { formatOf, leftOutOf } from './steps/squashfs-format';
import { readBesideBase, readBesidePresentBase } from './steps/tree-beside-base';
import { compareWithBase } from './steps/write-overlay';
import { resolveKind, type UpdateKind } from './update-app';

export interface CompareFormatsRequest extends ImageWishes {
  readonly app: string;
  readonly kind: UpdateKind;
}

/** What an app's next file would weigh in each form. Plain data. */
export interface FormatComparison {
  readonly app: string;
  readonly kind: 'base' | 'overlay';
  /** The digest of the image that was packed. */
  readonly image: string;
  /** The smallest first. */
  readonly forms: readonly ComparedForm[];
}

export interface ComparedForm {
  /** To be put into src.json. */
  readonly formatOptions: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** A build would take it now. */
  readonly isPresent: boolean;
  readonly needs: KernelNeeds;
}

/**
 * Packs the file that an update would build in each form that is worth a look, and weighs what comes out; nothing of it stays. The
 * image is read once, and so is the base.
 *
 * @throws Problem as `updateApp` does; the signal's reason.
 */
export async function compareFormats(
  checkoutDirectory: string,
  request: CompareFormatsRequest,
  environment: BuildEnvironment,
  job: Job,
): Promise<FormatComparison> {
  const { app } = request;
  const workshop = { ...environment, job };
  const options = { what: `comparing formats of ${app}`, isPreview: true };
  const { result } = await changeCheckout(checkoutDirectory, options, job, async (change) => {
    const manifest = await withRecordedDigest(change, app, await readDockerManifest(change, app));
    const kind = resolveKind(request, manifest);
    await requireExtended(change, app, manifest.fields);
    await using image = await findImage(await requestForUpdate(change, manifest, request), workshop);
    const compared = { change, app, manifest, image, workshop };
    const forms = await (kind === 'patch' ? formsOfOverlay(compared) : formsOfBase(compared));
    return { app, kind: kind === 'patch' ? 'overlay' : 'base', image: image.digest, forms } as const;
  });
  return result;
}

interface Compared {
  readonly change: ChangingCheckout;
  readonly app: string;
  readonly manifest: SourceManifest;
  readonly image: Image;
  readonly workshop: Workshop;
}

async function formsOfOverlay(compared: Compared): Promise<readonly ComparedForm[]> {
  const { change, app, manifest, image, workshop } = compared;
  const wanted = { source: imageSource(image), leftOut: leftOutOf(manifest) };
  const beside = await readBesideBase(wanted, await requireBaseOf(change, app, manifest.fields), workshop);
  await using base = beside.base;
  const { root } = await compareWithBase(base, beside.tree, workshop);
  return await packed({ ...beside.tree, root }, formatOf(manifest, base.reader.format), compared);
}

async function formsOfBase(compared: Compared): Promise<readonly ComparedForm[]> {
  const { change, app, manifest, image, workshop } = compared;
  const wanted = { source: imageSource(image), leftOut: leftOutOf(manifest) };
  const { tree, base } = await readBesidePresentBase(wanted, change, app, workshop);
  await using present = base;
  return await packed(tree, formatOf(manifest, present?.reader.format ?? defaultFormat), compared);
}

/** All forms, from the smallest; the bytes of the others are taken from the file in the present one. */
async function packed<C extends Hashed>(
  tree: AppTree<C>,
  present: SquashfsFormat,
  { change, app, manifest, image, workshop }: Compared,
): Promise<readonly ComparedForm[]> {
  const { pool, job } = workshop;
  const leftOut = leftOutOf(manifest);
  const others = otherFormats(image.platform?.architecture).filter(
    (format) => encodingId(format) !== encodingId(present),
  );
  const count = 1 + others.length;
  const weigh = (source: SquashfsSource<C>, format: SquashfsFormat, file: string, index: number) =>
    writeSquashfs(file, source, { format, time: tree.time, pool, job: inPart(job, index, count) });

  const first = change.transaction.path(`${app}-present-format`);
  const other = change.transaction.path(`${app}-other-format`);
  const forms = [formOf(present, await weigh(tree, present, first, 0), true, leftOut)];
  await using reader = await SquashfsReader.open(first, pool.directory);
  const source = await readFrom(reader, tree, job);
  for (const [index, format] of others.entries()) {
    job.signal.throwIfAborted();
    forms.push(formOf(format, await weigh(source, format, other, index + 1), false, leftOut));
    await rm(other);
  }
  return forms.sort((a, b) => a.size - b.size);
}

function formOf(
  format: SquashfsFormat,
  size: number,
  isPresent: boolean,
  leftOut: readonly ByteString[],
): ComparedForm {
  return { formatOptions: formatOptionsFor(format, leftOut), size, isPresent, needs: kernelNeeds(format) };
}

/** The same tree, with its bytes from a file that holds it. */
async function readFrom<C extends Hashed>(
  reader: SquashfsReader,
  tree: AppTree<C>,
  job: Job,
): Promise<SquashfsSource<C>> {
  const written = new Map(walk(await reader.readTree(job)));
  const stored = new Map<RegularFile<C>, ReturnType<typeof written.get>>();
  for (const [path, node] of walk(tree.root)) if (node.kind === 'file') stored.set(node, written.get(path));
  return {
    ...tree,
    async *contents(wanted) {
      for (const file of wanted) {
        const node = stored.get(file);
        if (node?.kind !== 'file') throw new Error('compareFormats: a file that was not written');
        yield await Promise.resolve({ file, chunks: reader.read(node, job) });
      }
    },
  };
}

/** A job whose packing is one of several parts of the same size. */
function inPart(job: Job, index: number, count: number): Job {
  return {
    signal: job.signal,
    warn: (message, about) => index === 0 && job.warn(message, about),
    progress: (phase, done, total) =>
      total === undefined
        ? job.progress(phase, done, total)
        : job.progress(phase, index * total + done, count * total),
  };
}
