/** What an ELF file (System V ABI, "Object Files" and "Dynamic Linking") says of itself. */
export interface ElfFacts {
  readonly bits: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  /** `executable`, `shared object` (position-independent programs are that, too), `object file`; undefined of others. */
  readonly type: string | undefined;
  /** `AArch64`; the number where it has no name here. */
  readonly machine: string;
  /** Hex; the GNU one, which debug symbols and crash reports are found by. */
  readonly buildId: string | undefined;
  readonly interpreter: string | undefined;
  readonly soname: string | undefined;
  /** The libraries that it is loaded with, in their order. */
  readonly needed: readonly string[];
}

/** Bytes from `start` to before `end`; fewer where the file ends. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

/* What anybody may have made is read no further than this; real files stay far below. */
const mostHeaders = 512;
const mostNotes = 1 << 16;
const mostDynamic = 1 << 16;
const mostStrings = 1 << 20;
const mostNeeded = 256;
const longestName = 1024;
/** Sums of two places stay whole numbers. */
const largestFile = 2n ** 52n;

/** Undefined of what is no ELF file. Of one that is damaged or cut short, what there is of it. */
export async function readElf(read: ReadRange): Promise<ElfFacts | undefined> {
  const head = fieldsOf(await read(0, 64));
  if (head === undefined) return undefined;
  const { fields, is64 } = head;
  const type = fields.u16(16);
  const machine = fields.u16(18);
  if (type === undefined || machine === undefined) return undefined;
  const segments = await table(read, fields, programTable(fields, is64), segmentOf);
  const notes = segments.filter((one) => one.type === segmentTypes.note);
  const sections = notes.length > 0 ? [] : await table(read, fields, sectionTable(fields, is64), sectionOf);
  const interpreter = segments.find((one) => one.type === segmentTypes.interpreter);
  return {
    bits: is64 ? 64 : 32,
    byteOrder: fields.isLittle ? 'little' : 'big',
    type: types[type],
    machine: machines[machine] ?? String(machine),
    buildId: await buildIdIn(read, fields, [...notes, ...sections.filter((one) => one.type === sectionNote)]),
    interpreter:
      interpreter &&
      nameAt(await read(interpreter.offset, interpreter.offset + Math.min(interpreter.size, longestName)), 0),
    ...(await dynamicFacts(read, fields, segments)),
  };
}

const types: Readonly<Partial<Record<number, string>>> = {
  1: 'object file',
  2: 'executable',
  3: 'shared object',
  4: 'core dump',
};
const machines: Readonly<Partial<Record<number, string>>> = {
  2: 'SPARC',
  3: 'x86',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC64',
  22: 'S390',
  40: 'ARM',
  43: 'SPARC V9',
  62: 'x86-64',
  94: 'Xtensa',
  183: 'AArch64',
  243: 'RISC-V',
  247: 'BPF',
  258: 'LoongArch',
};

const segmentTypes = { load: 1, dynamic: 2, interpreter: 3, note: 4 } as const;
const sectionNote = 7;

/** Numbers as a file has them; undefined of those that lie outside of what was read. */
class Fields {
  readonly #view: DataView;

  constructor(
    bytes: Uint8Array,
    readonly isLittle: boolean,
    readonly is64: boolean,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#view.byteLength;
  }

  /** Other bytes of the same file. */
  of(bytes: Uint8Array): Fields {
    return new Fields(bytes, this.isLittle, this.is64);
  }

  u16(at: number): number | undefined {
    return this.#has(at, 2) ? this.#view.getUint16(at, this.isLittle) : undefined;
  }

  u32(at: number): number | undefined {
    return this.#has(at, 4) ? this.#view.getUint32(at, this.isLittle) : undefined;
  }

  /** What is 4 or 8 bytes long as the file is of 32 or 64 bits; undefined of what no file is as large as. */
  word(at: number): number | undefined {
    if (!this.is64) return this.u32(at);
    if (!this.#has(at, 8)) return undefined;
    const value = this.#view.getBigUint64(at, this.isLittle);
    return value < largestFile ? Number(value) : undefined;
  }

  #has(at: number, size: number): boolean {
    return at >= 0 && at + size <= this.#view.byteLength;
  }
}

function fieldsOf(bytes: Uint8Array): { readonly fields: Fields; readonly is64: boolean } | undefined {
  const isElf = bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  const size = bytes[4];
  const order = bytes[5];
  if (!isElf || (size !== 1 && size !== 2) || (order !== 1 && order !== 2)) return undefined;
  const is64 = size === 2;
  return { fields: new Fields(bytes, order === 1, is64), is64 };
}

interface Table {
  readonly offset: number | undefined;
  readonly entrySize: number | undefined;
  readonly count: number | undefined;
}

function programTable(fields: Fields, is64: boolean): Table {
  const [sizes, offset] = is64 ? [54, 32] : [42, 28];
  return { offset: fields.word(offset), entrySize: fields.u16(sizes), count: fields.u16(sizes + 2) };
}

function sectionTable(fields: Fields, is64: boolean): Table {
  const [sizes, offset] = is64 ? [58, 40] : [46, 32];
  return { offset: fields.word(offset), entrySize: fields.u16(sizes), count: fields.u16(sizes + 2) };
}

/** A part of the file, and where it lies in memory. */
interface Part {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

async function table(
  read: ReadRange,
  fields: Fields,
  { offset = 0, entrySize = 0, count = 0 }: Table,
  partOf: (fields: Fields, at: number) => Part | undefined,
): Promise<readonly Part[]> {
  if (offset === 0 || entrySize < 32 || entrySize > 256 || count === 0) return [];
  const known = Math.min(count, mostHeaders);
  const bytes = fields.of(await read(offset, offset + known * entrySize));
  return Array.from({ length: known }, (_, at) => partOf(bytes, at * entrySize)).filter(
    (part) => part !== undefined,
  );
}

function segmentOf(fields: Fields, at: number): Part | undefined {
  const [offsetAt, addressAt, sizeAt] = fields.is64 ? [8, 16, 32] : [4, 8, 16];
  return part(
    fields.u32(at),
    fields.word(at + offsetAt),
    fields.word(at + addressAt),
    fields.word(at + sizeAt),
  );
}

function sectionOf(fields: Fields, at: number): Part | undefined {
  const [addressAt, offsetAt, sizeAt] = fields.is64 ? [16, 24, 32] : [12, 16, 20];
  return part(
    fields.u32(at + 4),
    fields.word(at + offsetAt),
    fields.word(at + addressAt),
    fields.word(at + sizeAt),
  );
}

function part(
  type: number | undefined,
  offset: number | undefined,
  address: number | undefined,
  size: number | undefined,
): Part | undefined {
  if (type === undefined || offset === undefined || address === undefined || size === undefined)
    return undefined;
  return { type, offset, address, size };
}

/** Of notes: the length of the name and of what it says, the type, and both, each padded to 4 bytes. */
async function buildIdIn(
  read: ReadRange,
  fields: Fields,
  parts: readonly Part[],
): Promise<string | undefined> {
  let left = mostNotes;
  for (const { offset, size } of parts) {
    const bytes = await read(offset, offset + Math.min(size, left));
    left -= bytes.length;
    const found = buildIdOf(bytes, fields.of(bytes));
    if (found !== undefined || left <= 0) return found;
  }
  return undefined;
}

const noteOfBuildId = 3;
const longestBuildId = 64;

function buildIdOf(bytes: Uint8Array, fields: Fields): string | undefined {
  for (let at = 0; at + 12 <= bytes.length;) {
    const nameSize = fields.u32(at) ?? 0;
    const size = fields.u32(at + 4) ?? 0;
    const start = at + 12 + padded(nameSize);
    const isGnu = nameSize === 4 && nameAt(bytes, at + 12) === 'GNU';
    if (isGnu && fields.u32(at + 8) === noteOfBuildId) {
      if (size === 0 || size > longestBuildId || start + size > bytes.length) return undefined;
      return Buffer.from(bytes.subarray(start, start + size)).toString('hex');
    }
    at = start + padded(size);
  }
  return undefined;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

const tags = { end: 0, needed: 1, strings: 5, stringsSize: 10, soname: 14 } as const;

async function dynamicFacts(
  read: ReadRange,
  fields: Fields,
  segments: readonly Part[],
): Promise<Pick<ElfFacts, 'needed' | 'soname'>> {
  const none = { needed: [], soname: undefined };
  const dynamic = segments.find(({ type }) => type === segmentTypes.dynamic);
  if (dynamic === undefined) return none;
  const entries = fields.of(await read(dynamic.offset, dynamic.offset + Math.min(dynamic.size, mostDynamic)));
  const word = fields.is64 ? 8 : 4;
  const needed: number[] = [];
  const values = new Map<number, number>();
  for (let at = 0; at + 2 * word <= entries.length; at += 2 * word) {
    const tag = entries.word(at);
    const value = entries.word(at + word);
    if (tag === tags.end) break;
    if (tag === undefined || value === undefined) continue;
    if (tag === tags.needed) needed.push(value);
    else values.set(tag, value);
  }
  const start = offsetOf(segments, values.get(tags.strings));
  if (start === undefined) return none;
  const strings = await read(start, start + Math.min(values.get(tags.stringsSize) ?? 0, mostStrings));
  const soname = values.get(tags.soname);
  return {
    needed: needed
      .slice(0, mostNeeded)
      .map((at) => nameAt(strings, at))
      .filter((name) => name !== undefined),
    soname: soname === undefined ? undefined : nameAt(strings, soname),
  };
}

/** Where in the file lies what is at an address in memory. */
function offsetOf(segments: readonly Part[], address: number | undefined): number | undefined {
  if (address === undefined) return undefined;
  const holder = segments.find(
    (one) => one.type === segmentTypes.load && one.address <= address && address < one.address + one.size,
  );
  return holder && holder.offset + (address - holder.address);
}

/** A name that ends with a zero; undefined where there is none, or one that nobody could read. */
function nameAt(bytes: Uint8Array, at: number): string | undefined {
  const end = bytes.indexOf(0, at);
  if (at < 0 || at >= bytes.length || end <= at || end - at > longestName) return undefined;
  const name = Buffer.from(bytes.subarray(at, end)).toString('utf8');
  return /^[^\p{Cc}\p{Cf}\uFFFD]+$/u.test(name) ? name : undefined;
}
