import { commands } from 'vscode';
import { commandIds, type CommandId } from '../manifest/command-ids';
import { walkthroughId } from '../manifest/view-ids';
import { Disposables, type Disposable } from '../model/event';
import type { Services } from '../services';
import { addApp, createExtensionApp, extendApp } from './add-app';
import { addToWorkspace } from './add-to-workspace';
import { askAgain } from './ask-again';
import { checkAllImages, checkImage } from './check-images';
import { compareImages, compareWithBase } from './compare';
import { inTrustedWorkspace, type Command } from './in-trusted-workspace';
import { initCheckout } from './init-checkout';
import { installApp } from './install-app';
import { openSourceManifest } from './open-source-manifest';
import { copyPageEntryPath, openPageEntry, openPageEntryBefore } from './page-entry-commands';
import { previewPatch } from './preview-patch';
import { signInToRegistry, signOutOfRegistry } from './registry-login';
import { removeApp } from './remove-app';
import { goToApp, revealApp } from './reveal-app';
import { runCommand } from './run-command';
import { saveCopy } from './save-copy';
import { searchImage } from './search-image';
import { showOverlay } from './show-overlay';
import { signAgain } from './sign-again';
import { clearFilter, filterApps, sortApps } from './sort-and-filter';
import { updateAllAsPatches } from './update-all-as-patches';
import { buildNewBase, updateAsPatch } from './update-app';
import { updateMovedApp } from './update-moved-app';

/** What each command does. They are always there; one that can't do anything says why. */
const table: Record<CommandId, Command> = {
  [commandIds.updateAsPatch]: inTrustedWorkspace(updateAsPatch),
  [commandIds.buildNewBase]: inTrustedWorkspace(buildNewBase),
  [commandIds.previewPatch]: inTrustedWorkspace(previewPatch),
  [commandIds.showOverlay]: showOverlay,
  [commandIds.extendApp]: inTrustedWorkspace(extendApp),
  [commandIds.checkImage]: inTrustedWorkspace(checkImage),
  [commandIds.installApp]: inTrustedWorkspace(installApp),
  [commandIds.openSourceManifest]: openSourceManifest,
  [commandIds.revealApp]: revealApp,
  [commandIds.goToApp]: goToApp,
  [commandIds.removeApp]: inTrustedWorkspace(removeApp),
  [commandIds.compareWithBase]: compareWithBase,
  [commandIds.compareImages]: compareImages,
  [commandIds.addToWorkspace]: addToWorkspace,
  [commandIds.searchImage]: searchImage,
  [commandIds.saveCopy]: saveCopy,
  [commandIds.openEntry]: openPageEntry,
  [commandIds.openEntryBefore]: openPageEntryBefore,
  [commandIds.copyEntryPath]: copyPageEntryPath,
  [commandIds.addApp]: inTrustedWorkspace(addApp),
  [commandIds.createExtensionApp]: inTrustedWorkspace(createExtensionApp),
  [commandIds.updateAllAsPatches]: inTrustedWorkspace(updateAllAsPatches),
  [commandIds.checkAllImages]: inTrustedWorkspace(checkAllImages),
  [commandIds.signAgain]: inTrustedWorkspace(signAgain),
  [commandIds.initCheckout]: initCheckout,
  [commandIds.updateMovedApp]: inTrustedWorkspace(updateMovedApp),
  [commandIds.askAgain]: askAgain,
  [commandIds.signInToRegistry]: signInToRegistry,
  [commandIds.signOutOfRegistry]: signOutOfRegistry,
  [commandIds.refresh]: ({ checkouts }) => checkouts.refresh(),
  [commandIds.sortApps]: sortApps,
  [commandIds.filterApps]: filterApps,
  [commandIds.clearFilter]: clearFilter,
  [commandIds.openWalkthrough]: openWalkthrough,
  [commandIds.showLog]: ({ log }) => log.show(),
};

export function registerCommands(services: Services): Disposable {
  const registered = new Disposables();
  for (const [id, command] of Object.entries(table)) {
    const run = (...args: unknown[]) => runCommand(id, services.log, () => command(services, ...args));
    registered.add(commands.registerCommand(id, run));
  }
  return registered;
}

function openWalkthrough({ extension }: Services): Thenable<unknown> {
  const id = `${extension.extension.id}#${walkthroughId}`;
  return commands.executeCommand('workbench.action.openWalkthrough', id, false);
}
