import type { XzFilter } from '../../../src/core/squashfs/compressors/xz';

/**
 * What looks like machine code to a filter: calls of a few functions from everywhere, whose relative addresses a filter makes
 * absolute, and so the same.
 */
export function callsOf(filter: XzFilter, size: number): Buffer {
  const code = Buffer.alloc(size);
  const bundle = filter === 'ia64' ? 16 : 8;
  for (let at = 0, turn = 0; at + bundle <= size; at += bundle, turn = (turn * 1103515245 + 12345) >>> 0) {
    const distance = ((turn >>> 16) % 40) * 0x1230 + 0x40000 - at;
    writeCall[filter](code, at, distance);
  }
  return code;
}

/** Each writes one call at `at`, to `at + distance`. */
const writeCall: Record<XzFilter, (code: Buffer, at: number, distance: number) => void> = {
  x86(code, at, distance) {
    code.writeUInt8(0xe8, at);
    code.writeInt32LE(distance - 5, at + 1);
  },
  powerpc(code, at, distance) {
    code.writeUInt32BE((0x48000001 | (distance & 0x03fffffc)) >>> 0, at);
  },
  ia64(code, at, distance) {
    // A bundle of one branch, in its last slot (template 0x10: MIB): its 41 bits begin at bit 87.
    const instruction = (5n << 37n) | (BigInt((distance >> 4) & 0xfffff) << 13n);
    const bits = 0x10n | (instruction << 87n);
    code.writeBigUInt64LE(bits & 0xffff_ffff_ffff_ffffn, at);
    code.writeBigUInt64LE((bits >> 64n) & 0xffff_ffff_ffff_ffffn, at + 8);
  },
  arm(code, at, distance) {
    code.writeUInt32LE((0xeb000000 | (((distance - 8) >> 2) & 0xffffff)) >>> 0, at);
  },
  armthumb(code, at, distance) {
    const halves = (distance - 4) >> 1;
    code.writeUInt16LE(0xf000 | ((halves >> 11) & 0x7ff), at);
    code.writeUInt16LE(0xf800 | (halves & 0x7ff), at + 2);
  },
  sparc(code, at, distance) {
    code.writeUInt32BE((0x40000000 | ((distance >> 2) & 0x3fffff)) >>> 0, at);
  },
  arm64(code, at, distance) {
    code.writeUInt32LE((0x94000000 | ((distance >> 2) & 0x3ffffff)) >>> 0, at);
  },
};
