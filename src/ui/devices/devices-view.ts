import { l10n, type TreeView, window, workspace } from 'vscode';
import { setContext } from '../manifest/set-context';
import { devicesViewId } from '../manifest/view-ids';
import { type Disposable, Disposables } from '../model/event';
import { watchWhileVisible } from '../tree/watch-while-visible';
import type { DevicesTree } from './devices-tree';
import type { DeviceTreeNode } from './model/device-nodes';
import { comingTo, type DevicesModel } from './model/devices-model';

/** The view around the tree: welcome pages, badge and message; and the looks at hubs, which last while somebody looks at it. */
export class DevicesView implements Disposable {
  readonly #model: DevicesModel;
  readonly #tree: DevicesTree;
  readonly #view: TreeView<DeviceTreeNode>;
  readonly #subscriptions = new Disposables();

  constructor(model: DevicesModel, tree: DevicesTree) {
    this.#model = model;
    this.#tree = tree;
    this.#view = this.#subscriptions.add(
      window.createTreeView(devicesViewId, {
        treeDataProvider: tree,
        showCollapseAll: true,
        canSelectMany: true,
      }),
    );
    this.#subscriptions.add(model.onDidChange(() => this.#show()));
    this.#subscriptions.add(workspace.onDidGrantWorkspaceTrust(() => void model.refresh()));
    this.#subscriptions.add(watchWhileVisible(this.#view, () => model.watch()));
    this.#show();
  }

  get selection(): readonly DeviceTreeNode[] {
    return this.#view.selection;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #show(): void {
    setContext('pantavisor.devicesViewState', this.#tree.state);
    const coming = this.#model.all.filter((device) => comingTo(device) !== undefined).length;
    const tooltip =
      coming === 1
        ? l10n.t('1 revision is on its way to a device')
        : l10n.t('{0} revisions are on their way to devices', coming);
    this.#view.badge = coming === 0 ? undefined : { value: coming, tooltip };
  }
}
