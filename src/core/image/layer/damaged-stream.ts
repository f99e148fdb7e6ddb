/** Compressed data can't be decompressed; who knows what it is makes a Problem of it. `message` is a clause. */
export class DamagedStream extends Error {
  override readonly name = 'DamagedStream';
}
