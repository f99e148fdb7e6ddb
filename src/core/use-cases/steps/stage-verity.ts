import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import { mountedNames, readRunManifest } from '../../checkout/manifests/run-manifest';
import {
  newVerityManifest,
  readVerityManifest,
  type VerityManifest,
  verityManifestText,
} from '../../checkout/manifests/verity-manifest';
import { isVerified, verityManifestPath, volumeFile } from '../../checkout/manifests/volume-name';
import { fileProblem, isMissing, pathExists } from '../../files/file-problem';
import type { Job } from '../../job';
import type { VerityParameters } from '../../verity/tree-superblock';
import { fitsHashFile, writeHashFile } from '../../verity/write-tree';

/**
 * Makes sure that what dm-verity knows about an app's volumes is true after the commit: of each that run.json mounts through
 * it, and of each that has a manifest in `_dm` (`pvr dm-apply` works on these). Hash tree and manifest are made anew for a
 * volume that changes, and go with one that goes. Those of other volumes are read, and the volumes, too: pvr leaves the tree
 * of the file before, often of the same size, and a device refuses that.
 *
 * To be called when everything else of the app is in the transaction.
 *
 * @param runJson as it is going to be.
 */
export async function stageVerity(
  change: ChangingCheckout,
  app: string,
  runJson: string,
  job: Job,
): Promise<void> {
  const run = readRunManifest(runJson, `${app}/run.json`);
  const mounted = mountedNames(run).filter(isVerified).map(volumeFile);
  const known = await volumesWithManifest(change, app);
  for (const volume of [...new Set([...mounted, ...known])].sort()) {
    if (await stageVolumeVerity(change, app, volume, job)) continue;
    // A volume that run.json mounts but nobody has is not this build's business: it may be about to come.
    if (!mounted.includes(volume)) {
      await stageVolumeRemoval(change, app, await readPresent(change, app, volume));
    }
  }
}

/** The same of one volume, whether or not it is mounted so. @returns false where there is no such file: nothing is done then. */
export async function stageVolumeVerity(
  change: ChangingCheckout,
  app: string,
  volume: string,
  job: Job,
): Promise<boolean> {
  const data = await change.transaction.contentOf(`${app}/${volume}`);
  if (data === undefined) return false;
  await stageVolume({ change, app, present: await readPresent(change, app, volume), data, job });
  return true;
}

interface VerifiedVolume {
  readonly change: ChangingCheckout;
  readonly app: string;
  /** What is known about it, which may be nothing. */
  readonly present: VerityManifest;
  /** Where its bytes lie. */
  readonly data: string;
  readonly job: Job;
}

async function stageVolume(verified: VerifiedVolume): Promise<void> {
  const { change, app, present, data, job } = verified;
  const { transaction } = change;
  const { volume } = present;
  const hashDevice = hashDeviceOf(present);
  const target = `${app}/${hashDevice}`;
  if (!transaction.isChanged(`${app}/${volume}`) && (await fits(verified))) return;

  const parameters = parametersOf(app, present);
  const staged = transaction.path(`${app}-${volume}.hash`);
  const rootHash = await hashing(target, staged, job.signal, () =>
    writeHashFile(data, staged, parameters, job.signal),
  );
  transaction.replace(target, staged);
  const text = verityManifestText(present, { ...parameters, hashDevice, rootHash });
  await change.write(verityManifestPath(app, volume), text);
}

async function stageVolumeRemoval(
  change: ChangingCheckout,
  app: string,
  present: VerityManifest,
): Promise<void> {
  await change.remove(`${app}/${hashDeviceOf(present)}`);
  await change.remove(verityManifestPath(app, present.volume));
}

/** Whether tree and manifest are those of the volume. */
async function fits({ change, app, present, data, job }: VerifiedVolume): Promise<boolean> {
  const { volume, dataDevice, hashDevice, rootHash, salt, uuid } = present;
  const isWhole = rootHash !== undefined && salt !== undefined && uuid !== undefined;
  if (!isWhole || dataDevice !== volume || hashDevice !== hashDeviceOf(present)) return false;
  const hashFile = path.join(change.directory, app, hashDevice);
  if (!(await pathExists(hashFile))) return false;
  return hashing(`${app}/${hashDevice}`, hashFile, job.signal, () =>
    fitsHashFile(data, hashFile, Buffer.from(rootHash, 'hex'), { salt, uuid }, job.signal),
  );
}

/**
 * Salt and uuid stay what they are, as with `pvr dm-apply`. New ones are not drawn, as veritysetup does, but follow from the
 * volume's name: the same image gives the same tree in every checkout, and whatever way it came there. A salt is no secret,
 * it stands in the file; it only keeps a list of blocks with known hashes from serving for all volumes.
 */
function parametersOf(app: string, { volume, salt, uuid }: VerityManifest): VerityParameters {
  const named = (what: string) =>
    createHash('sha256').update(`pantavisor ${what} of ${app}/${volume}`).digest();
  return { salt: salt ?? named('salt'), uuid: uuid ?? asUuid(named('uuid')) };
}

/** A uuid of version 8 (RFC 9562, section 5.8) that holds what it may of these bytes. */
function asUuid(bytes: Buffer): Uint8Array {
  const uuid = Buffer.from(bytes.subarray(0, 16));
  uuid.writeUInt8((uuid.readUInt8(6) & 0x0f) | 0x80, 6);
  uuid.writeUInt8((uuid.readUInt8(8) & 0x3f) | 0x80, 8);
  return uuid;
}

/** Where the tree is to lie. A manifest may name any file, and only one that is plainly a tree may be written over. */
function hashDeviceOf({ volume, hashDevice }: VerityManifest): string {
  return hashDevice.endsWith('.hash') ? hashDevice : newVerityManifest(volume).hashDevice;
}

async function readPresent(change: ChangingCheckout, app: string, volume: string): Promise<VerityManifest> {
  const file = verityManifestPath(app, volume);
  const text = await change.text(file);
  return text === undefined ? newVerityManifest(volume) : readVerityManifest(text, volume, file);
}

async function volumesWithManifest({ directory }: ChangingCheckout, app: string): Promise<readonly string[]> {
  const folder = path.join(directory, path.dirname(verityManifestPath(app, 'any')));
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileProblem(`reading what dm-verity knows about ${app}`, folder, error);
  }
}

async function hashing<T>(
  target: string,
  file: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw fileProblem(`making the hash tree ${target}`, file, error);
  }
}
