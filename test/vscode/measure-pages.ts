import type { Frame } from 'playwright-core';
import { print } from './print';
import type { Workbench } from './workbench';

const rounds = 5;
/** In which a list is scrolled from its beginning to its end. */
const frames = 120;

/** Opens the page of an overlay several times, filters and scrolls it, and prints how long that takes. */
export async function measurePages(
  workbench: Workbench,
  app: { readonly checkout: string; readonly app: string },
  entries: number,
): Promise<void> {
  const first: number[] = [];
  const all: number[] = [];
  const filtering: number[] = [];
  const scrolling: number[] = [];
  let most = 0;
  for (let round = 0; round < rounds; round += 1) {
    await workbench.closeEditors();
    const start = Date.now();
    await workbench.inHost(({ commands }, id) => {
      void commands.executeCommand('pantavisor.showOverlay', id);
    }, app);
    const page = workbench.editorPage;
    await page.locator('[role=row][aria-level]').first().waitFor();
    first.push(Date.now() - start);
    await page.getByText(/^\d+ entries/).waitFor();
    all.push(Date.now() - start);
    const typed = Date.now();
    await page.getByRole('textbox').fill('file-');
    await page.getByText(new RegExp(`^${entries} of`)).waitFor();
    filtering.push(Date.now() - typed);
    const frame = await frameOf(workbench);
    const { longest, rowsInDocument } = await scroll(frame);
    scrolling.push(longest);
    most = Math.max(most, rowsInDocument);
    await page.getByRole('textbox').fill('');
  }
  print(`first rows of an overlay of ${entries} entries, the backend being started`, first.slice(0, 1));
  print('first rows, later', first.slice(1));
  print('all of it', all);
  print('filtering it', filtering);
  print(
    `longest frame while it is scrolled to its end in ${frames} (at most ${most} rows in the document)`,
    scrolling,
  );
}

async function frameOf(workbench: Workbench): Promise<Frame> {
  const frame = await (await workbench.editorPage.locator('body').elementHandle()).ownerFrame();
  if (frame === null) throw new Error('the page is gone');
  return frame;
}

/** Milliseconds of the longest frame, and the most rows that there were at once. */
function scroll(frame: Frame): Promise<{ longest: number; rowsInDocument: number }> {
  return frame.evaluate(async (count) => {
    const grid = document.querySelector('[role=treegrid]');
    if (grid === null) throw new Error('the page shows no table');
    let longest = 0;
    let rowsInDocument = 0;
    let last = await new Promise<number>(requestAnimationFrame);
    for (let step = 1; step <= count; step += 1) {
      grid.scrollTop = (grid.scrollHeight * step) / count;
      const now = await new Promise<number>(requestAnimationFrame);
      longest = Math.max(longest, now - last);
      rowsInDocument = Math.max(rowsInDocument, grid.querySelectorAll('[role=row]').length);
      last = now;
    }
    return { longest, rowsInDocument };
  }, frames);
}
