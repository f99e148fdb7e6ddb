import { readFile } from 'node:fs/promises';
import { describeError, Problem } from '../problem';
import { LoadedOnce } from './loaded-once';

/** What is used of the standard WebAssembly global, which Node has and its type declarations lack. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Readonly<Record<string, Readonly<Record<string, (size: number) => number>>>>,
  ): Promise<{ readonly instance: { readonly exports: unknown } }>;
};

/**
 * The C functions of liblzma (lzma/container.h) that are needed here, in the module's 32-bit address space: a pointer
 * or `size_t` is a number. `memory` must be looked at anew after each call, which may have moved it.
 */
export interface Liblzma {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  lzma_stream_buffer_encode(
    filters: number,
    check: number,
    allocator: number,
    input: number,
    inputSize: number,
    output: number,
    outputPosition: number,
    outputSize: number,
  ): number;
  lzma_stream_buffer_decode(
    memoryLimit: number,
    flags: number,
    allocator: number,
    input: number,
    inputPosition: number,
    inputSize: number,
    output: number,
    outputPosition: number,
    outputSize: number,
  ): number;
}

const wasmPageSize = 65536;
/** An encoder with a 1 MiB dictionary needs some 14 MiB, a decoder 9 MiB. */
const memoryLimit = 128 * 1024 * 1024;

const loaded = new LoadedOnce<Liblzma>();

/** The liblzma in the WASM file of npm's node-liblzma; one instance per file and thread. */
export function loadLiblzma(wasmFile: string): Promise<Liblzma> {
  return loaded.get(wasmFile, () => instantiate(wasmFile));
}

async function instantiate(wasmFile: string): Promise<Liblzma> {
  let memory: RawExports['b'] | undefined;
  /** The module's sole import, emscripten_resize_heap: 1 when the memory could be made `size` bytes large. */
  const resizeHeap = (size: number) => {
    // WASM passes an unsigned size as a signed number.
    const wanted = size >>> 0;
    if (memory === undefined || wanted > memoryLimit) return 0;
    memory.grow(Math.ceil((wanted - memory.buffer.byteLength) / wasmPageSize));
    return 1;
  };
  try {
    const { instance } = await WebAssembly.instantiate(await readFile(wasmFile), { a: { a: resizeHeap } });
    const raw = instance.exports;
    if (!isRawExports(raw)) throw new Error('it lacks the functions of node-liblzma 5.1.3');
    memory = raw.b;
    raw.c();
    return {
      memory: raw.b,
      malloc: raw.s,
      lzma_stream_buffer_encode: raw.n,
      lzma_stream_buffer_decode: raw.q,
    };
  } catch (error) {
    throw new Problem({
      doing: `loading the xz compressor from ${wasmFile}`,
      found: describeError(error),
      remedy: 'Install the program again; a part of it is missing or damaged',
      cause: error,
    });
  }
}

/**
 * The module's own names, as its minified glue (node-liblzma 5.1.3, lib/wasm/liblzma.js) assigns them. They change with
 * the package, which is why package.json pins it to one version; the tests compare the bytes that come out.
 */
interface RawExports {
  readonly b: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** __wasm_call_ctors */
  readonly c: () => void;
  readonly n: Liblzma['lzma_stream_buffer_encode'];
  readonly q: Liblzma['lzma_stream_buffer_decode'];
  readonly s: Liblzma['malloc'];
}

function isRawExports(value: unknown): value is RawExports {
  if (typeof value !== 'object' || value === null) return false;
  const exports = new Map<string, unknown>(Object.entries(value));
  return (
    typeof exports.get('b') === 'object' &&
    ['c', 'n', 'q', 's'].every((n) => typeof exports.get(n) === 'function')
  );
}
