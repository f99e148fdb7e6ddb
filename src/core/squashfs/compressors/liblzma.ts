import { readFile } from 'node:fs/promises';
import { isOutOfMemory } from '../../out-of-memory';
import { describeError, Problem } from '../../problem';
import { LoadedOnce } from '../loaded-once';

/** What is used of the standard WebAssembly global, which Node has and its type declarations lack. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array): Promise<{ readonly instance: { readonly exports: unknown } }>;
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

const loaded = new LoadedOnce<Liblzma>();

/** The liblzma that scripts/liblzma/build.sh builds; one instance per file and thread. */
export function loadLiblzma(wasmFile: string): Promise<Liblzma> {
  return loaded.get(wasmFile, () => instantiate(wasmFile));
}

async function instantiate(wasmFile: string): Promise<Liblzma> {
  try {
    const { instance } = await WebAssembly.instantiate(await readFile(wasmFile));
    if (!isLiblzma(instance.exports)) throw new Error('it lacks the functions of liblzma');
    return instance.exports;
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    throw new Problem({
      doing: `loading the xz compressor from ${wasmFile}`,
      found: describeError(error),
      remedy: 'Install the program again; a part of it is missing or damaged',
      cause: error,
    });
  }
}

function isLiblzma(value: unknown): value is Liblzma {
  if (typeof value !== 'object' || value === null) return false;
  const exports = new Map<string, unknown>(Object.entries(value));
  return (
    typeof exports.get('memory') === 'object' &&
    ['malloc', 'lzma_stream_buffer_encode', 'lzma_stream_buffer_decode'].every(
      (name) => typeof exports.get(name) === 'function',
    )
  );
}
