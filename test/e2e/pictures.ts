import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { versionUnderTest } from '../vscode/server';
import { themes, type Theme, type Workbench } from '../vscode/workbench';

/** Where pictures go; nothing there is committed. */
export function pictureFile(name: string): string {
  const file = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`;
  return path.resolve('.vscode-test', 'screenshots', versionUnderTest(), file);
}

/**
 * Pictures of what the window shows now, in a theme of each kind, and a closer look at it in each; ends with the dark one. That
 * alone has to do in the oldest version, where the extension looks the same: themes take their time.
 */
export async function takePictures(
  workbench: Workbench,
  name: string,
  look: (theme: Theme) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const shown = versionUnderTest() === 'oldest' ? { dark: themes.dark } : themes;
  for (const [kind, theme] of Object.entries(shown).reverse()) {
    await workbench.useTheme(theme);
    const file = pictureFile(`${name} ${kind}`);
    await mkdir(path.dirname(file), { recursive: true });
    await workbench.screenshot(file);
    await look(theme);
  }
}
