import { l10n } from 'vscode';
import { describeError, Problem } from '../../core/problem';
import { sayRemedy, type Remedy, type Way, type WordsForWays } from '../../core/remedy';
import type { SettingKey } from '../manifest/settings';

/** A remedy of the engine in the words of this editor: a sentence without a final stop. */
export function inEditorWords(remedy: Remedy): string {
  return sayRemedy(remedy, editorWords);
}

/** What went wrong, and what to do about it. */
export function withRemedy({ found, remedy }: { readonly found: string; readonly remedy: Remedy }): string {
  return `${found}. ${inEditorWords(remedy)}.`;
}

/** The text of anything that was thrown; of what is meant for people in the words of this editor. */
export function errorText(error: unknown): string {
  return error instanceof Problem ? `${error.doing}: ${withRemedy(error)}` : describeError(error);
}

export const settingOfWay: Record<Extract<Way, { kind: 'setting' }>['name'], SettingKey> = {
  insecureRegistries: 'pantavisor.insecureRegistries',
  cacheDirectory: 'pantavisor.cacheDirectory',
  dockerHost: 'pantavisor.dockerHost',
};

/** Commands, by their titles, and settings. */
export const editorWords: WordsForWays = {
  install: ({ app }) => commandWords(l10n.t('Build What Is Missing'), app),
  update: ({ app }) => commandWords(l10n.t('Update as Patch'), app),
  patch: ({ app }) => commandWords(l10n.t('Update as Patch'), app),
  newBase: ({ app }) => commandWords(l10n.t('Build New Base'), app),
  listBase: () => l10n.t('with a look into its root.squashfs'),
  listApps: () => l10n.t('the list of apps'),
  init: () => commandWords(l10n.t('Make a Folder a Checkout…')),
  platform: () => l10n.t('as docker_platform in src.json'),
  platformOfApp: () => l10n.t('as docker_platform in src.json'),
  extend: ({ base }) => l10n.t('as an extension of {0}', base),
  moveBase: () => l10n.t('where the wizard asks for the group'),
  withDependants: () => commandWords(l10n.t('Remove App…')),
  force: () => l10n.t('a terminal'),
  logIn: ({ host }) => commandWords(l10n.t('Sign In to a Registry…'), host),
  revision: ({ verb }) => revisionWords(verb),
  signAgain: () => commandWords(l10n.t('Sign Again…')),
  logInToHub: ({ hub }) => commandWords(l10n.t('Log In to Pantahub…'), new URL(hub).host),
  device: ({ verb }) => deviceWords(verb),
  prefer: () => l10n.t('a terminal'),
  signer: () => l10n.t('in a terminal'),
  from: ({ source }) => fromWords(source),
  setting: ({ name }) => l10n.t('the setting “{0}”', settingOfWay[name]),
};

function fromWords(source: Extract<Way, { kind: 'from' }>['source']): string {
  switch (source) {
    case 'image':
      return l10n.t('as an image');
    case 'archive':
      return l10n.t('from an image archive');
    case 'rootfs':
      return l10n.t('from a root file system');
    case 'pvr':
      return l10n.t('from another checkout or export');
  }
}

function revisionWords(verb: Extract<Way, { kind: 'revision' }>['verb']): string {
  switch (verb) {
    case 'status':
      return l10n.t('Source Control');
    case 'checkout':
      return commandWords(l10n.t('Discard Changes…'));
    case 'export':
      return commandWords(l10n.t('Export Last Commit…'));
    case 'sig add':
      return l10n.t('a terminal');
  }
}

function deviceWords(verb: Extract<Way, { kind: 'device' }>['verb']): string {
  switch (verb) {
    case 'ps':
    case 'revisions':
      return l10n.t('the Devices view');
    case 'clone':
      return commandWords(l10n.t('Clone Device…'));
    case 'cancel':
      return commandWords(l10n.t('Cancel Revision…'));
    case 'back':
      return commandWords(l10n.t('Go Back to This Revision…'));
    case 'get':
    case 'post':
      return commandWords(l10n.t('Post…'));
    case 'claim':
      return l10n.t('a terminal');
  }
}

/** @param what an app, a registry or a hub. */
function commandWords(title: string, what?: string): string {
  return what === undefined ? l10n.t('“{0}”', title) : l10n.t('“{0}” for {1}', title, what);
}
