import { EventEmitter, type TreeDataProvider, type TreeItem } from 'vscode';
import { type Disposable, Disposables } from '../model/event';
import { deviceItem } from './device-items';
import {
  type AccountNode,
  childrenOf,
  deviceNodeOf,
  devicesBelow,
  type DeviceNode,
  type DeviceTreeNode,
  devicesViewState,
  type DevicesViewState,
  nodeId,
  parentOf,
  type PlaceNode,
  revisionsAtOnce,
} from './model/device-nodes';
import type { DeviceModel, DevicesModel } from './model/devices-model';

/** Accounts and devices. What is behind a row is read when somebody unfolds it. */
export class DevicesTree implements TreeDataProvider<DeviceTreeNode>, Disposable {
  readonly #model: DevicesModel;
  readonly #changed = new EventEmitter<DeviceTreeNode | undefined>();
  readonly #subscriptions = new Disposables();
  /** VS Code knows a node by its identity when it is told that it changed. */
  readonly #deviceNodes = new Map<string, DeviceNode>();
  readonly #shownRevisions = new Map<string, number>();

  constructor(model: DevicesModel) {
    this.#model = model;
    this.#subscriptions.add(this.#changed);
    this.#subscriptions.add(model.onDidChange((device) => this.#show(device)));
  }

  get onDidChangeTreeData() {
    return this.#changed.event;
  }

  get state(): DevicesViewState {
    const others = this.#model.named.length + this.#model.inNetwork.length;
    return devicesViewState({ accounts: this.#model.accounts, others });
  }

  getTreeItem(node: DeviceTreeNode): TreeItem {
    return deviceItem(node);
  }

  getParent(node: DeviceTreeNode): DeviceTreeNode | undefined {
    return parentOf(node);
  }

  async getChildren(node?: DeviceTreeNode): Promise<DeviceTreeNode[]> {
    if (node === undefined) return this.state === 'devices' ? [...this.#roots()] : [];
    if (!('parent' in node))
      return devicesBelow(node).map((child) => (child.kind === 'device' ? this.#deviceNode(child) : child));
    if (node.kind === 'device' && node.device.details === undefined)
      await this.#model.readDetails(node.device);
    const children = childrenOf(node, this.#shown(node));
    if (node.kind === 'revisions') {
      const revisions = children.flatMap((one) => (one.kind === 'revision' ? [one.revision] : []));
      void this.#model.weigh(node.parent.device, revisions);
    }
    return [...children];
  }

  /** How many revisions of its device. */
  #shown(node: DeviceTreeNode): number {
    const address = deviceNodeOf(node)?.device.address ?? '';
    return this.#shownRevisions.get(address) ?? revisionsAtOnce;
  }

  showMore(device: DeviceModel): void {
    const shown = this.#shownRevisions.get(device.address) ?? revisionsAtOnce;
    this.#shownRevisions.set(device.address, shown + revisionsAtOnce);
    this.#show(device);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #roots(): readonly DeviceTreeNode[] {
    const { named, inNetwork } = this.#model;
    const accounts = (this.#model.accounts ?? []).map((account): AccountNode => ({
      kind: 'account',
      account,
    }));
    const places: readonly PlaceNode[] = [
      ...(inNetwork.length > 0 ? [{ kind: 'network', devices: inNetwork } as const] : []),
      ...(named.length > 0 ? [{ kind: 'addresses', devices: named } as const] : []),
    ];
    return [...accounts, ...places];
  }

  #deviceNode(node: DeviceNode): DeviceNode {
    const id = nodeId(node);
    const known = this.#deviceNodes.get(id);
    if (known?.device === node.device) return known;
    this.#deviceNodes.set(id, node);
    return node;
  }

  #show(device: DeviceModel | undefined): void {
    if (device === undefined) this.#changed.fire(undefined);
    for (const node of this.#deviceNodes.values()) if (node.device === device) this.#changed.fire(node);
  }
}
