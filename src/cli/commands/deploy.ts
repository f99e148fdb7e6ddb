import { homedir } from 'node:os';
import path from 'node:path';
import { findCheckoutFrom } from '../../core/checkout/find';
import { defaultObjectsDirectory } from '../../core/checkout/init';
import { Problem } from '../../core/problem';
import { CodecPool } from '../../core/squashfs/codec-pool';
import { type Deployed, deploy as deployTo } from '../../core/use-cases/deploy';
import { codecs } from '../codecs-folder';
import { counted } from '../counted';
import { shownFile } from '../revision-session';
import { type CommonOptions, currentFolder, openSession } from '../session';

export interface DeployOptions extends CommonOptions {
  readonly nomerge?: true;
  readonly force?: true;
  readonly objects?: string;
}

/** Makes a folder what a device has on its disk; of the checkout around the current folder where nothing is named. */
export async function deploy(
  folder: string,
  sources: readonly string[],
  { nomerge, force, objects, ...options }: DeployOptions,
): Promise<void> {
  const { terminal, job } = openSession(options);
  const target = path.resolve(currentFolder(), folder);
  const pool = new CodecPool({ directory: codecs });
  try {
    const request = {
      references: sources.length > 0 ? sources : [await ownCheckout()],
      folder: currentFolder(),
      isWhole: nomerge ?? false,
      isForced: force ?? false,
      objectsDirectory: path.resolve(objects ?? defaultObjectsDirectory(process.env, homedir())),
    };
    const report = await deployTo(target, request, pool, job);
    terminal.result(describe(target, report), { directory: target, ...report }, { hasChanged: true });
  } finally {
    terminal.clearLine();
    await pool.close();
  }
}

async function ownCheckout(): Promise<string> {
  const checkout = await findCheckoutFrom(currentFolder());
  if (checkout !== undefined) return checkout;
  throw new Problem({
    doing: 'looking for what to deploy',
    found: 'the current folder lies in no checkout, and no other is named',
    remedy: 'Name the folder of a checkout, or a file that pvx export has made',
  });
}

function describe(target: string, { files, removed, boot }: Deployed): string {
  const names = Object.keys(boot);
  const isBootable =
    names.length === 0 ? 'There is no bsp, so nothing boots from it.' : `In .pv: ${names.join(', ')}.`;
  return [
    ...removed.map((file) => `Removed ${shownFile(file)}`),
    `Deployed to ${shownFile(target)}: ${counted(files.length, 'file')} written. ${isBootable}`,
  ].join('\n');
}
