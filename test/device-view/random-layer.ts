import type { ByteString } from '../../src/core/bytes/byte-string';
import { defaultMode, type Entry, type Inode } from '../image-maker/entry';
import { LayerDraft } from './layer-draft';
import type { ModelTree } from './model';
import type { Random } from './random';
import { randomInode } from './random-inode';
import { compiledPython } from './random-python';

/** A layer that makes `count` changes of all sorts to the tree below it. */
export function randomLayer(random: Random, lower: ModelTree, count: number): Entry[] {
  const draft = new LayerDraft(random, lower);
  for (let left = count; left > 0; left -= 1) random.pick(changes)(draft);
  return draft.finish({ withParents: random.chance(0.5) });
}

/** A layer that fills an empty tree. */
export function randomFirstLayer(random: Random, lower: ModelTree, count: number): Entry[] {
  const draft = new LayerDraft(random, lower);
  if (random.chance(0.5)) draft.put('', randomInode(random, 'directory'));
  if (random.chance(0.9)) addSystemFolders(draft);
  for (let left = count; left > 0; left -= 1) random.pick(additions)(draft);
  if (random.chance(0.1)) addCrowdedFolder(draft);
  return draft.finish({ withParents: false });
}

type Change = (draft: LayerDraft) => void;

const addAnything: Change = (draft) => draft.put(draft.newPath(), randomInode(draft.random));

const addFolderWithContent: Change = (draft) => {
  const folder = draft.newPath();
  draft.put(folder, randomInode(draft.random, 'directory'));
  fillFolder(draft, folder);
};

function fillFolder(draft: LayerDraft, folder: string): void {
  for (let left = draft.random.below(5); left > 0; left -= 1) {
    draft.put(draft.newPath(folder), randomInode(draft.random));
  }
}

/** More entries than one header of a SquashFS directory table can count (256). */
const addCrowdedFolder: Change = (draft) => {
  const folder = draft.newPath();
  draft.put(folder, randomInode(draft.random, 'directory'));
  for (let at = 0; at < 300; at += 1) {
    draft.put(`${folder}/entry-${at}`, { kind: 'file', content: String(at % 7) });
  }
};

/**
 * Folders that no entry describes. Not in a setgid folder: whoever unpacks to a real file system, as umoci does, gets the
 * bit in each of them, and image-spec doesn't say what is right.
 */
const addDeepPath: Change = (draft) => {
  const start = draft.newPath(draft.folder(({ mode = 0 }) => (mode & 0o2000) === 0));
  const names = Array.from({ length: 1 + draft.random.below(30) }, (_, depth) => `level ${depth}`);
  draft.put([start, ...names].join('/'), randomInode(draft.random));
};

const addHardLink: Change = (draft) => {
  const target = draft.untouched(({ kind }) => kind !== 'directory');
  if (target !== undefined) draft.link(draft.newPath(), target);
};

const addLinkedFiles: Change = (draft) => {
  const first = draft.newPath();
  draft.put(first, randomInode(draft.random, draft.random.chance(0.8) ? 'file' : 'symlink'));
  for (let left = 1 + draft.random.below(3); left > 0; left -= 1) draft.link(draft.newPath(), first);
};

/** As `pip install` leaves it; at times compiled files are stale, go by hashes, or share an inode. */
const addPythonModule: Change = (draft) => {
  const { random } = draft;
  const folder = draft.newPath(draft.folder());
  const { mtime = 0 } = randomInode(random, 'file');
  draft.put(folder, { kind: 'directory' });
  draft.put(`${folder}/__pycache__`, { kind: 'directory' });
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const content = `x = ${random.below(5)}\n`;
    draft.put(`${folder}/mod${left}.py`, { kind: 'file', mtime, content });
    const compiled = `${folder}/__pycache__/mod${left}.cpython-311`;
    const time = random.chance(0.9) ? mtime : 0;
    draft.put(`${compiled}.pyc`, { kind: 'file', mtime, content: compiledPython(random, content, time) });
    if (random.chance(0.2)) draft.link(`${compiled}.opt-1.pyc`, `${compiled}.pyc`);
    else if (random.chance(0.3)) {
      const other = compiledPython(random, content, mtime);
      draft.put(`${compiled}.opt-1.pyc`, { kind: 'file', mtime, content: other });
    }
  }
};

/** Places where pvr makes folders or removes a file, with and without something in the way. */
const addSystemFolders: Change = (draft) => {
  const { random } = draft;
  const put = (path: string, chance: number, kind: Parameters<typeof randomInode>[1] = 'directory'): void => {
    if (random.chance(chance) && !draft.tree.has(path)) draft.put(path, randomInode(random, kind));
  };
  put('tmp', 0.3, random.pick(['directory', 'file', 'symlink']));
  put('dev', 0.5);
  put('run', 0.5);
  put('usr', 1);
  put('usr/bin', 1);
  put('usr/bin/qemu-arm-static', 0.3, random.pick(['file', 'symlink', 'directory']));
  put('var', 0.8, random.pick(['directory', 'directory', 'directory', 'symlink', 'file']));
  if (draft.tree.get('var')?.kind === 'directory') {
    put('var/run', 0.5, 'symlink');
    put('var/tmp', 0.3);
  }
};

const additions: readonly [Change, ...Change[]] = [
  addDeepPath,
  addHardLink,
  ...Array.from({ length: 30 }, () => addAnything),
  ...Array.from({ length: 8 }, () => addFolderWithContent),
  ...Array.from({ length: 4 }, () => addLinkedFiles),
  ...Array.from({ length: 3 }, () => addPythonModule),
];

/** The same again with another time only, as every rebuild does it. */
const touch: Change = (draft) => {
  const path = draft.untouched(({ kind }) => kind === 'file');
  const inode = path === undefined ? undefined : draft.tree.get(path);
  if (path !== undefined && inode !== undefined) draft.put(path, { ...inode, mtime: 1_700_000_000 });
};

/** One attribute, or the content or target. */
const changeSlightly: Change = (draft) => {
  const path = draft.random.chance(0.1) ? '' : draft.untouched();
  const inode = path === undefined ? undefined : draft.tree.get(path);
  if (path === undefined || inode === undefined) return;
  const other = randomInode(draft.random, inode.kind);
  const { mode = defaultMode(inode.kind), uid = 0, gid = 0, xattrs = new Map<ByteString, Buffer>() } = inode;
  const kept = { mode, uid, gid, xattrs };
  const { mode: otherMode = 0, uid: otherUid = 0, xattrs: otherXattrs = xattrs } = other;
  draft.put(
    path,
    draft.random.pick<Inode>([
      { ...inode, mode: otherMode },
      { ...inode, uid: otherUid },
      { ...inode, gid: otherUid },
      { ...inode, xattrs: otherXattrs },
      { ...other, ...kept },
      { ...other, ...kept },
    ]),
  );
};

/** Neither size nor time tell of it. */
const changeOneByte: Change = (draft) => {
  const path = draft.untouched((inode) => inode.kind === 'file' && inode.content.length > 0);
  const inode = path === undefined ? undefined : draft.tree.get(path);
  if (path === undefined || inode?.kind !== 'file') return;
  const content = Buffer.from(inode.content);
  const at = draft.random.below(content.length);
  content.writeUInt8(content.readUInt8(at) ^ 1, at);
  draft.put(path, { ...inode, content });
};

const changeFolder: Change = (draft) => {
  const path = draft.untouched(({ kind }) => kind === 'directory');
  if (path !== undefined) draft.put(path, randomInode(draft.random, 'directory'));
};

const replaceWithAnyKind: Change = (draft) => {
  const path = draft.untouched();
  if (path === undefined) return;
  if (draft.random.chance(0.3)) draft.hide(path);
  const inode = randomInode(draft.random);
  draft.put(path, inode);
  if (inode.kind === 'directory') fillFolder(draft, path);
};

const remove: Change = (draft) => {
  const path = draft.untouched();
  if (path !== undefined) draft.hide(path);
};

const removeFolder: Change = (draft) => {
  const path = draft.untouched(({ kind }) => kind === 'directory');
  if (path !== undefined) draft.hide(path);
};

const removeNothing: Change = (draft) => draft.hide(draft.newPath());

const move: Change = (draft) => {
  const path = draft.untouched(({ kind }) => kind !== 'directory');
  const inode = path === undefined ? undefined : draft.tree.get(path);
  if (path === undefined || inode === undefined) return;
  draft.hide(path);
  draft.put(draft.newPath(), { ...inode });
};

/** The folder stays, all in it goes, other things come: as an opaque folder or by removing it first. */
const replaceFolder: Change = (draft) => {
  const path = draft.untouched(({ kind }) => kind === 'directory');
  if (path === undefined) return;
  if (draft.random.chance(0.5)) draft.makeOpaque(path);
  else draft.hide(path);
  draft.put(path, randomInode(draft.random, 'directory'));
  fillFolder(draft, path);
};

const clearFolder: Change = (draft) => {
  const path = draft.untouched(({ kind }) => kind === 'directory');
  if (path !== undefined) draft.makeOpaque(path);
};

const changes: readonly [Change, ...Change[]] = [
  addAnything,
  ...Array.from({ length: 4 }, () => [
    addAnything,
    replaceWithAnyKind,
    changeSlightly,
    changeSlightly,
  ]).flat(),
  addFolderWithContent,
  addDeepPath,
  addHardLink,
  addLinkedFiles,
  touch,
  changeOneByte,
  changeOneByte,
  changeFolder,
  changeFolder,
  remove,
  removeFolder,
  removeNothing,
  move,
  replaceFolder,
  clearFolder,
];
