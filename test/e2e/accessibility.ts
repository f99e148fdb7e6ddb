import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { FrameLocator, Locator } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What keeps people from using a page, as axe finds it: rule, and the elements that break it. */
export function seriousViolations(page: FrameLocator): Promise<readonly string[]> {
  return seriousViolationsIn(page.locator('html'));
}

/**
 * What VS Code's own lists and panes break: label and description of a row touch in the text, not in the name; a pane's header has
 * its buttons in it.
 */
const ofWorkbench: readonly string[] = ['label-content-name-mismatch', 'nested-interactive'];

/** The same of a view of the window, but for what is VS Code's doing. */
export async function seriousViolationsInView(view: Locator): Promise<readonly string[]> {
  return (await seriousViolationsIn(view)).filter(
    (one) => !ofWorkbench.some((id) => one.startsWith(`${id} `)),
  );
}

async function seriousViolationsIn(part: Locator): Promise<readonly string[]> {
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
