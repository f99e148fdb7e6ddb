import { Problem } from '../problem';
import { LoadedOnce } from './loaded-once';

/** The C functions of libzstd (zstd.h) that are needed here: pointers and sizes are numbers. */
export interface Libzstd {
  /** The module's memory; to be looked at anew after each call, which may have moved it. */
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  readonly zstd: {
    compress(output: number, capacity: number, input: number, size: number, level: number): number;
    decompress(output: number, capacity: number, input: number, size: number): number;
    isError(result: number): boolean;
    getErrorName(result: number): string;
    compressBound(size: number): number;
  };
}

const loaded = new LoadedOnce<Libzstd>();

/**
 * The module inside `@hpcc-js/wasm-zstd`. Its public functions won't do: they decompress to whatever size the data
 * claims, and copy results through an array of numbers, which takes longer by far than zstd itself (1.12.5). Since they
 * are private fields, package.json pins the package to one version.
 */
export function loadLibzstd(): Promise<Libzstd> {
  return loaded.get('libzstd', load);
}

async function load(): Promise<Libzstd> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const library = field(field(await Zstd.load(), '_mainModule'), '_module');
  if (!isLibzstd(library)) {
    throw new Problem({
      doing: 'loading the zstd compressor',
      found: 'it lacks the functions of @hpcc-js/wasm-zstd 1.12.5',
      remedy: 'Install the program again; a part of it is missing or damaged',
    });
  }
  return library;
}

function field(value: unknown, name: string): unknown {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject ? Reflect.get(value, name) : undefined;
}

function isLibzstd(value: unknown): value is Libzstd {
  const functions = ['compress', 'decompress', 'isError', 'getErrorName', 'compressBound'];
  return (
    field(value, 'HEAPU8') instanceof Uint8Array &&
    typeof field(value, '_malloc') === 'function' &&
    functions.every((name) => typeof field(field(value, 'zstd'), name) === 'function')
  );
}
