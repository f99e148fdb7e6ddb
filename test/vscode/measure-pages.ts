import type { Frame } from 'playwright-core';
import { print } from './print';
import type { Workbench } from './workbench';

const rounds = 5;
/** In which a list is scrolled from its beginning to its end. */
const frames = 120;

/** What a page has shown, and when: milliseconds since 1970. */
interface Shown {
  /** The first row. */
  rows?: number;
  /** Keys that changed the filter. */
  typed?: number;
  /** What it says of the whole, since when. */
  totals?: string;
  totalsSince?: number;
}

/** Lets every document that is made from now on take down what it shows. */
export async function noteWhatPagesShow(workbench: Workbench): Promise<void> {
  await workbench.page.context().addInitScript(`(() => {
    const shown = (globalThis.shown = {});
    const heard = new Set();
    const look = () => {
      if (shown.rows === undefined && document.querySelector('[role=row][aria-level]')) {
        shown.rows = 0;
        requestAnimationFrame(() => (shown.rows = Date.now()));
      }
      const totals = document.querySelector('.totals')?.textContent;
      if (totals !== shown.totals) Object.assign(shown, { totals, totalsSince: Date.now() });
      const field = document.querySelector('vscode-text-field');
      if (field && !heard.has(field)) {
        heard.add(field);
        field.addEventListener('input', () => (shown.typed = Date.now()), true);
      }
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  })()`);
}

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
    await page.getByText(/^\d+ entries/).waitFor();
    const frame = await frameOf(workbench);
    const { rows = NaN, totalsSince = NaN } = await shownIn(frame);
    first.push(rows - start);
    all.push(totalsSince - start);
    await page.getByRole('textbox').fill('file-');
    await page.getByText(new RegExp(`^${entries} of`)).waitFor();
    const filtered = await shownIn(frame);
    filtering.push((filtered.totalsSince ?? NaN) - (filtered.typed ?? NaN));
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

function shownIn(frame: Frame): Promise<Shown> {
  return frame.evaluate('globalThis.shown');
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
