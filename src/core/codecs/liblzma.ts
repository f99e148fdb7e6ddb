import { LoadedOnce } from '../loaded-once';
import { type WasmExports, WasmLibrary } from './wasm-library';

/** The functions of liblzma (lzma/container.h, lzma/base.h) that are needed here. */
export interface Liblzma extends WasmExports {
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
  lzma_stream_decoder(stream: number, memoryLimit: bigint, flags: number): number;
  lzma_code(stream: number, action: number): number;
}

/** What its functions answer (lzma/base.h, `lzma_ret`). */
export const lzmaResult = {
  ok: 0,
  streamEnd: 1,
  memoryError: 5,
  memoryLimitError: 6,
  formatError: 7,
  optionsError: 8,
  dataError: 9,
  bufferError: 10,
} as const;

/** What scripts/liblzma/build.sh builds. */
export const liblzma = new WasmLibrary<Liblzma>('the xz compressor', [
  'lzma_stream_buffer_encode',
  'lzma_stream_buffer_decode',
  'lzma_stream_decoder',
  'lzma_code',
]);

const loaded = new LoadedOnce<Liblzma>();

/** One instance per file and thread, for what leaves nothing behind in it. */
export function loadLiblzma(wasmFile: string): Promise<Liblzma> {
  return loaded.get(wasmFile, () => liblzma.instantiate(wasmFile));
}
