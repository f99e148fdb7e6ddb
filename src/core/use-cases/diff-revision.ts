import type { App } from '../checkout/app';
import { type Checkout, readWithWaiting } from '../checkout/checkout';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { topFolder } from '../checkout/paths';
import type { RestartImpact } from '../checkout/restart-impact';
import { downloadOf, type Waiting } from '../checkout/working-state';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { compareKeys } from '../json/key-order';
import { hashLargeFiles } from './hash-large-files';
import { impactOn } from './steps/impact';

/** What the next commit means to a device that has the last one. */
export interface RevisionWeight {
  /** Bytes that it downloads in all: what several parts share counts once. */
  readonly download: number;
  readonly restart: RestartImpact;
  /** By name. */
  readonly parts: readonly PartWeight[];
}

/** An app with its `_config`, or what else lies at the checkout's top. */
export interface PartWeight {
  readonly name: string;
  /** Paths below the checkout. */
  readonly files: readonly string[];
  /** Bytes. */
  readonly download: number;
  readonly restart: RestartImpact;
}

/** Weighs what isn't committed yet. @throws Problem when the checkout can't be read; the signal's reason. */
export async function weighRevision(
  opened: OpenedCheckout,
  hasher: FileHasher,
  job: Job,
): Promise<RevisionWeight> {
  await hashLargeFiles(opened, {}, hasher, job);
  const { checkout, waiting } = await readWithWaiting(opened, job.signal);
  const state = await opened.state();
  const names = [...new Set(waiting.files.map((file) => partOf(file, checkout.apps)))].sort(compareKeys);
  return {
    download: downloadOf(waiting, state),
    restart: impactOn(checkout, waiting.files).restart,
    parts: names.map((name) => {
      const part = waitingIn(name, waiting, checkout);
      return {
        name,
        files: part.files,
        download: downloadOf(part, state),
        restart: impactOn(checkout, part.files).restart,
      };
    }),
  };
}

/** What is laid over an app's files is a part of it to a device. */
function partOf(file: string, apps: readonly App[]): string {
  const [top, owner] = file.split('/');
  const isOfApp = top === '_config' && apps.some(({ name }) => name === owner);
  return isOfApp && owner !== undefined ? owner : topFolder(file);
}

function waitingIn(name: string, { files, objects }: Waiting, { apps }: Checkout): Waiting {
  const isIn = (file: string) => partOf(file, apps) === name;
  return {
    files: files.filter(isIn),
    objects: new Map([...objects].filter(([file]) => isIn(file))),
  };
}
