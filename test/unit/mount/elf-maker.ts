/** How an ELF file is written. */
export interface ElfForm {
  readonly bits: 32 | 64;
  readonly byteOrder: 'little' | 'big';
}

export const elfForms: readonly ElfForm[] = ([32, 64] as const).flatMap((bits) =>
  (['little', 'big'] as const).map((byteOrder) => ({ bits, byteOrder })),
);

export const elfContent = {
  buildId: '0123456789abcdef0123456789abcdef01234567',
  interpreter: '/lib/ld-linux.so.3',
  soname: 'libkitchen.so.2',
  needed: ['libc.so.6', 'libtorch10.so'],
} as const;

const address = 0x10000;

/** A shared object for ARM with all that is told of one. */
export function makeElf({ bits, byteOrder }: ElfForm): Buffer {
  const is64 = bits === 64;
  const little = byteOrder === 'little';
  const bytes = Buffer.alloc(2048);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u16 = (at: number, value: number) => view.setUint16(at, value, little);
  const u32 = (at: number, value: number) => view.setUint32(at, value, little);
  const word = (at: number, value: number) =>
    is64 ? view.setBigUint64(at, BigInt(value), little) : u32(at, value);
  const [word32, headSize, entrySize] = is64 ? [8, 64, 56] : [4, 52, 32];

  bytes.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, little ? 1 : 2, 1]);
  u16(16, 3);
  u16(18, is64 ? 183 : 40);
  word(is64 ? 32 : 28, headSize);
  u16(is64 ? 54 : 42, entrySize);
  u16(is64 ? 56 : 44, 4);

  const [notes, strings, dynamic, interpreter] = [512, 640, 1024, 1536] as const;
  const texts = ['', elfContent.soname, ...elfContent.needed];
  const offsets = texts.map((_, at) => texts.slice(0, at).reduce((sum, text) => sum + text.length + 1, 0));
  bytes.write(`${texts.join('\0')}\0`, strings);
  bytes.write(`${elfContent.interpreter}\0`, interpreter);

  u32(notes, 4);
  u32(notes + 4, 4);
  u32(notes + 8, 1);
  bytes.write('ABI\0', notes + 12);
  u32(notes + 20, 4);
  u32(notes + 24, 20);
  u32(notes + 28, 3);
  bytes.write('GNU\0', notes + 32);
  bytes.write(elfContent.buildId, notes + 36, 'hex');

  const entries = [
    [5, address + strings],
    [10, 200],
    [14, offsets[1] ?? 0],
    [1, offsets[2] ?? 0],
    [1, offsets[3] ?? 0],
    [0, 0],
  ];
  for (const [at, [tag = 0, value = 0]] of entries.entries()) {
    word(dynamic + at * 2 * word32, tag);
    word(dynamic + (at * 2 + 1) * word32, value);
  }

  const segments = [
    [1, 0, 2048],
    [2, dynamic, entries.length * 2 * word32],
    [3, interpreter, elfContent.interpreter.length + 1],
    [4, notes, 56],
  ];
  for (const [index, [type = 0, offset = 0, size = 0]] of segments.entries()) {
    const at = headSize + index * entrySize;
    u32(at, type);
    word(at + (is64 ? 8 : 4), offset);
    word(at + (is64 ? 16 : 8), address + offset);
    word(at + (is64 ? 32 : 16), size);
  }
  return bytes;
}
