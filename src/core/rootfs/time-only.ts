import type { CompiledFile, PythonModule } from './python-modules';
import type { Node } from './tree';

/** Files of an image that don't lie over the base, though they differ from it, because they do in their times alone. */
export interface TimeOnly {
  readonly files: number;
  /** Bytes of their content, before compression. */
  readonly bytes: number;
}

/**
 * Takes from `changed` what was compiled from Python sources anew and differs in its source's time alone; and adds the sources
 * whose own time must lie beside what else was compiled anew, or Python would compile at every start, since a device can't write
 * the result. A module is the base's as a whole, or the image's: with one compiled file of another kind, all are the image's.
 *
 * @param changed the inodes that differ, with the number of names at which they do.
 * @param isTimeOnly answers for a compiled file at one name whether it differs there in nothing else.
 */
export function settleTimes<B, I>(
  modules: readonly PythonModule<B, I>[],
  changed: Map<Node<I>, number>,
  isTimeOnly: (module: PythonModule<B, I>, compiled: CompiledFile<B, I>) => boolean,
): TimeOnly {
  const recompiled = modules.filter(({ compiled }) => compiled.some(({ after }) => changed.has(after)));
  const timeOnlyNames = new Map<Node<I>, number>();
  const users = new Map<Node<I>, PythonModule<B, I>[]>();
  for (const module of recompiled) {
    use(users, module.source.after, module);
    for (const one of module.compiled) {
      use(users, one.after, module);
      if (changed.has(one.after) && isTimeOnly(module, one)) {
        timeOnlyNames.set(one.after, (timeOnlyNames.get(one.after) ?? 0) + 1);
      }
    }
  }

  const shipped = new Set<PythonModule<B, I>>();
  // What ships takes all names of its inodes along, and with them other modules.
  const ship = (module: PythonModule<B, I>) => shipped.add(module);
  const isMoreThanTime = (node: Node<I>) =>
    changed.has(node) && timeOnlyNames.get(node) !== changed.get(node);
  for (const module of recompiled) {
    if (changed.has(module.source.after) || module.compiled.some(({ after }) => isMoreThanTime(after)))
      ship(module);
  }
  // A set is walked to its end, with what is added on the way.
  for (const { source, compiled } of shipped) {
    if (hasOtherTime(source) && !changed.has(source.after)) {
      changed.set(source.after, 1);
      users.get(source.after)?.forEach(ship);
    }
    for (const { after } of compiled) if (changed.has(after)) users.get(after)?.forEach(ship);
  }

  const leftOut = new Set<Node<I>>();
  for (const module of recompiled) {
    if (shipped.has(module)) continue;
    if (hasOtherTime(module.source)) leftOut.add(module.source.after);
    for (const { after } of module.compiled) if (changed.delete(after)) leftOut.add(after);
  }
  return { files: leftOut.size, bytes: [...leftOut].reduce((sum, node) => sum + sizeOf(node), 0) };
}

function use<B, I>(
  users: Map<Node<I>, PythonModule<B, I>[]>,
  node: Node<I>,
  module: PythonModule<B, I>,
): void {
  const known = users.get(node);
  if (known === undefined) users.set(node, [module]);
  else known.push(module);
}

function hasOtherTime<B, I>({ before, after }: PythonModule<B, I>['source']): boolean {
  return before?.attributes.mtime !== after.attributes.mtime;
}

function sizeOf(node: Node<unknown>): number {
  return node.kind === 'file' ? node.size : 0;
}
