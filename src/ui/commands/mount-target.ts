import {
  l10n,
  type QuickPickItem,
  QuickPickItemKind,
  TabInputCustom,
  TabInputText,
  Uri,
  window,
} from 'vscode';
import type { View } from '../../../webview/protocol';
import { baseVolume, overlayVolume } from '../../core/checkout/manifests/volume-name';
import { formatSize } from '../../core/presentation/size';
import { mountName } from '../files/mount-address';
import { addressOf } from '../files/mount-uri';
import { appMounts, type NamedMount, shownMount } from '../files/view-mounts';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import type { AppId, FoundApp } from '../model/checkouts';
import type { Services } from '../services';
import { appNodeOf, checkoutOf, isTreeNode, type TreeNode } from '../tree/nodes';

/**
 * What a command looks into: the file system of the node, app or file it was given, else of the editor that a person looks
 * at, else one that they pick.
 */
export async function mountFor(services: Services, target: unknown, ask: string): Promise<NamedMount> {
  if (isTreeNode(target)) return mountOfNode(services, target);
  if (target instanceof Uri) return mountOfUri(services, target);
  if (isAppId(target)) return mountOfApp(services, target);
  const shown = shownInEditor();
  return shown ?? pickMount(services, ask);
}

/** One that a person picks: a view of an app, or any SquashFS file of this machine. */
export async function pickMount({ checkouts }: Services, ask: string): Promise<NamedMount> {
  const apps = await checkouts.readApps();
  const items = (await Promise.all(apps.map(itemsOf))).flat();
  const browse: MountItem = { label: l10n.t('Another SquashFS File…'), alwaysShow: true };
  const separator: MountItem = { label: '', kind: QuickPickItemKind.Separator };
  const picked = await window.showQuickPick([...items, separator, browse], {
    placeHolder: ask,
    matchOnDescription: true,
  });
  if (picked === undefined) throw new Dismissed();
  return picked.mount ?? browseForMount(ask);
}

async function itemsOf(found: FoundApp): Promise<readonly MountItem[]> {
  // A state that can't be read takes nothing from what lies there.
  const committed = await committedMount(found).catch(() => undefined);
  return [
    { label: found.app.name, kind: QuickPickItemKind.Separator },
    ...Object.entries(appMounts(found)).map(([view, mount]) => ({
      label: mount.name,
      description: sizeOf(found, view as View) ?? '',
      mount,
    })),
    ...(committed === undefined ? [] : [{ label: committed.name, mount: committed }]),
  ];
}

interface MountItem extends QuickPickItem {
  readonly mount?: NamedMount;
}

async function browseForMount(title: string): Promise<NamedMount> {
  const chosen = await window.showOpenDialog({
    title,
    filters: { SquashFS: ['squashfs', 'sqfs', 'img'], '*': ['*'] },
  });
  const [file] = chosen ?? [];
  if (file === undefined) throw new Dismissed();
  return mountOfFile(file);
}

function mountOfFile({ scheme, fsPath, path }: Uri): NamedMount {
  if (scheme !== 'file') throw new CannotRun(l10n.t('{0} lies on no disk of this machine.', path));
  return { files: [fsPath], name: mountName([fsPath]) };
}

async function mountOfUri(services: Services, uri: Uri): Promise<NamedMount> {
  const address = addressOf(uri);
  if (address !== undefined) return { files: address.files, name: mountName(address.files) };
  const found = uri.scheme === 'file' ? await services.checkouts.appContaining(uri.fsPath) : undefined;
  if (uri.path.endsWith('.squashfs')) {
    const own = found && Object.values(appMounts(found)).find(({ files }) => files.join() === uri.fsPath);
    return own ?? mountOfFile(uri);
  }
  if (found === undefined) throw new CannotRun(l10n.t('{0} is no SquashFS file.', uri.fsPath));
  return mountOfFound(found);
}

async function mountOfNode(services: Services, node: TreeNode): Promise<NamedMount> {
  const app = appNodeOf(node)?.app.name;
  if (app === undefined) return pickMount(services, l10n.t('Which one?'));
  const found = await services.checkouts.app({ checkout: checkoutOf(node).directory, app });
  const isFile = node.kind === 'base' || node.kind === 'overlay';
  const own = isFile && found !== undefined ? appMounts(found)[node.kind] : undefined;
  return own ?? mountOfApp(services, { checkout: checkoutOf(node).directory, app });
}

async function mountOfApp({ checkouts }: Services, id: AppId): Promise<NamedMount> {
  const found = await checkouts.app(id);
  if (found === undefined) throw new CannotRun(l10n.t('{0} is no app of a checkout in this window.', id.app));
  return mountOfFound(found);
}

function mountOfFound(found: FoundApp): NamedMount {
  const mount = shownMount(found);
  if (mount === undefined) throw new CannotRun(l10n.t('{0} has no file system.', found.app.name));
  return mount;
}

function shownInEditor(): NamedMount | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof TabInputCustom) && !(input instanceof TabInputText)) return undefined;
  const address = addressOf(input.uri);
  if (address !== undefined) return { files: address.files, name: mountName(address.files) };
  const isImage = input.uri.scheme === 'file' && input.uri.path.endsWith('.squashfs');
  return isImage ? mountOfFile(input.uri) : undefined;
}

function sizeOf({ app }: FoundApp, view: View): string | undefined {
  const file = view === 'overlay' ? app.overlay : view === 'base' ? app.base : undefined;
  return file && formatSize(file.size);
}

function isAppId(value: unknown): value is AppId {
  return typeof value === 'object' && value !== null && 'checkout' in value && 'app' in value;
}

/** What the device saw of an app at the last commit; undefined where that is not on this machine. */
async function committedMount({ app, model }: FoundApp): Promise<NamedMount | undefined> {
  const { committedFile } = await import('../../core/checkout/committed-file');
  const base = await committedFile(model.directory, `${app.baseApp ?? app.name}/${baseVolume}`);
  const overlay = await committedFile(model.directory, `${app.name}/${overlayVolume}`);
  const files = [base, overlay].filter((file) => file !== undefined);
  return base === undefined ? undefined : { files, name: l10n.t('{0} as of the last commit', app.name) };
}
