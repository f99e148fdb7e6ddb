// Changes a checkout in one transaction, or recovers it, and is killed right before the n-th call that changes the file
// system (0: never):  <checkout> commit|recover <n>.  Unless killed, prints how many such calls there were.
import fs from 'node:fs/promises';
import { Transaction } from '../../../../src/core/checkout/transaction';
import { recover } from '../../../../src/core/checkout/recover';
import { changeEverything } from '../changed-checkout';

const changing = ['chmod', 'mkdir', 'open', 'rename', 'rm', 'rmdir', 'unlink', 'writeFile'] as const;

async function main([checkout = '', action, killAt]: readonly string[]): Promise<void> {
  let calls = 0;
  for (const name of changing) {
    const original: unknown = fs[name];
    if (typeof original !== 'function') throw new TypeError(`there is no fs.${name}`);
    Object.assign(fs, {
      [name]: (...args: readonly unknown[]): unknown => {
        if (++calls === Number(killAt)) process.kill(process.pid, 'SIGKILL');
        return original.apply(fs, args);
      },
    });
  }
  if (action === 'recover') {
    await recover(checkout);
  } else {
    const transaction = await Transaction.begin(checkout);
    await changeEverything(transaction);
    await transaction.commit();
  }
  console.log(calls);
}

void main(process.argv.slice(2));
