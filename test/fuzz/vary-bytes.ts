import type { Random } from '../device-view/random';

/** Numbers at which things tend to change. */
const interesting = [
  0,
  1,
  2,
  7,
  0x7f,
  0x80,
  0xff,
  0x100,
  0x7fff,
  0x8000,
  0xffff,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];
const largest = 256 * 1024;

/** A few changes that know nothing of what the bytes mean. */
export function varyBytes(input: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let changes = 1 + random.below(random.pick([1, 2, 8])); changes > 0; changes--) {
    bytes = random.pick(changesOfBytes)(bytes, others, random);
  }
  return bytes.subarray(0, largest);
}

type ChangeOfBytes = (bytes: Buffer, others: readonly Buffer[], random: Random) => Buffer;

const flipBit: ChangeOfBytes = (bytes, _, random) => {
  const at = random.below(bytes.length);
  if (at < bytes.length) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
  return bytes;
};

const setByte: ChangeOfBytes = (bytes, _, random) => {
  if (bytes.length > 0) bytes.writeUInt8(random.below(256), random.below(bytes.length));
  return bytes;
};

const setNumber: ChangeOfBytes = (bytes, _, random) => {
  const size = random.pick([1, 2, 4, 8]);
  const value = BigInt(random.pickFrom(interesting) ?? 0);
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(random.chance(0.05) ? 2n ** 64n - 1n - value : value);
  if (bytes.length >= size) field.copy(bytes, random.below(bytes.length - size + 1), 0, size);
  return bytes;
};

const addToNumber: ChangeOfBytes = (bytes, _, random) => {
  const at = random.below(bytes.length - 3);
  if (bytes.length >= 4) bytes.writeUInt32LE((bytes.readUInt32LE(at) + random.below(33) - 16) >>> 0, at);
  return bytes;
};

const remove: ChangeOfBytes = (bytes, _, random) => {
  const [start, end] = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
};

const repeat: ChangeOfBytes = (bytes, _, random) => {
  const [start, end] = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
};

const copyOver: ChangeOfBytes = (bytes, _, random) => {
  const [start, end] = range(bytes, random);
  bytes.copy(bytes, random.below(bytes.length), start, end);
  return bytes;
};

const cut: ChangeOfBytes = (bytes, _, random) => bytes.subarray(0, random.below(bytes.length + 1));

const splice: ChangeOfBytes = (bytes, others, random) => {
  const other = random.pickFrom(others) ?? bytes;
  const at = random.below(Math.min(bytes.length, other.length) + 1);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(at)]);
};

const changesOfBytes: readonly [ChangeOfBytes, ...ChangeOfBytes[]] = [
  flipBit,
  flipBit,
  setByte,
  setNumber,
  setNumber,
  addToNumber,
  remove,
  repeat,
  copyOver,
  cut,
  splice,
];

function range(bytes: Buffer, random: Random): [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + random.below(random.pick([4, 64, 1024])))];
}
