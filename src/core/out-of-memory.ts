import { describeError } from './problem';

/**
 * Whether an error says that there was no memory, or no address space, which `ulimit -v` and containers limit, too: as V8,
 * WebAssembly, Node's threads and the operating system say it.
 */
export function isOutOfMemory(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return codes.has(String(code)) || words.test(describeError(error));
}

/** For an error that {@link isOutOfMemory}: sentences without a final stop. */
export const outOfMemory = {
  found: 'there is not enough memory, or not enough address space',
  remedy: 'Close other programs, or raise the limits of this one (ulimit -v, those of its container)',
} as const;

const codes = new Set(['ENOMEM', 'ERR_WORKER_OUT_OF_MEMORY', 'ERR_MEMORY_ALLOCATION_FAILED']);

/** EAGAIN is what a thread that can't be started says. */
const words =
  /out of memory|allocation failed|could not allocate|cannot allocate|^(?:.*: )?(?:EAGAIN|ENOMEM)$/i;
