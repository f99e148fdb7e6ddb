import { l10n, type QuickPickItem, window } from 'vscode';
import type { Revision } from '../../core/remote/remote';
import { execute } from '../manifest/commands';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import type { Services } from '../services';
import { deviceFacts, deviceName, revisionFacts, revisionTitle, shortAddress } from './device-words';
import { deviceNodeOf, isDeviceTreeNode, type RevisionNode } from './model/device-nodes';
import type { DeviceModel } from './model/devices-model';

type Needs = Pick<Services, 'devices' | 'devicesView'>;

/** A device that was named: one of the view, or whatever a person typed. */
export interface NamedDevice {
  /** How it is found again. */
  readonly address: string;
  readonly name: string;
  /** Undefined: the view doesn't have it. */
  readonly model: DeviceModel | undefined;
}

/**
 * The device that a command is about: the one it was given, else one that a person picks.
 *
 * @param target as a row, a link or a remedy (a reference) or a key ('selection') give it.
 */
export async function deviceFor(services: Needs, target: unknown, ask: string): Promise<NamedDevice> {
  const node = target === 'selection' ? services.devicesView.selection[0] : target;
  const ofRow = isDeviceTreeNode(node) ? deviceNodeOf(node)?.device : undefined;
  if (ofRow !== undefined) return named(ofRow);
  if (typeof target === 'string' && target !== 'selection') return ofReference(services, target);
  return pickDevice(services, ask);
}

function named(model: DeviceModel): NamedDevice {
  return { address: model.address, name: deviceName(model), model };
}

function ofReference({ devices }: Needs, reference: string): NamedDevice {
  const known = devices.deviceOf(reference);
  return known === undefined
    ? { address: reference, name: shortAddress(reference), model: undefined }
    : named(known);
}

interface DeviceItem extends QuickPickItem {
  readonly device?: DeviceModel;
  readonly does?: 'type' | 'logIn';
}

async function pickDevice(services: Needs, ask: string): Promise<NamedDevice> {
  const { devices } = services;
  const items = async (): Promise<DeviceItem[]> => {
    if (devices.accounts === undefined || devices.all.length === 0) await devices.refresh();
    const isLoggedOut = devices.accounts?.every(({ nick }) => nick === undefined) ?? true;
    return [
      ...devices.all.map(deviceItem),
      ...(isLoggedOut ? [{ label: l10n.t('$(sign-in) Log In…'), does: 'logIn' } as const] : []),
      {
        label: l10n.t('$(edit) Another Device…'),
        description: l10n.t('by its name or address'),
        does: 'type',
      },
    ];
  };
  const picked = await window.showQuickPick<DeviceItem>(items(), {
    placeHolder: ask,
    matchOnDescription: true,
  });
  if (picked?.does === 'logIn') {
    await execute('pantavisor.logInToHub');
    return pickDevice(services, ask);
  }
  if (picked?.does === 'type') return ofReference(services, await typeReference(ask));
  if (picked?.device === undefined) throw new Dismissed();
  return named(picked.device);
}

function deviceItem(device: DeviceModel): DeviceItem {
  return {
    label: `$(vm) ${deviceName(device)}`,
    description: deviceFacts(device).join(' · '),
    device,
  };
}

/** As people name devices. @throws Dismissed. */
export async function typeReference(title: string): Promise<string> {
  const text = await window.showInputBox({
    title,
    prompt: l10n.t('A device’s name, owner/name or address'),
    placeHolder: 'alice/kitchen',
    ignoreFocusOut: true,
    validateInput: (typed) => (typed.trim() === '' ? l10n.t('Type something, or press Escape.') : undefined),
  });
  if (text === undefined) throw new Dismissed();
  return text.trim();
}

/** The revision that a command is about. @param isMeant which of them it can do something with. */
export async function revisionFor(
  services: Needs,
  target: unknown,
  {
    askDevice,
    ask,
    isMeant = () => true,
  }: {
    readonly askDevice: string;
    readonly ask: string;
    readonly isMeant?: (revision: Revision, device: DeviceModel) => boolean;
  },
): Promise<{ readonly device: NamedDevice; readonly revision: Revision }> {
  const node = target === 'selection' ? services.devicesView.selection[0] : target;
  if (isRevisionNode(node)) return { device: named(node.parent.parent.device), revision: node.revision };
  const device = await deviceFor(services, target, askDevice);
  return { device, revision: await pickRevision(services, device, ask, isMeant) };
}

export function isRevisionNode(node: unknown): node is RevisionNode {
  return isDeviceTreeNode(node) && node.kind === 'revision';
}

/** The newest first. @throws CannotRun when there is none to be picked; Dismissed. */
export async function pickRevision(
  { devices }: Needs,
  { model, name }: NamedDevice,
  ask: string,
  isMeant: (revision: Revision, device: DeviceModel) => boolean,
): Promise<Revision> {
  if (model === undefined) throw new CannotRun(l10n.t('{0} is not in the Devices view.', name));
  if (model.details === undefined) await devices.readDetails(model);
  const revisions = [...(model.details?.revisions ?? [])].reverse().filter((one) => isMeant(one, model));
  const [only, ...others] = revisions;
  if (only === undefined)
    throw new CannotRun(l10n.t('{0} has no revision that this can be done with.', name));
  if (others.length === 0 && model.details?.revisions.length === 1) return only;
  const items = revisions.map((revision) => ({
    label: revisionTitle(revision),
    description: revisionFacts(
      revision,
      model.weights.get(revision.name),
      model.glance?.running === revision.name,
    ).join(' · '),
    revision,
  }));
  const picked = await window.showQuickPick(items, { placeHolder: ask, matchOnDescription: true });
  if (picked === undefined) throw new Dismissed();
  return picked.revision;
}
