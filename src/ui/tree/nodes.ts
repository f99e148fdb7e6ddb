import type { App, AppFile, AppSquashfs } from '../../core/checkout/app';
import type { Contradiction } from '../../core/checkout/contradictions/contradictions';
import type { Part } from '../../core/checkout/parts';
import type { CheckedSignature } from '../../core/checkout/verify-signature';
import type { CheckoutModel } from '../model/checkout-model';
import type { AppId } from '../model/checkouts';

/** What the tree shows, from the top down. Plain data: what a node looks like is in tree-items.ts. */
export type TreeNode =
  | CheckoutNode
  | GroupNode
  | AppNode
  | ProblemsNode
  | ContradictionNode
  | SquashfsNode
  | RelatedAppNode
  | DependantsNode
  | FilesNode
  | PartNode
  | FileNode;

export interface CheckoutNode {
  readonly kind: 'checkout';
  readonly model: CheckoutModel;
}

/** Apps that a device starts together. */
export interface GroupNode {
  readonly kind: 'group';
  readonly parent: CheckoutNode;
  /** Undefined: those of none. */
  readonly name: string | undefined;
  readonly size: number;
}

export interface AppNode {
  readonly kind: 'app';
  /** An extension app may stand below the app that it extends. */
  readonly parent: CheckoutNode | GroupNode | AppNode;
  readonly app: App;
  /** Apps that extend it stand below it, and it itself below the one that it extends. */
  readonly isNested: boolean;
  /** Files that are laid over its own on the device; paths below the checkout. */
  readonly config: readonly AppFile[];
}

/** Several problems of the same, folded. */
export interface ProblemsNode {
  readonly kind: 'problems';
  readonly parent: CheckoutNode | AppNode;
  readonly contradictions: readonly Contradiction[];
}

export interface ContradictionNode {
  readonly kind: 'contradiction';
  readonly parent: CheckoutNode | AppNode | ProblemsNode | PartNode;
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

/** Something at the checkout's top that is no app: bsp, `_sigs`, device.json. */
export interface PartNode {
  readonly kind: 'part';
  readonly parent: CheckoutNode;
  readonly part: Part;
  /** Of `_sigs`: what the files sign, and what is wrong with it. */
  readonly signatures: readonly CheckedSignature[];
  readonly contradictions: readonly Contradiction[];
}

export interface FileNode {
  readonly kind: 'file';
  readonly parent: FilesNode | PartNode;
  /** Its path is below the checkout. */
  readonly file: AppFile;
  /** As the row calls it. */
  readonly name: string;
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
    case 'group':
      return `${nodeId(node.parent)}\ngroup\n${node.name ?? ''}`;
    // Wherever it stands.
    case 'app':
      return `${checkoutOf(node).directory}\n${node.app.name}`;
    case 'part':
      return `${nodeId(node.parent)}\npart\n${node.part.name}`;
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
    case 'problems':
      return `${nodeId(node.parent)}\n${node.kind}`;
  }
}

/** What is below a node, in the order in which the tree shows it; where apps stand is arrange-apps.ts's business. */
export function childrenOf(node: Exclude<TreeNode, CheckoutNode | GroupNode>): readonly TreeNode[] {
  switch (node.kind) {
    case 'app':
      return childrenOfApp(node);
    case 'problems':
      return contradictionNodes(node, node.contradictions);
    case 'dependants':
      return node.parent.app.dependants.map((name) => ({ kind: 'dependant', parent: node, name }));
    case 'files':
      return filesOfApp(node);
    case 'part':
      return childrenOfPart(node);
    case 'contradiction':
    case 'base':
    case 'overlay':
    case 'baseApp':
    case 'dependant':
    case 'file':
      return [];
  }
}

/** One problem stands for itself, several are folded into a row. */
export function problemNodes(
  parent: CheckoutNode | AppNode,
  contradictions: readonly Contradiction[],
): readonly TreeNode[] {
  return contradictions.length > 1
    ? [{ kind: 'problems', parent, contradictions }]
    : contradictionNodes(parent, contradictions);
}

function contradictionNodes(
  parent: ContradictionNode['parent'],
  contradictions: readonly Contradiction[],
): readonly ContradictionNode[] {
  return contradictions.map((contradiction) => ({ kind: 'contradiction', parent, contradiction }));
}

function childrenOfApp(node: AppNode): readonly TreeNode[] {
  const { contradictions, base, overlay, baseApp, dependants } = node.app;
  const isToldByPlace = node.parent.kind === 'app';
  return [
    ...problemNodes(node, contradictions),
    ...(base ? [{ kind: 'base', parent: node, squashfs: base } as const] : []),
    ...(overlay ? [{ kind: 'overlay', parent: node, squashfs: overlay } as const] : []),
    ...(baseApp === undefined || isToldByPlace
      ? []
      : [{ kind: 'baseApp', parent: node, name: baseApp } as const]),
    ...(dependants.length > 0 && !node.isNested ? [{ kind: 'dependants', parent: node } as const] : []),
    { kind: 'files', parent: node },
  ];
}

function filesOfApp(node: FilesNode): readonly FileNode[] {
  const { app, config } = node.parent;
  return [
    ...app.files.map((file) => ({
      file: { ...file, path: `${app.name}/${file.path}` },
      name: file.path,
    })),
    ...config.map((file) => ({ file, name: file.path })),
  ].map((file) => ({ kind: 'file', parent: node, ...file }));
}

function childrenOfPart(node: PartNode): readonly TreeNode[] {
  const { part, contradictions } = node;
  if (isSingleFile(part)) return [];
  return [
    ...contradictionNodes(node, contradictions),
    ...part.files.map((file): FileNode => ({
      kind: 'file',
      parent: node,
      file,
      name: file.path.slice(part.name.length + 1),
    })),
  ];
}

/** `device.json`, say. */
export function isSingleFile({ name, files }: Part): boolean {
  return files.length === 1 && files[0]?.path === name;
}
