// Takes the lock of a checkout, tells so, works a while and lets go:  <checkout> fail|wait hold|<milliseconds>
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLock } from '../../../../../src/core/checkout/change/lock';
import { Problem } from '../../../../../src/core/problem';

async function main([checkout = '', wait, work = 'hold']: readonly string[]): Promise<void> {
  try {
    const lock = await acquireLock(checkout, { what: 'a test', wait: wait === 'wait' ? 'wait' : 'fail' });
    appendFileSync(path.join(checkout, 'log'), `begin ${process.pid}\n`);
    console.log('acquired');
    if (work === 'exit') process.exit();
    await delay(work === 'hold' ? 600_000 : Number(work));
    appendFileSync(path.join(checkout, 'log'), `end ${process.pid}\n`);
    await lock.release();
  } catch (error) {
    // Who waits is never refused here.
    if (!(error instanceof Problem) || wait === 'wait') throw error;
    console.log('refused');
  }
}

void main(process.argv.slice(2));
