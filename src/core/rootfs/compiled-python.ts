import { createHash } from 'node:crypto';
import type { ByteString } from '../bytes/byte-string';

/** What Python has compiled of a source, in a file that is fresh while it names the source's time (PEP 552, flags 0). */
export interface CompiledPython {
  /** Seconds since 1970, modulo 2^32. */
  readonly sourceTime: number;
  /** The sha256 (hex) of all bytes but the time's. */
  readonly others: string;
}

/** Magic number, flags, the source's time and size (PEP 552; CPython, Lib/importlib/_bootstrap_external.py). */
const headerSize = 16;
const flagsAt = 4;
const timeAt = { start: 8, end: 12 } as const;

/**
 * Learns that of a file, of whose bytes each is given once and in order. Before Python 3.7 there were no flags, but the time in
 * their place; such files are never of this kind, since what no time is in is stale wherever it lies.
 */
export class CompiledPythonHash {
  readonly #header = Buffer.alloc(headerSize);
  readonly #others = createHash('sha256');
  #known = 0;

  update(bytes: Uint8Array): void {
    const ofHeader = Math.min(headerSize - this.#known, bytes.length);
    if (ofHeader > 0) {
      this.#header.set(bytes.subarray(0, ofHeader), this.#known);
      this.#known += ofHeader;
      if (this.#known < headerSize) return;
      this.#others.update(this.#header.subarray(0, timeAt.start)).update(this.#header.subarray(timeAt.end));
    }
    if (this.#dependsOnTime) this.#others.update(bytes.subarray(ofHeader));
  }

  /** Undefined of a file that is none, or that goes by its source's hash. To be asked once. */
  finish(): CompiledPython | undefined {
    if (this.#known < headerSize || !this.#dependsOnTime) return undefined;
    return { sourceTime: this.#header.readUInt32LE(timeAt.start), others: this.#others.digest('hex') };
  }

  get #dependsOnTime(): boolean {
    return this.#header.readUInt32LE(flagsAt) === 0;
  }
}

/** Whether a file with this name may be one. */
export function isCompiledName(name: ByteString): boolean {
  return name.endsWith('.pyc');
}
