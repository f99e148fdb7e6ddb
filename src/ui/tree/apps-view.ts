import { l10n, type TreeView, window, workspace } from 'vscode';
import { setContext } from '../manifest/set-context';
import { appsViewId } from '../manifest/view-ids';
import type { AppId, Checkouts } from '../model/checkouts';
import { type Disposable, Disposables } from '../model/event';
import type { Reviews } from '../model/reviews';
import type { AppsTree } from './apps-tree';
import type { TreeNode } from './nodes';
import { viewStateOf } from './view-state';
import { watchWhileVisible } from './watch-while-visible';

/** The view around the tree: badge, message, welcome pages; and the watch, which lasts while somebody looks. */
export class AppsView implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #reviews: Reviews;
  readonly #tree: AppsTree;
  readonly #view: TreeView<TreeNode>;
  readonly #subscriptions = new Disposables();

  constructor(checkouts: Checkouts, reviews: Reviews, tree: AppsTree) {
    this.#checkouts = checkouts;
    this.#reviews = reviews;
    this.#tree = tree;
    this.#view = this.#subscriptions.add(
      window.createTreeView(appsViewId, { treeDataProvider: tree, showCollapseAll: true }),
    );
    this.#subscriptions.add(checkouts.onDidChangeList(() => this.#show()));
    this.#subscriptions.add(reviews.onDidChange(() => this.#show()));
    this.#subscriptions.add(workspace.onDidGrantWorkspaceTrust(() => this.#show()));
    this.#subscriptions.add(watchWhileVisible(this.#view, () => checkouts.watch()));
    this.#show();
  }

  get selection(): TreeNode | undefined {
    return this.#view.selection[0];
  }

  get filter(): string {
    return this.#tree.filter;
  }

  set filter(text: string) {
    this.#tree.filter = text;
    setContext('pantavisor.isFiltered', text !== '');
    this.#show();
  }

  /** Selects an app in the tree, and opens the view for it. */
  async reveal(id: AppId): Promise<void> {
    await this.#checkouts.app(id);
    // What a person wants to see must not stay filtered out.
    if (this.filter !== '') this.filter = '';
    const node = this.#tree.appNode(id);
    if (node !== undefined) await this.#view.reveal(node, { select: true, focus: true, expand: true });
  }

  /** Selects an app where a person sees it anyway. */
  async select(id: AppId): Promise<void> {
    const node = this.#tree.appNode(id);
    if (node !== undefined && this.#view.visible && this.filter === '') {
      await this.#view.reveal(node, { select: true, focus: false });
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #show(): void {
    const { all, areFound } = this.#checkouts;
    const hasFolders = (workspace.workspaceFolders?.length ?? 0) > 0;
    setContext('pantavisor.appsViewState', viewStateOf({ hasFolders, areFound, checkouts: all }));
    setContext(
      'pantavisor.appFolders',
      all.flatMap((model) => model.apps.map(({ directory }) => directory)),
    );
    this.#showBadge();
    this.#showMessage();
  }

  #showBadge(): void {
    const { length: value } = this.#reviews.needingAttention;
    const tooltip = value === 1 ? l10n.t('1 app needs attention') : l10n.t('{0} apps need attention', value);
    this.#view.badge = value === 0 ? undefined : { value, tooltip };
  }

  #showMessage(): void {
    const parts = [
      ...(this.filter === '' ? [] : [l10n.t('Only apps with "{0}" are shown.', this.filter)]),
      ...(workspace.isTrusted ? [] : [l10n.t('Restricted Mode: apps can be looked at, but not built.')]),
    ];
    const hasTree = this.#checkouts.all.some(({ apps }) => apps.length > 0);
    this.#view.message = hasTree ? parts.join(' ') : '';
  }
}
