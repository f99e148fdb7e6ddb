import { l10n } from 'vscode';
import { rewordRemedy, type EditorWords } from './command-lines';
import type { SettingKey } from './manifest/settings';

const words: EditorWords = {
  install: (app) => commandWords(l10n.t('Build What Is Missing'), app),
  patch: (app) => commandWords(l10n.t('Update as Patch'), app),
  newBase: (app) => commandWords(l10n.t('Build New Base'), app),
  listBase: () => l10n.t('with a look into its root.squashfs'),
  listApps: l10n.t('the list of apps'),
  init: commandWords(l10n.t('Make a Folder a Checkout…'), undefined),
  platform: l10n.t('as docker_platform in src.json'),
  insecureRegistries: l10n.t('the setting {0}', 'pantavisor.insecureRegistries'),
  cacheFolder: l10n.t('in the setting “{0}”', 'pantavisor.cacheDirectory' satisfies SettingKey),
  extending: (base) => l10n.t('as an extension of {0}', base),
};

/** A remedy of the engine in the words of this editor's commands. */
export function inEditorWords(remedy: string): string {
  return rewordRemedy(remedy, words);
}

function commandWords(title: string, app: string | undefined): string {
  return app === undefined ? l10n.t('“{0}”', title) : l10n.t('“{0}” for {1}', title, app);
}
