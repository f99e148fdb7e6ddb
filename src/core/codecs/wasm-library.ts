import { readFile } from 'node:fs/promises';
import { LoadedOnce } from '../loaded-once';
import { isOutOfMemory } from '../out-of-memory';
import { describeError, Problem } from '../problem';

/** What is used of the standard WebAssembly global, which Node has and its type declarations lack. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object): Promise<{ readonly exports: unknown }>;
};

/**
 * What every C library has as WASM, in its module's 32-bit address space: a pointer or `size_t` is a number. `memory` must be
 * looked at anew after each call, which may have moved it.
 */
export interface WasmExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
}

/** A C library as scripts/ builds it; `E` are its functions and those of {@link WasmExports}. */
export class WasmLibrary<E extends WasmExports> {
  readonly #compiled = new LoadedOnce<object>();

  /** @param what for messages: `the xz compressor`. */
  constructor(
    private readonly what: string,
    private readonly functions: readonly (keyof E & string)[],
  ) {}

  /** Memory and state of its own, which go when nobody refers to it any more. @throws Problem when the file isn't as it should be. */
  async instantiate(wasmFile: string): Promise<E> {
    try {
      const module = await this.#compiled.get(wasmFile, async () =>
        WebAssembly.compile(await readFile(wasmFile)),
      );
      const { exports } = await WebAssembly.instantiate(module);
      if (!this.#isComplete(exports)) throw new Error('it lacks functions that it should have');
      return exports;
    } catch (error) {
      if (isOutOfMemory(error)) throw error;
      throw new Problem({
        doing: `loading ${this.what} from ${wasmFile}`,
        found: describeError(error),
        remedy: 'Install the program again; a part of it is missing or damaged',
        cause: error,
      });
    }
  }

  #isComplete(value: unknown): value is E {
    if (typeof value !== 'object' || value === null) return false;
    const exports = new Map<string, unknown>(Object.entries(value));
    return (
      typeof exports.get('memory') === 'object' &&
      ['malloc', ...this.functions].every((name) => typeof exports.get(name) === 'function')
    );
  }
}
