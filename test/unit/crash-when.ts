import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * NODE_OPTIONS for a program that is to meet an error which nobody catches, as soon as there is the file `trigger`.
 *
 * @param error an expression, like `new TypeError('a defect')`.
 */
export async function crashWhen(trigger: string, error: string, folder: string): Promise<string> {
  const file = path.join(folder, `crash-${path.basename(trigger)}.cjs`);
  await writeFile(
    file,
    `if (require('node:worker_threads').isMainThread) {
  const timer = setInterval(() => {
    if (!require('node:fs').existsSync(${JSON.stringify(trigger)})) return;
    clearInterval(timer);
    throw ${error};
  }, 5).unref();
}
`,
  );
  return `--require ${JSON.stringify(file)}`;
}
