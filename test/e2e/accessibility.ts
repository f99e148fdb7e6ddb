import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { FrameLocator, Locator } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What keeps people from using a page, as axe finds it: rule, and the elements that break it. */
export function seriousViolations(page: FrameLocator): Promise<readonly string[]> {
  return seriousViolationsIn(page.locator('html'));
}

/** The same of a part of the window. */
export async function seriousViolationsIn(part: Locator): Promise<readonly string[]> {
  const element = await part.elementHandle();
  const frame = await element.ownerFrame();
  if (frame === null) throw new Error('it is gone');
  await frame.evaluate(await readFile(axe, 'utf8'));
  // The whole of a page lies in one document.
  const { violations } = await element.evaluate((it) => {
    const { axe: there } = globalThis as unknown as {
      readonly axe: { run(node: unknown, options: object): Promise<AxeResults> };
    };
    return there.run(it, { iframes: false });
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map(({ html }) => html).join(' ')}`);
}
