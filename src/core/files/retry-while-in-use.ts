import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './system-error';

/** How long a virus scanner or an indexer usually has a new file open, in milliseconds. */
const pauses = process.platform === 'win32' ? [10, 30, 100, 300, 600] : [];

/** Windows refuses to rename or remove a file that another program has open; mostly that is over in a moment. */
export async function retryWhileInUse(step: () => Promise<void>): Promise<void> {
  for (const pause of pauses) {
    try {
      await step();
      return;
    } catch (error) {
      if (!['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error) ?? '')) throw error;
      await delay(pause);
    }
  }
  await step();
}
