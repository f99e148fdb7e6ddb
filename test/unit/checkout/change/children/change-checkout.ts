// Changes a checkout in one transaction, or recovers it, until the n-th call that changes the file system (0: never), or the
// n-th rename:  <checkout> commit|recover <n>|rename:<n> [fail|no-links].  There it is killed, or all further such calls
// fail, as on a disk that is gone; or the file system has no hard links. Unless killed, prints how many calls there were.
import fs from 'node:fs/promises';
import { recover } from '../../../../../src/core/checkout/change/recover';
import { Transaction } from '../../../../../src/core/checkout/change/transaction';
import { aTest, changeEverything } from '../changed-checkout';

const changing = ['chmod', 'link', 'mkdir', 'open', 'rename', 'rm', 'rmdir', 'unlink', 'writeFile'] as const;

async function main([checkout = '', action, end = '0', how]: readonly string[]): Promise<void> {
  const [, onlyCalled, number] = /^(?:(\w+):)?(\d+)$/.exec(end) ?? [];
  let calls = 0;
  for (const name of changing) {
    const original: unknown = fs[name];
    if (typeof original !== 'function') throw new TypeError(`there is no fs.${name}`);
    Object.assign(fs, {
      [name]: (...args: readonly unknown[]): unknown => {
        if (onlyCalled === undefined || onlyCalled === name) calls++;
        if (how === 'fail' && calls >= Number(number))
          return Promise.reject(Object.assign(new Error('the disk is gone'), { code: 'EIO' }));
        if (calls === Number(number)) process.kill(process.pid, 'SIGKILL');
        if (how === 'no-links' && name === 'link')
          return Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }));
        return original.apply(fs, args);
      },
    });
  }
  try {
    if (action === 'recover') {
      await recover(checkout);
    } else {
      const transaction = await Transaction.begin(checkout, aTest);
      await changeEverything(transaction);
      await transaction.commit();
    }
  } catch (error) {
    if (how !== 'fail') throw error;
  }
  console.log(calls);
}

void main(process.argv.slice(2));
