import { once } from 'node:events';

/** Resolves with Ctrl-C. */
export async function interrupted(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
