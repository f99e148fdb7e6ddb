import { homedir } from 'node:os';
import { l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import { byteStringToText } from '../../core/rootfs/byte-string';
import { abortSignalOf } from '../abort-signal';
import type { MountAddress } from '../files/mount-address';
import { addressOf } from '../files/mount-uri';
import type { Services } from '../services';
import { CannotRun } from './cannot-run';
import { Dismissed } from './dismissed';
import { isEntryTarget } from './page-entry-commands';

/** Writes a file of an image to a disk, whatever its size: the backend does it, in bounded memory. */
export async function saveCopy(services: Services, target?: unknown): Promise<void> {
  const address = await addressFor(services, target);
  const name = byteStringToText(address.path.slice(address.path.lastIndexOf('/') + 1));
  const place = await window.showSaveDialog({
    title: l10n.t('Save a Copy of {0}', name),
    defaultUri: Uri.joinPath(defaultFolder(), allowedEverywhere(name)),
  });
  if (place === undefined) throw new Dismissed();
  if (place.scheme !== 'file') throw new CannotRun(l10n.t('Only folders of this machine can take it.'));
  await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Saving {0}', name), cancellable: true },
    async (progress, token) => {
      let shown = 0;
      await services.backend.request(
        'saveCopy',
        { ...address, target: place.fsPath },
        {
          signal: abortSignalOf(token),
          onProgress: ({ done, total = 0 }) => {
            const percent = total === 0 ? 0 : Math.floor((done / total) * 100);
            progress.report({ increment: percent - shown, message: `${percent} %` });
            shown = percent;
          },
        },
      );
    },
  );
  window.setStatusBarMessage(l10n.t('Saved {0}.', place.fsPath), 5000);
}

async function addressFor({ contentPanels }: Services, target: unknown): Promise<MountAddress> {
  if (isEntryTarget(target)) {
    const { view, path, change, kind } = target.entry;
    const mounts = await contentPanels.active?.mounts(view);
    if (mounts === undefined) throw new Dismissed();
    const { before, after, whole } = mounts;
    const holder = change === 'deleted' ? (before ?? after) : kind === 'symlink' ? whole : after;
    return { files: holder.files, path };
  }
  const uri = target instanceof Uri ? target : window.activeTextEditor?.document.uri;
  const address = uri && addressOf(uri);
  if (address !== undefined) return address;
  throw new CannotRun(l10n.t('Open a file of an image first, or use its context menu.'));
}

function defaultFolder(): Uri {
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return folder?.uri ?? Uri.file(homedir());
}

/** Names of images may hold what Windows doesn't let a file have. */
function allowedEverywhere(name: string): string {
  return name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_');
}
