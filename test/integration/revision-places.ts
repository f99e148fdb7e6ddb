import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HashIndex } from '../../src/core/checkout/hashes/hash-index';
import { sha256OfFile } from '../../src/core/files/hash-file';
import type { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';

/** Large enough for the index of hashes, and for a kill to meet its copy. */
const volumeSize = 300_000;

/** A checkout whose objects lie beside it, so that both can be copied together. */
export interface RevisionPlace {
  readonly checkout: string;
  /** As its configuration names it: `../objects`. */
  readonly objects: string;
}

/** What commands of a revision are tried on. */
export interface RevisionPlaces {
  /** Files are new, changed and gone since the last commit, and new ones are added. */
  readonly edited: RevisionPlace;
  /** As it was committed. */
  readonly clean: RevisionPlace;
  /** Another one, to get from; it shares an app and objects with the first. */
  readonly source: RevisionPlace;
  /** An export of that. */
  readonly archive: string;
}

/** @param folder that they are made in; @param pvx makes them. */
export async function makeRevisionPlaces(folder: string, pvx: Pvx): Promise<RevisionPlaces> {
  const clean = await makePlace(path.join(folder, 'clean'), pvx);
  write(clean.checkout, {
    'web/root.squashfs': noise(1),
    'web/run.json': '{"name":"web","n":[1,2]}',
    'web/src.json': '{"docker_name":"web"}',
    'web/lxc.container.conf': 'lxc.rootfs = x\n',
    'db/root.squashfs': noise(2),
    'db/run.json': '{"name":"db"}',
    '_config/web/etc/web.conf': 'a = 1\n',
    'bsp/run.json': '{"linux":"kernel.img"}',
    'bsp/kernel.img': noise(3),
  });
  await pvx.run(clean.checkout, 'add');
  await pvx.run(clean.checkout, 'commit', '-m', 'first');

  const source = {
    checkout: path.join(folder, 'source', 'checkout'),
    objects: path.join(folder, 'source', 'objects'),
  };
  cpSync(path.dirname(clean.checkout), path.dirname(source.checkout), { recursive: true });
  write(source.checkout, {
    'web/root.squashfs': noise(4),
    'web/run.json': '{"name":"web","n":[3]}',
    'more/root.squashfs': noise(5),
    'more/run.json': '{"name":"more"}',
  });
  rmSync(path.join(source.checkout, 'bsp'), { recursive: true });
  await pvx.run(source.checkout, 'add', 'more');
  await pvx.run(source.checkout, 'commit', '-m', 'of the source');
  const archive = path.join(folder, 'source.tgz');
  await pvx.run(source.checkout, 'export', archive);

  const edited = {
    checkout: path.join(folder, 'edited', 'checkout'),
    objects: path.join(folder, 'edited', 'objects'),
  };
  cpSync(path.dirname(clean.checkout), path.dirname(edited.checkout), { recursive: true });
  write(edited.checkout, {
    'web/root.squashfs': noise(6),
    'web/run.json': '{"name":"web","n":[1,2,3]}',
    'web/lxc.container.conf': 'lxc.rootfs = y\n',
    'new/root.squashfs': noise(7),
    'new/run.json': '{"name":"new"}',
    'note.txt': 'nobody adds this\n',
  });
  rmSync(path.join(edited.checkout, '_config'), { recursive: true });
  await pvx.run(edited.checkout, 'add', 'new');
  return { edited, clean, source, archive };
}

/**
 * Makes sure that nothing in a place says what isn't so: objects are what their names say, all that the last commit names are there,
 * and whatever the index of hashes knows of a file is the truth.
 */
export async function requireTruth(checkout: string): Promise<void> {
  const { objects } = placeOf(checkout);
  for (const name of readdirSync(objects).filter((one) => /^[0-9a-f]{64}$/.test(one)))
    assert.equal(await sha256OfFile(path.join(objects, name)), name, 'an object is not what its name says');
  const state = readFileSync(path.join(checkout, '.pvr', 'json'), 'utf8');
  for (const [, id = ''] of state.matchAll(/"([0-9a-f]{64})"/g))
    assert.ok(readdirSync(objects).includes(id), `the last commit names ${id}, which is missing`);
  const hashes = await HashIndex.open(checkout);
  const files = readdirSync(checkout, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const { parentPath, name } of files) {
    const file = path.join(parentPath, name);
    const known = await hashes.known(path.relative(checkout, file));
    if (known !== undefined) assert.equal(await sha256OfFile(file), known, `the index lies about ${file}`);
  }
}

/** Names of what killed processes have left in the store. */
export function draftsIn(checkout: string): readonly string[] {
  return readdirSync(placeOf(checkout).objects).filter((name) => name.endsWith('.new'));
}

export function placeOf(checkout: string): RevisionPlace {
  return { checkout, objects: path.join(path.dirname(checkout), 'objects') };
}

async function makePlace(folder: string, pvx: Pvx): Promise<RevisionPlace> {
  const checkout = path.join(folder, 'checkout');
  mkdirSync(checkout, { recursive: true });
  await pvx.run(checkout, 'init');
  const config = path.join(checkout, '.pvr', 'config');
  const { objects } = placeOf(checkout);
  writeFileSync(config, readFileSync(config, 'utf8').replace(/("ObjectsDir": )"[^"]*"/, '$1"../objects"'));
  mkdirSync(objects);
  return { checkout, objects };
}

function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

function noise(seed: number): Buffer {
  return new Random(seed).bytes(volumeSize);
}
