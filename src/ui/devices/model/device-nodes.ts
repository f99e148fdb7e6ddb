import type { Container, Revision } from '../../../core/remote/remote';
import type { AccountModel, DeviceModel, Trouble } from './devices-model';

/** What the Devices view shows, from the top down. Plain data: what a node looks like is in device-items.ts. */
export type DeviceTreeNode =
  | AccountNode
  | PlaceNode
  | DeviceNode
  | NoteNode
  | RevisionsNode
  | RevisionNode
  | MoreNode
  | ContainersNode
  | ContainerNode
  | MetaNode
  | MetaDocumentNode
  | LogsNode
  | CheckoutLinkNode;

export interface AccountNode {
  readonly kind: 'account';
  readonly account: AccountModel;
}

/** Devices in the network, or by address. */
export interface PlaceNode {
  readonly kind: 'network' | 'addresses';
  readonly devices: readonly DeviceModel[];
}

export interface DeviceNode {
  readonly kind: 'device';
  readonly parent: AccountNode | PlaceNode;
  readonly device: DeviceModel;
}

/** Why there is nothing here, in one sentence, and what a click does about it. */
export interface NoteNode {
  readonly kind: 'note';
  readonly parent: AccountNode | PlaceNode | DeviceNode;
  readonly note: Trouble | 'noDevices' | 'neverReported';
}

export interface RevisionsNode {
  readonly kind: 'revisions';
  readonly parent: DeviceNode;
}

export interface RevisionNode {
  readonly kind: 'revision';
  readonly parent: RevisionsNode;
  readonly revision: Revision;
}

/** Older revisions. */
export interface MoreNode {
  readonly kind: 'more';
  readonly parent: RevisionsNode;
  readonly count: number;
}

export interface ContainersNode {
  readonly kind: 'containers';
  readonly parent: DeviceNode;
}

export interface ContainerNode {
  readonly kind: 'container';
  readonly parent: ContainersNode;
  readonly container: Container;
}

export interface MetaNode {
  readonly kind: 'metadata';
  readonly parent: DeviceNode;
}

export interface MetaDocumentNode {
  readonly kind: 'user-meta' | 'device-meta';
  readonly parent: MetaNode;
}

export interface LogsNode {
  readonly kind: 'logs';
  readonly parent: DeviceNode;
}

/** A checkout of the window that came from the device. */
export interface CheckoutLinkNode {
  readonly kind: 'checkoutLink';
  readonly parent: DeviceNode;
  readonly directory: string;
  readonly revision: string | undefined;
}

export function parentOf(node: DeviceTreeNode): DeviceTreeNode | undefined {
  return 'parent' in node ? node.parent : undefined;
}

export function deviceNodeOf(node: DeviceTreeNode): DeviceNode | undefined {
  if (node.kind === 'device') return node;
  const parent = parentOf(node);
  return parent && deviceNodeOf(parent);
}

export function accountOf(node: DeviceTreeNode): AccountModel | undefined {
  if (node.kind === 'account') return node.account;
  const parent = parentOf(node);
  return parent && accountOf(parent);
}

const kinds: ReadonlySet<unknown> = new Set<DeviceTreeNode['kind']>([
  ...(['account', 'network', 'addresses', 'device', 'note', 'revisions', 'revision', 'more'] as const),
  ...(['containers', 'container', 'metadata', 'user-meta', 'device-meta', 'logs', 'checkoutLink'] as const),
]);

/** VS Code hands rows to commands as they are. */
export function isDeviceTreeNode(value: unknown): value is DeviceTreeNode {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return kinds.has(value.kind) && ('parent' in value || 'account' in value || 'devices' in value);
}

/** Made of names only, so that a node stays the same one however its texts change. */
export function nodeId(node: DeviceTreeNode): string {
  switch (node.kind) {
    case 'account':
      return node.account.hub;
    case 'network':
    case 'addresses':
      return node.kind;
    case 'device':
      return `${nodeId(node.parent)}\n${node.device.address}`;
    case 'revision':
      return `${nodeId(node.parent)}\n${node.revision.name}`;
    case 'container':
      return `${nodeId(node.parent)}\n${node.container.name}`;
    case 'checkoutLink':
      return `${nodeId(node.parent)}\n${node.directory}`;
    case 'note':
    case 'revisions':
    case 'more':
    case 'containers':
    case 'metadata':
    case 'user-meta':
    case 'device-meta':
    case 'logs':
      return `${nodeId(node.parent)}\n${node.kind}`;
  }
}

/** So many revisions are shown at first, and with every click more. */
export const revisionsAtOnce = 20;

/** What is below a node. @param shown how many revisions are shown of a device. */
export function childrenOf(
  node: Exclude<DeviceTreeNode, AccountNode | PlaceNode>,
  shown: number,
): readonly DeviceTreeNode[] {
  switch (node.kind) {
    case 'device':
      return childrenOfDevice(node);
    case 'revisions': {
      const newestFirst = [...(node.parent.device.details?.revisions ?? [])].reverse();
      const rest = newestFirst.length - shown;
      return [
        ...newestFirst
          .slice(0, shown)
          .map((revision): RevisionNode => ({ kind: 'revision', parent: node, revision })),
        ...(rest > 0 ? [{ kind: 'more', parent: node, count: rest } as const] : []),
      ];
    }
    case 'containers':
      return (node.parent.device.containers ?? []).map((container) => ({
        ...{ kind: 'container', parent: node, container },
      }));
    case 'metadata':
      return (['user-meta', 'device-meta'] as const).map((kind) => ({ kind, parent: node }));
    case 'note':
    case 'revision':
    case 'more':
    case 'container':
    case 'user-meta':
    case 'device-meta':
    case 'logs':
    case 'checkoutLink':
      return [];
  }
}

function childrenOfDevice(node: DeviceNode): readonly DeviceTreeNode[] {
  const { details, trouble, checkouts } = node.device;
  if (details === undefined)
    return trouble === undefined ? [] : [{ kind: 'note', parent: node, note: trouble }];
  return [
    ...(trouble === undefined ? [] : [{ kind: 'note', parent: node, note: trouble } as const]),
    ...checkouts.map((one): CheckoutLinkNode => ({ kind: 'checkoutLink', parent: node, ...one })),
    details.revisions.length === 0
      ? { kind: 'note', parent: node, note: 'neverReported' }
      : { kind: 'revisions', parent: node },
    ...(details.hasContainers ? [{ kind: 'containers', parent: node } as const] : []),
    { kind: 'metadata', parent: node },
    { kind: 'logs', parent: node },
  ];
}

/** What is below an account, or a place. */
export function devicesBelow(node: AccountNode | PlaceNode): readonly DeviceTreeNode[] {
  if (node.kind !== 'account')
    return node.devices.map((device) => ({ kind: 'device', parent: node, device }));
  const { devices, trouble } = node.account;
  const note = trouble ?? (devices?.length === 0 ? ('noDevices' as const) : undefined);
  return [
    ...(note === undefined ? [] : [{ kind: 'note', parent: node, note } as const]),
    ...(trouble?.kind === 'loggedOut' ? [] : (devices ?? [])).map((device): DeviceNode => ({
      kind: 'device',
      parent: node,
      device,
    })),
  ];
}

/** Which welcome page the view shows; with `devices` there is none, but the tree. */
export type DevicesViewState = 'loading' | 'loggedOut' | 'away' | 'devices';

/** One sentence and one button, where that is all there is to say. */
export function devicesViewState({
  accounts,
  others,
}: {
  readonly accounts: readonly AccountModel[] | undefined;
  /** How many there are beside those of accounts. */
  readonly others: number;
}): DevicesViewState {
  if (others > 0) return 'devices';
  if (accounts === undefined) return 'loading';
  const troubles = accounts.map(({ trouble }) => trouble?.kind);
  if (troubles.every((kind) => kind === 'loggedOut')) return 'loggedOut';
  const [only, ...more] = accounts;
  if (only !== undefined && more.length === 0 && only.devices === undefined)
    return only.trouble === undefined ? 'loading' : 'away';
  return 'devices';
}
