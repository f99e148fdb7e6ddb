import { setTimeout as delay } from 'node:timers/promises';
import type { Frame } from 'playwright-core';
import { print } from './print';
import type { Workbench } from './workbench';

const rounds = 5;
/** In which a list is scrolled from its beginning to its end. */
const frames = 120;

/*
 * Everything is timed inside the pages. A locator looks for a page at most twice a second while VS Code is still making it, and
 * types and looks in turns: that is up to half a second of the measure's own.
 */

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
    const shown = firstRows(workbench);
    await workbench.inHost(({ commands }, id) => {
      void commands.executeCommand('pantavisor.showOverlay', id);
    }, app);
    first.push((await shown) - start);
    const page = workbench.editorPage;
    await page.getByText(/^[\d,]+ entries/).waitFor();
    all.push(Date.now() - start);
    const frame = await frameOf(workbench);
    const answered = filterTime(frame, `${entries.toLocaleString('en')} of`);
    await page.getByRole('textbox').fill('file-');
    filtering.push(await answered);
    const { longest, rowsInDocument } = await scroll(frame);
    scrolling.push(longest);
    most = Math.max(most, rowsInDocument);
    await page.getByRole('textbox').fill('');
  }
  print(`first rows of an overlay of ${entries} entries, the backend being started`, first.slice(0, 1));
  print('first rows, later', first.slice(1));
  // Last: what is measured above includes how VS Code makes its first page. VS Code 1.100 takes a second for each later one,
  // because each has a service worker of its own that the browser exchanges for the one before (microsoft/vscode#245756).
  print('VS Code’s own part of that: an empty page', await emptyPages(workbench));
  print('all of it', all);
  print('filtering it', filtering);
  print(
    `longest frame while it is scrolled to its end in ${frames} (at most ${most} rows in the document)`,
    scrolling,
  );
}

/** How long VS Code takes to show a page that holds one row and loads nothing, several times. */
async function emptyPages(workbench: Workbench): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await workbench.closeEditors();
    const start = Date.now();
    const shown = firstRows(workbench);
    await workbench.inHost(({ window, ViewColumn }) => {
      const { webview } = window.createWebviewPanel('test.empty', 'Empty', ViewColumn.One, {
        enableScripts: true,
      });
      webview.html = '<!DOCTYPE html><div role="row" aria-level="1">A row</div>';
    });
    times.push((await shown) - start);
  }
  return times;
}

/** When the page that is being opened shows its first rows, in milliseconds since 1970. */
async function firstRows({ page }: Workbench): Promise<number> {
  const others = new Set(page.frames());
  for (;;) {
    for (const frame of page.frames()) {
      if (others.has(frame)) continue;
      // VS Code writes the document anew after it has loaded, and nothing that waits in it outlives that.
      const shown = await frame.evaluate(timeOfRows).catch(() => undefined);
      if (shown !== undefined) return shown;
    }
    await delay(5);
  }
}

/** Runs in the page; undefined while it has no rows. */
async function timeOfRows(): Promise<number | undefined> {
  if (document.querySelector('[role=row][aria-level]') === null) return undefined;
  const painted = await new Promise<number>(requestAnimationFrame);
  return performance.timeOrigin + painted;
}

/** Milliseconds from the key that changes the filter to the frame that shows a total that begins with `total`. */
function filterTime(frame: Frame, total: string): Promise<number> {
  return frame.evaluate(async (expected) => {
    const typed = new Promise<number>((resolve) =>
      document.addEventListener('input', () => resolve(performance.now()), { capture: true, once: true }),
    );
    await new Promise<void>((resolve) =>
      new MutationObserver(() => {
        if (document.querySelector('.totals')?.textContent.startsWith(expected)) resolve();
      }).observe(document, { subtree: true, childList: true, characterData: true }),
    );
    // What follows a frame's own callbacks is its layout and paint; a task is run after them.
    await new Promise(requestAnimationFrame);
    await new Promise((resolve) => setTimeout(resolve));
    return performance.now() - (await typed);
  }, total);
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
