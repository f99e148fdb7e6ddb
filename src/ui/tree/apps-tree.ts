import { EventEmitter, type TreeDataProvider, type TreeItem } from 'vscode';
import type { CheckoutModel } from '../model/checkout-model';
import type { AppId, Checkouts } from '../model/checkouts';
import type { ComparedFiles } from '../model/compared-files';
import { Disposables, type Disposable } from '../model/event';
import { failureOf } from '../model/image-state';
import type { Reviews } from '../model/reviews';
import { appTooltip } from './app-tooltip';
import { type AppGrouping, arrangeApps } from './arrange-apps';
import {
  type AppNode,
  checkoutOf,
  type CheckoutNode,
  childrenOf,
  type GroupNode,
  nodeId,
  parentOf,
  problemNodes,
  type TreeNode,
} from './nodes';
import { filterApps, sortApps, type AppOrder } from './order';
import { partNodes, problemsOfNoPart } from './part-nodes';
import { treeItem } from './tree-items';
import { viewStateOf } from './view-state';

/** How the apps are shown. */
export interface AppsLayout {
  readonly order: AppOrder;
  readonly grouping: AppGrouping;
}

/** The checkouts and their apps. Nothing is read before VS Code shows it. */
export class AppsTree implements TreeDataProvider<TreeNode>, Disposable {
  readonly #checkouts: Checkouts;
  readonly #reviews: Reviews;
  readonly #compared: ComparedFiles;
  readonly #layout: () => AppsLayout;
  readonly #changed = new EventEmitter<TreeNode | undefined>();
  readonly #subscriptions = new Disposables();
  /** VS Code knows a node by its identity when it is told that it changed. */
  readonly #checkoutNodes = new WeakMap<CheckoutModel, CheckoutNode>();
  #filter = '';
  /** Whether there is a tree, and no welcome page in its place. */
  #isShown = false;
  /** How many answers to VS Code's question for the roots are on the way. */
  #answers = 0;

  constructor(checkouts: Checkouts, reviews: Reviews, compared: ComparedFiles, layout: () => AppsLayout) {
    this.#checkouts = checkouts;
    this.#reviews = reviews;
    this.#compared = compared;
    this.#layout = layout;
    this.#subscriptions.add(checkouts.onDidChangeList(() => this.#show(undefined)));
    this.#subscriptions.add(reviews.onDidChange((model) => this.#show(this.#rootOf(model))));
  }

  get onDidChangeTreeData() {
    return this.#changed.event;
  }

  get filter(): string {
    return this.#filter;
  }

  set filter(text: string) {
    this.#filter = text;
    this.changeAll();
  }

  /** Shows everything anew, say in another order; nothing is read. */
  changeAll(): void {
    this.#changed.fire(undefined);
  }

  getTreeItem(node: TreeNode): TreeItem {
    return treeItem(node, {
      reviewOf: (appNode) => this.#reviewOf(appNode),
      failedChecks: (model) =>
        model.apps.filter((app) => failureOf(this.#reviews.of({ model, app }).image) !== undefined).length,
    });
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return parentOf(node);
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node === undefined) return this.#roots();
    if (node.kind === 'checkout') return [...this.#childrenOfCheckout(node)];
    if (node.kind === 'group') return [...this.#appsBelow(node)];
    // Whoever unfolds its files wants to know which of them have changed.
    if (node.kind === 'files') void this.#compared.lookAt(this.#idOf(node.parent));
    const extending = node.kind === 'app' ? this.#appsBelow(node) : [];
    return [...extending, ...childrenOf(node)];
  }

  resolveTreeItem(item: TreeItem, node: TreeNode): TreeItem {
    if (node.kind === 'app') item.tooltip = appTooltip(this.#idOf(node), this.#reviewOf(node));
    return item;
  }

  /** The node of an app that has been read. */
  appNode({ checkout, app: name }: AppId): AppNode | undefined {
    const model = this.#checkouts.byDirectory(checkout);
    return model && this.#appsAt(this.#checkoutNode(model)).find(({ app }) => app.name === name);
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }

  async #roots(): Promise<TreeNode[]> {
    this.#answers++;
    try {
      await this.#checkouts.readApps();
    } finally {
      this.#answers--;
    }
    const models = this.#checkouts.all;
    this.#isShown = this.#isToBeShown;
    return this.#isShown ? models.map((model) => this.#checkoutNode(model)) : [];
  }

  get #isToBeShown(): boolean {
    const { all, areFound } = this.#checkouts;
    return viewStateOf({ hasFolders: true, areFound, checkouts: all }) === 'apps';
  }

  #childrenOfCheckout(node: CheckoutNode): readonly TreeNode[] {
    const { state } = node.model;
    if (state.kind !== 'read') return [];
    const { checkout } = state;
    const atTop = this.#appsAt(node).flatMap((app): readonly TreeNode[] => {
      if (app.parent.kind === 'checkout') return [app];
      return app.parent.kind === 'group' ? [app.parent] : [];
    });
    return [
      ...problemNodes(node, problemsOfNoPart(checkout)),
      ...new Set(atTop),
      // Whoever filters looks for an app.
      ...(this.#filter === '' ? partNodes(node, checkout) : []),
    ];
  }

  /** All apps of a checkout that no filter hides, wherever they stand. */
  #appsAt(node: CheckoutNode): readonly AppNode[] {
    const { state, apps } = node.model;
    if (state.kind !== 'read') return [];
    const { order, grouping } = this.#layout();
    // In this order: what an extension app weighs depends on its base, which may be filtered out.
    const shown = filterApps(sortApps(apps, order), this.#filter);
    return arrangeApps(node, state.checkout, shown, grouping);
  }

  #appsBelow(node: GroupNode | AppNode): readonly AppNode[] {
    // Nodes are made anew for each question.
    const id = nodeId(node);
    return this.#appsAt(this.#checkoutNode(checkoutOf(node))).filter(({ parent }) => nodeId(parent) === id);
  }

  #checkoutNode(model: CheckoutModel): CheckoutNode {
    const node = this.#checkoutNodes.get(model) ?? { kind: 'checkout', model };
    this.#checkoutNodes.set(model, node);
    return node;
  }

  /** What is found out while the roots are asked for is in the answer; asked again meanwhile, VS Code mixes up old and new nodes. */
  #show(node: CheckoutNode | undefined): void {
    if (this.#answers === 0) this.#changed.fire(node);
  }

  /** What must be shown anew when a checkout changed: it alone, unless the tree comes or goes with it. */
  #rootOf(model: CheckoutModel): CheckoutNode | undefined {
    return this.#isShown && this.#isToBeShown ? this.#checkoutNode(model) : undefined;
  }

  #reviewOf(node: AppNode) {
    return this.#reviews.of({ model: checkoutOf(node), app: node.app });
  }

  #idOf(node: AppNode): AppId {
    return { checkout: checkoutOf(node).directory, app: node.app.name };
  }
}
