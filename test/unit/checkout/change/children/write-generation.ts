// Waits for the lock of a checkout, checks that all its files are of one generation, and makes them all of a new one, in one
// transaction:  <checkout> <generation>.  Tells when it has the lock, and when it is done.
import { writeFile } from 'node:fs/promises';
import { acquireLock } from '../../../../../src/core/checkout/change/lock';
import { Transaction } from '../../../../../src/core/checkout/change/transaction';
import { aTest } from '../changed-checkout';
import { contentOfGeneration, generationFiles, generationOf } from '../generations';

async function main([checkout = '', generation = '']: readonly string[]): Promise<void> {
  const lock = await acquireLock(checkout, { what: 'a test', wait: 'wait' });
  console.log('acquired');
  const transaction = await Transaction.begin(checkout, aTest);
  generationOf(checkout);
  for (const file of generationFiles) {
    const staged = transaction.path(file);
    await writeFile(staged, contentOfGeneration(generation));
    transaction.replace(file, staged);
  }
  await transaction.commit();
  await lock.release();
  console.log('done');
}

void main(process.argv.slice(2));
