import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { isLongForm } from '../long-form';
import { versionUnderTest } from '../vscode/server';
import { themes, type Theme, type Workbench } from '../vscode/workbench';

/** Where pictures go; nothing there is committed. */
export function pictureFile(name: string): string {
  const file = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`;
  return path.resolve('.vscode-test', 'screenshots', versionUnderTest(), file);
}

/**
 * Pictures of what the window shows now, and a closer look at it, in a theme of each kind; ends with the dark one. Themes take their
 * time: without the long form it is a light and a dark one, in the oldest version, where the extension looks the same, the dark one.
 */
export async function takePictures(
  workbench: Workbench,
  name: string,
  look: (theme: Theme) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { dark, light } = themes;
  const usual = versionUnderTest() === 'oldest' ? { dark } : { dark, light };
  const shown = isLongForm ? themes : usual;
  for (const [kind, theme] of Object.entries(shown).reverse()) {
    await workbench.useTheme(theme);
    const file = pictureFile(`${name} ${kind}`);
    await mkdir(path.dirname(file), { recursive: true });
    await workbench.screenshot(file);
    await look(theme);
  }
}
