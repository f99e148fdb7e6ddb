import type { App, AppFile, AppSquashfs } from '../../core/checkout/app';
import type { Contradiction } from '../../core/checkout/contradictions/contradictions';
import type { CheckoutModel } from '../model/checkout-model';
import type { AppId } from '../model/checkouts';

/** What the tree shows, from the top down. Plain data: what a node looks like is in tree-items.ts. */
export type TreeNode =
  | CheckoutNode
  | AppNode
  | ContradictionNode
  | SquashfsNode
  | RelatedAppNode
  | DependantsNode
  | FilesNode
  | FileNode;

export interface CheckoutNode {
  readonly kind: 'checkout';
  readonly model: CheckoutModel;
}

export interface AppNode {
  readonly kind: 'app';
  readonly parent: CheckoutNode;
  readonly app: App;
}

export interface ContradictionNode {
  readonly kind: 'contradiction';
  readonly parent: CheckoutNode | AppNode;
  readonly contradiction: Contradiction;
}

/** `root.squashfs` or `root.ovl.squashfs`. */
export interface SquashfsNode {
  readonly kind: 'base' | 'overlay';
  readonly parent: AppNode;
  readonly squashfs: AppSquashfs;
}

/** The app that the parent extends, or one that extends it. */
export interface RelatedAppNode {
  readonly kind: 'baseApp' | 'dependant';
  readonly parent: AppNode | DependantsNode;
  readonly name: string;
}

export interface DependantsNode {
  readonly kind: 'dependants';
  readonly parent: AppNode;
}

export interface FilesNode {
  readonly kind: 'files';
  readonly parent: AppNode;
}

export interface FileNode {
  readonly kind: 'file';
  readonly parent: FilesNode;
  readonly file: AppFile;
}

export function parentOf(node: TreeNode): TreeNode | undefined {
  return node.kind === 'checkout' ? undefined : node.parent;
}

export function isTreeNode(value: unknown): value is TreeNode {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && ('parent' in value || 'model' in value)
  );
}

/** The app that a node is, or is a part of. */
export function appNodeOf(node: TreeNode): AppNode | undefined {
  if (node.kind === 'app') return node;
  const parent = parentOf(node);
  return parent && appNodeOf(parent);
}

/** The app that a row is about: of one that tells of another app, that one. */
export function appIdOf(node: TreeNode): AppId | undefined {
  const isOfAnother = node.kind === 'baseApp' || node.kind === 'dependant';
  const app = isOfAnother ? node.name : appNodeOf(node)?.app.name;
  return app === undefined ? undefined : { checkout: checkoutOf(node).directory, app };
}

export function checkoutOf(node: TreeNode): CheckoutModel {
  return node.kind === 'checkout' ? node.model : checkoutOf(node.parent);
}

/** Made of names only, so that a node stays the same one however its sizes and states change. */
export function nodeId(node: TreeNode): string {
  switch (node.kind) {
    case 'checkout':
      return node.model.directory;
    case 'app':
      return `${nodeId(node.parent)}\n${node.app.name}`;
    case 'contradiction':
      return `${nodeId(node.parent)}\n${JSON.stringify(node.contradiction)}`;
    case 'baseApp':
    case 'dependant':
      return `${nodeId(node.parent)}\n${node.kind} ${node.name}`;
    case 'file':
      return `${nodeId(node.parent)}\n${node.file.path}`;
    case 'base':
    case 'overlay':
    case 'dependants':
    case 'files':
      return `${nodeId(node.parent)}\n${node.kind}`;
  }
}

/** What is below a node, in the order in which the tree shows it; a checkout's apps are the tree's own business. */
export function childrenOf(node: Exclude<TreeNode, CheckoutNode>): readonly TreeNode[] {
  switch (node.kind) {
    case 'app':
      return childrenOfApp(node);
    case 'dependants':
      return node.parent.app.dependants.map((name) => ({ kind: 'dependant', parent: node, name }));
    case 'files':
      return node.parent.app.files.map((file) => ({ kind: 'file', parent: node, file }));
    case 'contradiction':
    case 'base':
    case 'overlay':
    case 'baseApp':
    case 'dependant':
    case 'file':
      return [];
  }
}

function childrenOfApp(node: AppNode): readonly TreeNode[] {
  const { contradictions, base, overlay, baseApp, dependants } = node.app;
  return [
    ...contradictions.map((contradiction): TreeNode => ({
      kind: 'contradiction',
      parent: node,
      contradiction,
    })),
    ...(base ? [{ kind: 'base', parent: node, squashfs: base } as const] : []),
    ...(overlay ? [{ kind: 'overlay', parent: node, squashfs: overlay } as const] : []),
    ...(baseApp === undefined ? [] : [{ kind: 'baseApp', parent: node, name: baseApp } as const]),
    ...(dependants.length > 0 ? [{ kind: 'dependants', parent: node } as const] : []),
    { kind: 'files', parent: node },
  ];
}
