import { CodecPool } from '../../../src/core/squashfs/codec-pool';

/** A program that uses a pool and leaves it open: codec-pool.test.ts sees that it ends, with its work done. */
const [directory = ''] = process.argv.slice(2);
const pool = new CodecPool({ directory, workers: 2 });
const work = [1, 2, 3].map((times) =>
  pool.compress(new Uint8Array(9000 * times), { compressor: 'xz' }, 131072),
);
void Promise.all(work).then((done) => console.log(done.map((bytes) => bytes !== undefined).join(',')));
