/** A stream of `bytes` in chunks of `size`, each a copy that stays as it was. */
export async function* inChunks(bytes: Buffer, size = 65536): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(Uint8Array.from(bytes.subarray(at, at + size)));
  }
}

export async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}
