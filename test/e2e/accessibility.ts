import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Frame, FrameLocator } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What keeps people from using a page, as axe finds it: rule, and the elements that break it. */
export async function seriousViolations(page: FrameLocator): Promise<readonly string[]> {
  const frame = await frameOf(page);
  await frame.evaluate(await readFile(axe, 'utf8'));
  // The whole of a page lies in one document.
  const { violations } = await frame.evaluate<AxeResults>('axe.run(document, { iframes: false })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map(({ html }) => html).join(' ')}`);
}

async function frameOf(page: FrameLocator): Promise<Frame> {
  const body = await page.locator('body').elementHandle();
  const frame = await body.ownerFrame();
  if (frame === null) throw new Error('the page is gone');
  return frame;
}
