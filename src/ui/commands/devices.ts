import { commands, l10n, type QuickPickItem, window } from 'vscode';
import { cloneDevice } from '../devices/clone-device';
import { showRevisionDifferences } from '../devices/compare-revisions';
import { openShell } from '../devices/device-shell';
import {
  deviceFor,
  isRevisionNode,
  type NamedDevice,
  pickRevision,
  revisionFor,
  typeReference,
} from '../devices/device-target';
import { attended, logInTo } from '../devices/log-in';
import { metaUri } from '../devices/meta-documents';
import { accountOf, deviceNodeOf, isDeviceTreeNode, type RevisionNode } from '../devices/model/device-nodes';
import { canCancel, canGoBackTo } from '../devices/model/devices-model';
import { execute } from '../manifest/commands';
import { devicesViewId } from '../manifest/view-ids';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { withProgress } from '../messages/with-progress';
import type { Services } from '../services';
import { type Commands, withDevices } from './declare';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.logInToHub': [hub?: string];
    'pantavisor.logOutOfHub': [];
    'pantavisor.refreshDevices': [];
    'pantavisor.cloneDevice': [device?: string, revision?: string];
    'pantavisor.cloneRevision': [];
    'pantavisor.goBackToRevision': [];
    'pantavisor.cancelRevision': [];
    'pantavisor.compareRevisions': [];
    'pantavisor.compareWithPrevious': [];
    'pantavisor.showMoreRevisions': [];
    'pantavisor.showDeviceLogs': [];
    'pantavisor.openUserMeta': [];
    'pantavisor.openDeviceMeta': [];
    'pantavisor.openDeviceShell': [];
    'pantavisor.restartContainer': [];
    'pantavisor.findDevices': [];
    'pantavisor.addDeviceAddress': [];
    'pantavisor.removeDeviceAddress': [];
  }
}

export const devicesCommands = {
  'pantavisor.logInToHub': withDevices(logIn),
  'pantavisor.logOutOfHub': logOut,
  'pantavisor.refreshDevices': withDevices(({ devices }) =>
    window.withProgress({ location: { viewId: devicesViewId } }, () => devices.refresh()),
  ),
  'pantavisor.cloneDevice': withDevices((services, target, revision) =>
    cloneDevice(services, target, typeof revision === 'string' ? revision : undefined),
  ),
  'pantavisor.cloneRevision': withDevices(cloneRevision),
  'pantavisor.goBackToRevision': withDevices(goBack),
  'pantavisor.cancelRevision': withDevices(cancel),
  'pantavisor.compareRevisions': withDevices(compare),
  'pantavisor.compareWithPrevious': withDevices(compareWithPrevious),
  'pantavisor.showMoreRevisions': showMoreRevisions,
  'pantavisor.showDeviceLogs': withDevices(showLogs),
  'pantavisor.openUserMeta': withDevices((services, target) => openMeta(services, target, 'user-meta')),
  'pantavisor.openDeviceMeta': withDevices((services, target) => openMeta(services, target, 'device-meta')),
  'pantavisor.openDeviceShell': withDevices(openShell),
  'pantavisor.restartContainer': withDevices(restartContainer),
  'pantavisor.findDevices': withDevices(findDevices),
  'pantavisor.addDeviceAddress': withDevices(addAddress),
  'pantavisor.removeDeviceAddress': removeAddress,
} satisfies Commands;

/** @param target the address of a hub, or an account's row; else the usual hub, or another that a person names. */
async function logIn(services: Services, target?: unknown): Promise<void> {
  const ofRow = isDeviceTreeNode(target) ? accountOf(target)?.hub : undefined;
  const hub = typeof target === 'string' ? target : (ofRow ?? (await whichHub(services)));
  const { nick } = await logInTo(services, hub);
  window.setStatusBarMessage(l10n.t('Logged in as {0}.', nick ?? ''), 5000);
  await services.devices.refresh();
}

interface HubItem extends QuickPickItem {
  readonly hub?: string;
}

async function whichHub({ backend }: Services): Promise<string> {
  const accounts = await backend.request('listAccounts', {});
  const [only, ...others] = accounts;
  if (only !== undefined && others.length === 0 && only.nick === undefined) return only.hub;
  const items: HubItem[] = [
    ...accounts.map(({ hub, nick }) => ({
      label: new URL(hub).host,
      description: nick === undefined ? '' : l10n.t('logged in as {0}', nick),
      hub,
    })),
    { label: l10n.t('$(edit) Another Hub…') },
  ];
  const picked = await window.showQuickPick(items, { placeHolder: l10n.t('Log in to which hub?') });
  if (picked === undefined) throw new Dismissed();
  return picked.hub ?? typeHub();
}

async function typeHub(): Promise<string> {
  const isHub = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  const text = await window.showInputBox({
    title: l10n.t('Log In to Another Hub'),
    prompt: l10n.t('The address of its interface'),
    value: 'https://',
    ignoreFocusOut: true,
    validateInput: (typed) =>
      isHub(typed.trim()) ? undefined : l10n.t('Type an address that begins with https://.'),
  });
  if (text === undefined) throw new Dismissed();
  return new URL(text.trim()).origin;
}

async function logOut(services: Services, target?: unknown): Promise<void> {
  const { backend, devices } = services;
  const ofRow = isDeviceTreeNode(target) ? accountOf(target)?.hub : undefined;
  const hub = ofRow ?? (await pickLogin(services));
  await backend.request('logOutOfHub', { hub });
  await devices.refresh();
}

async function pickLogin({ backend }: Services): Promise<string> {
  const accounts = (await backend.request('listAccounts', {})).filter(({ nick }) => nick !== undefined);
  const [only, ...others] = accounts;
  if (only === undefined) throw new CannotRun(l10n.t('Nobody is logged in to a hub.'));
  if (others.length === 0) return only.hub;
  const items = accounts.map(({ hub, nick = '' }) => ({ label: nick, description: new URL(hub).host, hub }));
  const picked = await window.showQuickPick(items, { placeHolder: l10n.t('Log out of which hub?') });
  if (picked === undefined) throw new Dismissed();
  return picked.hub;
}

async function cloneRevision(services: Services, target?: unknown): Promise<void> {
  if (isRevisionNode(target)) return cloneDevice(services, target);
  const { device, revision } = await revisionFor(services, target, {
    askDevice: l10n.t('Clone a revision of which device?'),
    ask: l10n.t('Clone which revision?'),
  });
  return cloneDevice(services, device.address, revision.name);
}

/** Has a device run what it ran before, once a person has seen what that means. */
async function goBack(services: Services, target?: unknown): Promise<void> {
  const { device, revision } = await revisionFor(services, target, {
    askDevice: l10n.t('Have which device go back?'),
    ask: l10n.t('Go back to which revision?'),
    isMeant: (one, { details }) => details !== undefined && canGoBackTo(one, details),
  });
  const go = l10n.t('Go Back');
  const question = l10n.t('Have {0} go back to revision {1}?', device.name, revision.name);
  const detail = [
    ...(revision.message === '' ? [] : [revision.message]),
    l10n.t(
      'It is posted as a new revision, which the device takes as soon as it can. What came after it stays in the list.',
    ),
  ].join('\n\n');
  if ((await window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw new Dismissed();
  const message = l10n.t('Back to revision {0}', revision.name);
  const posted = await attended(services, () =>
    withProgress(l10n.t('Going back to revision {0} of {1}', revision.name, device.name), (options) =>
      services.backend.request(
        'goBack',
        { device: device.address, revision: revision.name, message },
        options,
      ),
    ),
  );
  window.setStatusBarMessage(l10n.t('Revision {0} is on its way to {1}.', posted.name, device.name), 5000);
  await look(services, device);
}

async function cancel(services: Services, target?: unknown): Promise<void> {
  const { device, revision } = await revisionToCancel(services, target);
  const question = l10n.t('Cancel revision {0} of {1}?', revision, device.name);
  const go = l10n.t('Cancel Revision');
  const detail = l10n.t('The device has not begun with it, and is not going to.');
  if ((await window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw new Dismissed();
  await attended(services, () =>
    services.backend.request('cancelRevision', { device: device.address, revision }),
  );
  await look(services, device);
}

/** Of a device's row: what waits for it. */
async function revisionToCancel(
  services: Services,
  target: unknown,
): Promise<{ readonly device: NamedDevice; readonly revision: string }> {
  const ofRow = isDeviceTreeNode(target) && target.kind === 'device' ? target.device.glance?.head : undefined;
  if (ofRow !== undefined) return { device: await deviceFor(services, target, ''), revision: ofRow };
  const { device, revision } = await revisionFor(services, target, {
    askDevice: l10n.t('Cancel a revision of which device?'),
    ask: l10n.t('Cancel which revision?'),
    isMeant: canCancel,
  });
  return { device, revision: revision.name };
}

/** What is behind the row, and before it, after something has been done. */
async function look({ devices }: Services, { model }: NamedDevice): Promise<void> {
  if (model?.details !== undefined) await devices.readDetails(model);
  await devices.refresh();
}

/** @param targets a row, and all that are selected. */
async function compare(services: Services, target?: unknown, selected?: unknown): Promise<void> {
  const rows = Array.isArray(selected)
    ? selected
    : target === 'selection'
      ? services.devicesView.selection
      : [];
  const nodes = rows.filter(isRevisionNode);
  const [one, other] = nodes;
  if (one !== undefined && other !== undefined) return compareNodes(services, one, other, nodes.length);
  const { device, revision } = await revisionFor(services, target, {
    askDevice: l10n.t('Compare revisions of which device?'),
    ask: l10n.t('Compare which revision?'),
  });
  const before = await pickRevision(
    services,
    device,
    l10n.t('Compare revision {0} with which one?', revision.name),
    ({ name }) => name !== revision.name,
  );
  const { model } = device;
  const inOrder = [before.name, revision.name].sort(
    (a, b) => placeOf(model?.details?.revisions, a) - placeOf(model?.details?.revisions, b),
  );
  await showRevisionDifferences(services, { device, before: inOrder[0] ?? '', after: inOrder[1] ?? '' });
}

async function compareNodes(
  services: Services,
  one: RevisionNode,
  other: RevisionNode,
  count: number,
): Promise<void> {
  const [first, second] = [one.parent.parent.device, other.parent.parent.device];
  if (count > 2 || first !== second)
    throw new CannotRun(l10n.t('Select two revisions of one device to compare them.'));
  const place = ({ revision }: RevisionNode) => placeOf(first.details?.revisions, revision.name);
  const [before, after] = place(one) < place(other) ? [one, other] : [other, one];
  const device = await deviceFor(services, one, '');
  await showRevisionDifferences(services, {
    ...{ device, before: before.revision.name, after: after.revision.name },
  });
}

/** What a revision brought. */
async function compareWithPrevious(services: Services, target?: unknown): Promise<void> {
  const { device, revision } = await revisionFor(services, target, {
    askDevice: l10n.t('Compare revisions of which device?'),
    ask: l10n.t('Compare which revision with the one before?'),
  });
  const revisions = device.model?.details?.revisions;
  const before = revisions?.[placeOf(revisions, revision.name) - 1];
  if (before === undefined) throw new CannotRun(l10n.t('There is none before it.'));
  await showRevisionDifferences(services, { device, before: before.name, after: revision.name });
}

function placeOf(revisions: readonly { readonly name: string }[] | undefined, name: string): number {
  return revisions?.findIndex((one) => one.name === name) ?? -1;
}

function showMoreRevisions({ devicesTree }: Services, target?: unknown): void {
  const node = isDeviceTreeNode(target) ? deviceNodeOf(target) : undefined;
  if (node !== undefined) devicesTree.showMore(node.device);
}

/** Of a device, a revision or a container, whichever the row is. */
async function showLogs(services: Services, target?: unknown): Promise<void> {
  const { address, name } = await deviceFor(services, target, l10n.t('Show the logs of which device?'));
  const node = target === 'selection' ? services.devicesView.selection[0] : target;
  const isRow = isDeviceTreeNode(node);
  services.deviceLogs.show({
    ...{ device: address, name },
    revision: isRevisionNode(node) ? node.revision.name : undefined,
    platform: isRow && node.kind === 'container' ? node.container.name : undefined,
  });
}

async function openMeta(
  services: Services,
  target: unknown,
  which: 'user-meta' | 'device-meta',
): Promise<void> {
  const { address: device, name } = await deviceFor(
    services,
    target,
    l10n.t('Open the metadata of which device?'),
  );
  await attended(services, () => services.backend.request('readMeta', { device, which }));
  await commands.executeCommand('vscode.open', metaUri({ device, which }, name));
}

async function restartContainer(services: Services, target?: unknown): Promise<void> {
  if (!isDeviceTreeNode(target) || target.kind !== 'container')
    throw new CannotRun(l10n.t('Choose a container in the Devices view.'));
  const { device } = target.parent.parent;
  const { name: container } = target.container;
  const restart = l10n.t('Restart');
  const question = l10n.t('Restart {0} on the device?', container);
  if ((await window.showWarningMessage(question, { modal: true }, restart)) !== restart)
    throw new Dismissed();
  await services.backend.request('actOnContainer', { device: device.address, container, action: 'restart' });
  await services.devices.readDetails(device);
}

async function findDevices({ devices }: Services): Promise<void> {
  const title = l10n.t('Looking for devices in the network');
  const count = await window.withProgress({ location: { viewId: devicesViewId }, title }, () =>
    devices.lookInNetwork(),
  );
  if (count === 0)
    throw new CannotRun(l10n.t('No device has answered. One that is silent can be added by its address.'), [
      { title: l10n.t('Add by Address…'), run: () => execute('pantavisor.addDeviceAddress') },
    ]);
}

async function addAddress({ devices }: Services): Promise<void> {
  await devices.addAddress(await typeReference(l10n.t('Add a Device by Address')));
}

async function removeAddress({ devices }: Services, target?: unknown): Promise<void> {
  const node = isDeviceTreeNode(target) ? deviceNodeOf(target) : undefined;
  if (node === undefined) throw new CannotRun(l10n.t('Choose a device in the Devices view.'));
  await devices.removeAddress(node.device.address);
}
