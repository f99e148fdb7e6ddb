import { l10n, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { attended, logInTo } from '../devices/log-in';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { withProgress } from '../messages/with-progress';
import type { Services } from '../services';

interface DeviceItem extends QuickPickItem {
  readonly device?: string;
}

/**
 * A device of one's own that a person picks, as it is found again.
 *
 * @throws CannotRun where there is none; Dismissed; Problem.
 */
export async function chooseDevice(services: Services, ask: string): Promise<string> {
  const { backend } = services;
  const accounts = await backend.request('listAccounts', {});
  // Somebody has to be logged in somewhere, before anything can be listed.
  const [usual] = accounts;
  if (usual !== undefined && accounts.every(({ nick }) => nick === undefined))
    await logInTo(services, usual.hub);
  const listed = await withProgress(l10n.t('Listing devices'), (options) =>
    Promise.all(
      accounts.map(async ({ hub }) => ({
        hub,
        devices: await attended(services, () => backend.request('listDevices', { hub }, options)),
      })),
    ),
  );
  const items = listed.flatMap(({ hub, devices }): readonly DeviceItem[] => [
    ...(listed.length > 1 ? [{ label: new URL(hub).host, kind: QuickPickItemKind.Separator }] : []),
    ...devices.map(({ id, nick, running, isOnline }) => ({
      label: nick,
      description: [
        running === undefined ? undefined : l10n.t('runs revision {0}', running),
        isOnline === true ? l10n.t('online') : undefined,
      ]
        .filter(Boolean)
        .join(' · '),
      device: new URL(`/trails/${id}`, hub).href,
    })),
  ]);
  if (items.length === 0) throw new CannotRun(l10n.t('The account has no device yet.'));
  const picked = await window.showQuickPick(items, { placeHolder: ask, matchOnDescription: true });
  if (picked?.device === undefined) throw new Dismissed();
  return picked.device;
}
