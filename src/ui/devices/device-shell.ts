import { l10n, type Terminal, type TerminalOptions, TerminalProfile, ThemeIcon, window } from 'vscode';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import type { Disposable } from '../model/event';
import type { Services } from '../services';
import { deviceFor, type NamedDevice } from './device-target';
import { isDeviceTreeNode } from './model/device-nodes';
import { addressesIn, type ShellPlace, shellArguments, shellPlaceOf } from './model/shell-place';

const profileId = 'pantavisor.deviceShell';

/** Opens a terminal on a device, or in a container of it, with the user's own ssh. */
export async function openShell(services: Services, target: unknown): Promise<Terminal> {
  const terminal = window.createTerminal(await shellFor(services, target));
  terminal.show();
  return terminal;
}

/** `Device Shell` among the profiles of the terminal. */
export function registerShellProfile(services: Services): Disposable {
  return window.registerTerminalProfileProvider(profileId, {
    provideTerminalProfile: async () => {
      try {
        return new TerminalProfile(await shellFor(services, undefined));
      } catch (error) {
        if (error instanceof Dismissed) return undefined;
        throw error;
      }
    },
  });
}

async function shellFor(services: Services, target: unknown): Promise<TerminalOptions> {
  const device = await deviceFor(services, target, l10n.t('Open a shell on which device?'));
  const container =
    isDeviceTreeNode(target) && target.kind === 'container' ? target.container.name : undefined;
  const place = await placeOf(services, device);
  const shellArgs = shellArguments(place, container);
  if (shellArgs === undefined)
    throw new CannotRun(l10n.t('{0} is no address that a shell can be opened at.', place.host));
  return {
    name: container === undefined ? device.name : `${container} @ ${device.name}`,
    shellPath: 'ssh',
    shellArgs: [...shellArgs],
    iconPath: new ThemeIcon('vm-active'),
    isTransient: true,
  };
}

/** Where it listens: what its address says, else what the device has told of its network, which a person confirms. */
async function placeOf({ devices }: Services, { address, name, model }: NamedDevice): Promise<ShellPlace> {
  const named = shellPlaceOf(address);
  if (named !== undefined) return named;
  if (model !== undefined && model.details === undefined) await devices.readDetails(model);
  const told = addressesIn(model?.details?.deviceMeta ?? {});
  const host = await window.showInputBox({
    title: l10n.t('Shell on {0}', name),
    prompt: l10n.t('The address of the device in this network; it listens on port 8222 as a rule'),
    value: told[0] ?? '',
    ignoreFocusOut: true,
    validateInput: (text) =>
      shellPlaceOf(text.trim()) === undefined ? l10n.t('Type a host, or HOST:PORT.') : undefined,
  });
  const place = host === undefined ? undefined : shellPlaceOf(host.trim());
  if (place === undefined) throw new Dismissed();
  return place;
}
