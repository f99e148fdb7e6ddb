import path from 'node:path';
import { type Command, l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import type { AppFile, Tracking } from '../../core/checkout/app';
import { type Contradiction, placeOf, severityOf } from '../../core/checkout/contradictions/contradictions';
import type { Severity } from '../../core/checkout/contradictions/declaration';
import { formatAppSize, formatShare, formatSize } from '../../core/presentation/size';
import { contradictionMarkdown, contradictionTitle } from '../diagnostics/contradiction-text';
import { type CommandId, trustedMarkdown } from '../manifest/commands';
import { errorText } from '../messages/remedy-text';
import type { AppReview } from '../model/app-review';
import { changeRows, rowsOfPart } from '../model/change-rows';
import type { CheckoutModel } from '../model/checkout-model';
import { summaryText } from '../revisions/change-texts';
import { rowUri } from '../revisions/uncommitted-decorations';
import { lookOf } from './condition-look';
import { contextValueOf, type RowName } from './context-value';
import { appIdOf, type AppNode, type CheckoutNode, checkoutOf, nodeId, type TreeNode } from './nodes';

const { None, Collapsed, Expanded } = TreeItemCollapsibleState;

/** What a node looks like. Tooltips of apps are made when somebody points at one. */
export function treeItem(node: TreeNode, reviewOf: (node: AppNode) => AppReview): TreeItem {
  const item = itemOf(node, reviewOf);
  item.id = nodeId(node);
  const text = [labelOf(item), item.description === true ? '' : (item.description ?? '')];
  // A row's name would be its tooltip, which is long.
  item.accessibilityInformation ??= { label: text.filter(Boolean).join(', ') };
  return item;
}

function itemOf(node: TreeNode, reviewOf: (node: AppNode) => AppReview): TreeItem {
  switch (node.kind) {
    case 'checkout':
      return checkoutItem(node);
    case 'app':
      return appItem(reviewOf(node), checkoutOf(node));
    case 'contradiction':
      return contradictionItem(checkoutOf(node), node.contradiction);
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
      const { baseSize } = reviewOf(node.parent);
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
        description: String(node.parent.app.files.length),
        collapsible: Collapsed,
      });
    case 'file':
      return fileItem(node.parent.parent, node.file);
  }
}

function contradictionItem({ directory }: CheckoutModel, contradiction: Contradiction): TreeItem {
  const item = plainItem(contradictionTitle(contradiction), {
    icon: severityIcons[severityOf(contradiction)],
  });
  item.tooltip = trustedMarkdown(contradictionMarkdown(directory, contradiction));
  const place = placeOf(contradiction);
  if (place !== undefined) item.command = openCommand(path.join(directory, place.file));
  return item;
}

function checkoutItem({ model }: CheckoutNode): TreeItem {
  const { state, directory, name } = model;
  const broken = state.kind === 'broken' ? state.problem : undefined;
  const item = plainItem(name, {
    icon: broken ? severityIcons.error : new ThemeIcon('circuit-board'),
    description: broken
      ? l10n.t('cannot be read')
      : [uncommittedText(model), countApps(model)].filter(Boolean).join(' · '),
    tooltip: broken ? errorText(broken) : directory,
    collapsible: broken ? None : Expanded,
    ...(broken ? {} : { contextValue: 'checkout' as const }),
  });
  item.resourceUri = rowUri(model);
  return item;
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

function appItem(review: AppReview, model: CheckoutModel): TreeItem {
  const { app, condition, baseSize } = review;
  const { icon, label } = lookOf(condition);
  const uncommitted = isUncommitted(model, app.name) ? [l10n.t('not committed')] : [];
  const item = plainItem(app.name, {
    icon,
    description: [sizeText(review), ...uncommitted].join(' · '),
    collapsible: Collapsed,
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

/** `978 MB + 32 kB · 0.003 %`; an extension app's share is that of the base it extends. */
function sizeText({ app: { base, overlay }, baseSize }: AppReview): string {
  const size = formatAppSize(base?.size, overlay?.size);
  const isShareMissing = base === undefined && overlay !== undefined && baseSize !== undefined;
  return isShareMissing ? `${size} · ${formatShare(overlay.size, baseSize)}` : size;
}

function fileItem({ app }: AppNode, file: AppFile): TreeItem {
  const item = new TreeItem(Uri.file(path.join(app.directory, file.path)), None);
  item.label = file.path;
  item.iconPath = ThemeIcon.File;
  item.description = [formatSize(file.size), trackingText(file.tracking)].filter(Boolean).join(' · ');
  item.contextValue = 'file' satisfies RowName;
  item.command = openCommand(path.join(app.directory, file.path));
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
