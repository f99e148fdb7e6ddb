import path from 'node:path';
import { type Command, l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import type { AppFile, Tracking } from '../../core/checkout/app';
import {
  fixesFor,
  placeOf,
  severityOf,
  worstSeverity,
} from '../../core/checkout/contradictions/contradictions';
import type { Severity } from '../../core/checkout/contradictions/declaration';
import type { BootImage } from '../../core/checkout/parts';
import { formatShare, formatSize } from '../../core/presentation/size';
import { contradictionMarkdown, contradictionTitle } from '../diagnostics/contradiction-text';
import { type CommandId, trustedMarkdown } from '../manifest/commands';
import { errorText } from '../messages/remedy-text';
import type { AppReview } from '../model/app-review';
import { changeRows, rowsOfPart } from '../model/change-rows';
import type { CheckoutModel } from '../model/checkout-model';
import { summaryText } from '../revisions/change-texts';
import { rowUri } from '../revisions/uncommitted-decorations';
import { buildingLook, lookOf } from './condition-look';
import { contextValueOf, type RowName } from './context-value';
import {
  appIdOf,
  type AppNode,
  appNodeOf,
  type CheckoutNode,
  checkoutOf,
  type ContradictionNode,
  type FileNode,
  isSingleFile,
  nodeId,
  type PartNode,
  type TreeNode,
} from './nodes';

const { None, Collapsed, Expanded } = TreeItemCollapsibleState;

/** What is known beyond the files. */
export interface RowFacts {
  reviewOf(node: AppNode): AppReview;
  /** Apps whose images could not be checked when somebody asked last. */
  failedChecks(model: CheckoutModel): number;
}

/** What a node looks like. Tooltips of apps are made when somebody points at one. */
export function treeItem(node: TreeNode, facts: RowFacts): TreeItem {
  const item = itemOf(node, facts);
  item.id = nodeId(node);
  const text = [labelOf(item), item.description === true ? '' : (item.description ?? '')];
  // A row's name would be its tooltip, which is long.
  item.accessibilityInformation ??= { label: text.filter(Boolean).join(', ') };
  return item;
}

function itemOf(node: TreeNode, facts: RowFacts): TreeItem {
  switch (node.kind) {
    case 'checkout':
      return checkoutItem(node, facts);
    case 'group':
      return plainItem(node.name ?? l10n.t('In no group'), {
        icon: new ThemeIcon('group-by-ref-type'),
        description: String(node.size),
        tooltip: l10n.t('Apps that a device starts together'),
        collapsible: Expanded,
      });
    case 'app':
      return appItem(facts.reviewOf(node), node);
    case 'problems': {
      const severity = worstSeverity(node.contradictions) ?? 'information';
      return plainItem(l10n.t('{0} problems', node.contradictions.length), {
        icon: severityIcons[severity],
        collapsible: Collapsed,
      });
    }
    case 'part':
      return partItem(node);
    case 'contradiction':
      return contradictionItem(node);
    case 'base': {
      const item = plainItem(l10n.t('Base'), {
        icon: new ThemeIcon('database'),
        description: formatSize(node.squashfs.size),
        tooltip: digestTooltip(node.squashfs.path, node.squashfs.digest),
        contextValue: 'base',
      });
      item.command = openCommand(path.join(checkoutOf(node).directory, node.squashfs.path));
      return item;
    }
    case 'overlay': {
      const { baseSize } = facts.reviewOf(node.parent);
      const share = baseSize === undefined ? '' : ` · ${formatShare(node.squashfs.size, baseSize)}`;
      const item = plainItem(l10n.t('Overlay'), {
        icon: new ThemeIcon('layers'),
        description: formatSize(node.squashfs.size) + share,
        tooltip: digestTooltip(node.squashfs.path, node.squashfs.digest),
        contextValue: 'overlay',
      });
      item.command = command('pantavisor.showOverlay', l10n.t('Show Overlay Contents'), appIdOf(node));
      return item;
    }
    case 'baseApp':
    case 'dependant': {
      const isBase = node.kind === 'baseApp';
      const item = plainItem(isBase ? l10n.t('Extends {0}', node.name) : node.name, {
        icon: new ThemeIcon(isBase ? 'type-hierarchy-super' : 'type-hierarchy-sub'),
        tooltip: l10n.t('Go to {0}', node.name),
        contextValue: 'relatedApp',
      });
      item.command = command('pantavisor.goToApp', l10n.t('Go to App'), appIdOf(node));
      return item;
    }
    case 'dependants':
      return plainItem(l10n.t('Extended by'), {
        icon: new ThemeIcon('type-hierarchy-sub'),
        description: node.parent.app.dependants.join(', '),
        tooltip: l10n.t('A new base of {0} rebuilds their overlays with it.', node.parent.app.name),
        collapsible: Collapsed,
      });
    case 'files':
      return plainItem(l10n.t('Files'), {
        icon: new ThemeIcon('files'),
        description: String(node.parent.app.files.length + node.parent.config.length),
        collapsible: Collapsed,
      });
    case 'file':
      return fileItem(node);
  }
}

/** By the file that a click opens, and behind it what is wrong with it. */
function contradictionItem(node: ContradictionNode): TreeItem {
  const { contradiction } = node;
  const { directory } = checkoutOf(node);
  const file = placeOf(contradiction)?.file;
  const title = contradictionTitle(contradiction);
  const item = plainItem(file === undefined ? title : nameBelow(appNodeOf(node), file), {
    icon: severityIcons[severityOf(contradiction)],
    ...(file !== undefined && { description: withoutPrefix(title, `${file}: `) }),
    ...(fixesFor(contradiction).length > 0 && { contextValue: 'fixable' as const }),
  });
  item.tooltip = trustedMarkdown(contradictionMarkdown(directory, contradiction));
  if (file !== undefined) item.command = openCommand(path.join(directory, file));
  return item;
}

/** A row below an app needn't say whose file it is. */
function nameBelow(node: AppNode | undefined, file: string): string {
  return node === undefined ? file : withoutPrefix(file, `${node.app.name}/`);
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function checkoutItem({ model }: CheckoutNode, facts: RowFacts): TreeItem {
  const { state, directory, name } = model;
  const broken = state.kind === 'broken' ? state.problem : undefined;
  const item = plainItem(name, {
    icon: broken ? severityIcons.error : new ThemeIcon('circuit-board'),
    description: broken
      ? l10n.t('cannot be read')
      : [uncommittedText(model), countApps(model), failedText(facts.failedChecks(model))]
          .filter(Boolean)
          .join(' · '),
    tooltip: broken ? errorText(broken) : directory,
    collapsible: broken ? None : Expanded,
    ...(broken ? {} : { contextValue: 'checkout' as const }),
  });
  item.resourceUri = rowUri(model);
  return item;
}

/** Once for all of them: mostly it is the network. */
function failedText(failed: number): string {
  if (failed === 0) return '';
  return failed === 1
    ? l10n.t('1 image could not be checked')
    : l10n.t('{0} images could not be checked', failed);
}

/** `4 changes · 58 MB for a device` */
function uncommittedText({ state }: CheckoutModel): string {
  return state.kind === 'read' ? summaryText(changeRows(state.checkout), state.checkout.weight) : '';
}

function isUncommitted({ state }: CheckoutModel, app: string): boolean {
  return state.kind === 'read' && rowsOfPart(changeRows(state.checkout), app).length > 0;
}

function countApps({ state }: CheckoutModel): string | undefined {
  if (state.kind !== 'read') return undefined;
  const { length } = state.checkout.apps;
  if (length === 0) return l10n.t('no apps yet');
  return length === 1 ? l10n.t('1 app') : l10n.t('{0} apps', length);
}

function appItem(review: AppReview, node: AppNode): TreeItem {
  const { app, condition, baseSize } = review;
  const model = checkoutOf(node);
  const isBuilding = model.building.has(app.name);
  const { icon, label } = isBuilding ? buildingLook() : lookOf(condition);
  const uncommitted = isUncommitted(model, app.name) ? [l10n.t('not committed')] : [];
  const item = plainItem(app.name, {
    icon,
    description: [sizeText(review), ...uncommitted].join(' · '),
    collapsible: node.isNested && app.dependants.length > 0 ? Expanded : Collapsed,
    contextValue: contextValueOf(review),
  });
  const parts = [
    app.name,
    ...(app.base ? [l10n.t('base {0}', formatSize(app.base.size))] : []),
    ...(app.baseApp === undefined ? [] : [l10n.t('extends {0}', app.baseApp)]),
    ...(app.overlay
      ? [
          l10n.t(
            'overlay {0}, {1} of the base',
            formatSize(app.overlay.size),
            formatShare(app.overlay.size, baseSize ?? 0),
          ),
        ]
      : []),
    label,
    ...uncommitted,
  ];
  item.resourceUri = rowUri(model, app.name);
  item.accessibilityInformation = { label: parts.join(', ') };
  return item;
}

/** `32 kB over 978 MB`: where a row is short, what a device downloads is what stays. */
function sizeText({ app: { base, overlay, baseApp } }: AppReview): string {
  if (overlay === undefined) return base === undefined ? '–' : formatSize(base.size);
  const size = formatSize(overlay.size);
  const below = base === undefined ? baseApp : formatSize(base.size);
  return below === undefined ? size : l10n.t('{0} over {1}', size, below);
}

function partItem(node: PartNode): TreeItem {
  const { part } = node;
  const size = formatSize(part.files.reduce((sum, file) => sum + file.size, 0));
  const { directory } = checkoutOf(node);
  const [only] = part.files;
  if (only !== undefined && isSingleFile(part)) return itemOfFile(directory, only, part.name);
  if (part.kind === 'signatures') return signaturesItem(node);
  const isBsp = part.kind === 'bsp';
  return plainItem(part.name, {
    icon: new ThemeIcon(isBsp ? 'chip' : 'folder'),
    description: [size, part.boots && bootText(part.boots)].filter(Boolean).join(' · '),
    tooltip: isBsp
      ? l10n.t('Kernel, modules, firmware and Pantavisor itself')
      : path.join(directory, part.name),
    collapsible: Collapsed,
  });
}

function bootText(boots: BootImage): string {
  switch (boots) {
    case 'kernel':
      return l10n.t('kernel and initrd');
    case 'fit':
      return l10n.t('FIT image');
    case 'rpi-boot-image':
      return l10n.t('Raspberry Pi boot image');
  }
}

/** How they stand altogether; each file, and what is wrong, is below. */
function signaturesItem({ signatures, contradictions }: PartNode): TreeItem {
  const stale = signatures.filter(({ standing }) => standing === 'stale').length;
  const severity = stale > 0 ? 'warning' : worstSeverity(contradictions);
  const { length } = signatures;
  return plainItem(l10n.t('Signatures'), {
    icon:
      severity === 'warning' || severity === 'error' ? lookOf('unsigned').icon : new ThemeIcon('verified'),
    description:
      stale === 0 ? l10n.t('{0}, all fit', length) : l10n.t('{0} of {1} no longer fit', stale, length),
    collapsible: Collapsed,
  });
}

function fileItem(node: FileNode): TreeItem {
  return itemOfFile(checkoutOf(node).directory, node.file, node.name);
}

/** @param file its path is below the checkout. */
function itemOfFile(directory: string, file: AppFile, name: string): TreeItem {
  const place = path.join(directory, file.path);
  const item = new TreeItem(Uri.file(place), None);
  item.label = name;
  item.iconPath = ThemeIcon.File;
  item.description = [formatSize(file.size), trackingText(file.tracking)].filter(Boolean).join(' · ');
  item.contextValue = 'file' satisfies RowName;
  item.command = openCommand(place);
  return item;
}

function trackingText(tracking: Tracking): string {
  switch (tracking) {
    case 'unchanged':
      return '';
    case 'not-compared':
      return l10n.t('not compared yet');
    case 'changed':
      return l10n.t('changed since the last commit');
    case 'added':
      return l10n.t('new since the last commit');
    case 'untracked':
      return l10n.t('left out of commits');
  }
}

const severityIcons: Record<Severity, ThemeIcon> = {
  error: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  warning: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
  information: new ThemeIcon('info'),
};

interface ItemParts {
  readonly icon: ThemeIcon;
  readonly description?: string | undefined;
  readonly tooltip?: string;
  readonly collapsible?: TreeItemCollapsibleState;
  /** Of an app, what {@link contextValueOf} says. */
  readonly contextValue?: RowName | `;${string};`;
}

function plainItem(label: string, parts: ItemParts): TreeItem {
  const item = new TreeItem(label, parts.collapsible ?? None);
  item.iconPath = parts.icon;
  if (parts.description !== undefined) item.description = parts.description;
  if (parts.tooltip !== undefined) item.tooltip = parts.tooltip;
  if (parts.contextValue !== undefined) item.contextValue = parts.contextValue;
  return item;
}

function openCommand(file: string): Command {
  return { command: 'vscode.open', title: l10n.t('Open'), arguments: [Uri.file(file)] };
}

function command(id: CommandId, title: string, ...args: readonly unknown[]): Command {
  return { command: id, title, arguments: [...args] };
}

function digestTooltip(file: string, digest: string | undefined): string {
  return digest === undefined ? file : l10n.t('{0}, made from {1}', file, digest);
}

function labelOf({ label }: TreeItem): string {
  return typeof label === 'object' ? label.label : (label ?? '');
}
