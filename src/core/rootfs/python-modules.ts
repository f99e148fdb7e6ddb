import type { ByteString } from '../bytes/byte-string';
import type { CompiledPython } from './compiled-python';
import { sameAttributes, type SameContent, sameNode } from './differences';
import { followLinks } from './open-tree';
import { type Directory, type Node, nodeAt, type RegularFile, walkBoth } from './tree';

/** Where Python keeps what it has compiled of the sources in a folder (PEP 3147). */
const compiledFolder = '__pycache__';
/** `mod.cpython-312.opt-1.pyc` is what Python has made of `mod.py` (PEP 3147, PEP 488). */
const nameInFolder = /^(.+?)\.[\w-]+(?:\.opt-\w+)?\.pyc$/;
/** `mod.pyc` beside `mod.py`: Python 2, and `compileall -b`. */
const nameBesideSource = /^(.+)\.py[co]$/;

/** What a folder of two trees has of a Python source: the source and all that was compiled from it. */
export interface PythonModule<B, A> {
  readonly source: PythonSource<B, A>;
  readonly compiled: readonly CompiledFile<B, A>[];
}

export interface PythonSource<B, A> {
  /** What the first tree has where the second has the source. */
  readonly before: Node<B> | undefined;
  readonly after: RegularFile<A>;
  /** In both trees the source lies there: it may be a link, whose target's time Python goes by. */
  readonly isInSamePlace: boolean;
}

export interface CompiledFile<B, A> {
  readonly path: ByteString;
  readonly before: Node<B> | undefined;
  readonly after: Node<A>;
}

/** The modules of one folder of two trees, whose roots they are; of most folders, none. */
export function* modulesOf<B, A>(
  roots: Roots<B, A>,
  path: ByteString,
  before: Node<B> | undefined,
  after: Directory<A>,
): Generator<PythonModule<B, A>, void, undefined> {
  const modules = new Map<ByteString, CompiledFile<B, A>[]>();
  const was = childrenOf(before);
  for (const one of compiledIn(path, was, after.children, nameBesideSource)) add(modules, one);
  const folder = after.children.get(compiledFolder);
  if (folder?.kind === 'directory') {
    const inside = join(path, compiledFolder);
    const wasInside = childrenOf(was.get(compiledFolder));
    for (const one of compiledIn(inside, wasInside, folder.children, nameInFolder)) add(modules, one);
  }
  for (const [stem, compiled] of modules) {
    const source = sourceAt(roots, join(path, `${stem}.py`), after.children.get(`${stem}.py`));
    if (source !== undefined) yield { source, compiled };
  }
}

export interface Roots<B, A> {
  readonly before: Directory<B>;
  readonly after: Directory<A>;
}

function sourceAt<B, A>(
  { before, after }: Roots<B, A>,
  path: ByteString,
  node: Node<A> | undefined,
): PythonSource<B, A> | undefined {
  if (node === undefined) return undefined;
  const place = node.kind === 'symlink' ? followLinks(after, path)?.join('/') : path;
  const source = place === undefined ? undefined : nodeAt(after, place);
  if (place === undefined || source?.kind !== 'file') return undefined;
  const was = nodeAt(before, path);
  const wasPlace = was?.kind === 'symlink' ? followLinks(before, path)?.join('/') : path;
  return { before: nodeAt(before, place), after: source, isInSamePlace: wasPlace === place };
}

function* compiledIn<B, A>(
  path: ByteString,
  before: ReadonlyMap<ByteString, Node<B>>,
  after: ReadonlyMap<ByteString, Node<A>>,
  pattern: RegExp,
): Generator<readonly [stem: ByteString, file: CompiledFile<B, A>], void, undefined> {
  for (const [name, node] of after) {
    const stem = name.includes('.py') ? pattern.exec(name)?.[1] : undefined;
    if (stem !== undefined) {
      yield [stem, { path: join(path, name), before: before.get(name), after: node }];
    }
  }
}

function add<T>(modules: Map<ByteString, T[]>, [stem, file]: readonly [ByteString, T]): void {
  const known = modules.get(stem);
  if (known === undefined) modules.set(stem, [file]);
  else known.push(file);
}

function childrenOf<C>(node: Node<C> | undefined): ReadonlyMap<ByteString, Node<C>> {
  return node?.kind === 'directory' ? node.children : new Map<ByteString, Node<C>>();
}

function join(path: ByteString, name: ByteString): ByteString {
  return path === '' ? name : `${path}/${name}`;
}

/** What is known of the compiled files of two trees. */
export interface CompiledFacts<B, A> {
  readonly before: ReadonlyMap<RegularFile<B>, CompiledPython>;
  readonly after: ReadonlyMap<RegularFile<A>, CompiledPython>;
}

/** A compiled file and its source, as one of two trees has them. */
interface WithSource<C> {
  readonly file: RegularFile<C>;
  readonly source: RegularFile<C>;
}

/** The same file of two trees with other bytes, beside equal sources: it may differ in its source's time alone. */
export interface CompiledPair<B, A> {
  readonly before: WithSource<B>;
  readonly after: WithSource<A>;
}

/** Undefined where nothing differs, more than bytes of the file do, or its source does. */
export function comparablePair<B, A>(
  { source }: PythonModule<B, A>,
  { before, after }: CompiledFile<B, A>,
  sameContent: SameContent<B, A>,
): CompiledPair<B, A> | undefined {
  if (before?.kind !== 'file' || after.kind !== 'file') return undefined;
  if (source.before?.kind !== 'file' || !source.isInSamePlace) return undefined;
  if (before.size !== after.size || !sameAttributes(before.attributes, after.attributes)) return undefined;
  if (sameContent(before, after) || !sameNode(source.before, source.after, sameContent)) return undefined;
  return {
    before: { file: before, source: source.before },
    after: { file: after, source: source.after },
  };
}

/**
 * Whether the two differ in the time that they name alone, and each names that of its own source: Python takes either as
 * fresh where it lies beside its source, and runs the same code.
 */
export function differsInTimeAlone<B, A>(
  { before, after }: CompiledPair<B, A>,
  facts: CompiledFacts<B, A>,
): boolean {
  const was = facts.before.get(before.file);
  const is = facts.after.get(after.file);
  if (was === undefined || is === undefined) return false;
  return (
    was.others === is.others &&
    was.sourceTime === before.source.attributes.mtime &&
    is.sourceTime === after.source.attributes.mtime
  );
}

/** All modules of two trees. */
function* allModules<B, A>(roots: Roots<B, A>): Generator<PythonModule<B, A>, void, undefined> {
  for (const pair of walkBoth(roots.before, roots.after, 'shared')) {
    if (pair.after?.kind === 'directory') yield* modulesOf(roots, pair.path, pair.before, pair.after);
  }
}

/** The compiled files of two trees that may differ in a time alone, by their paths. */
export function* compiledQuestions<B, A>(
  before: Directory<B>,
  after: Directory<A>,
  sameContent: SameContent<B, A>,
): Generator<readonly [path: ByteString, pair: CompiledPair<B, A>], void, undefined> {
  for (const module of allModules({ before, after })) {
    for (const compiled of module.compiled) {
      const pair = comparablePair(module, compiled, sameContent);
      if (pair !== undefined) yield [compiled.path, pair];
    }
  }
}

/** The paths at which compiled files of two trees differ in a time alone. */
export function timeOnlyPaths<B, A>(
  before: Directory<B>,
  after: Directory<A>,
  sameContent: SameContent<B, A>,
  facts: CompiledFacts<B, A>,
): ReadonlySet<ByteString> {
  const paths = new Set<ByteString>();
  if (facts.before.size === 0) return paths;
  for (const [path, pair] of compiledQuestions(before, after, sameContent)) {
    if (differsInTimeAlone(pair, facts)) paths.add(path);
  }
  return paths;
}
