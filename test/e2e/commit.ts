import type { Locator } from 'playwright-core';
import type { Workbench } from '../vscode/workbench';

/**
 * Commits what Source Control shows of the only checkout there is.
 *
 * @returns the notification that tells so.
 */
export async function commit(workbench: Workbench, checkout: string, message: string): Promise<Locator> {
  await workbench.view('Source Control');
  await workbench
    .row(/^(web|lxc\.container\.conf)/)
    .first()
    .waitFor();
  await workbench.typeCommand('Pantavisor: Commit…');
  await workbench.quickInput.waitFor();
  await workbench.page.keyboard.type(message);
  await workbench.page.keyboard.press('Enter');
  const done = workbench.notification(new RegExp(`Committed \\d+ files? of ${checkout}`));
  await done.waitFor();
  return done;
}
