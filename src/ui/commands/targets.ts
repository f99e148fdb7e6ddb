import {
  commands,
  l10n,
  type QuickPickItem,
  QuickPickItemKind,
  type SaveDialogOptions,
  Uri,
  window,
} from 'vscode';
import { formatAppSize } from '../../core/presentation/size';
import { execute } from '../manifest/commands';
import { CannotRun, Dismissed, type Way } from '../messages/cannot-run';
import type { AppReview } from '../model/app-review';
import type { CheckoutModel } from '../model/checkout-model';
import type { AppId, FoundApp } from '../model/checkouts';
import { referenceOf } from '../model/image-state';
import type { Services } from '../services';
import { lookOf } from '../tree/condition-look';
import { appIdOf, checkoutOf, isTreeNode } from '../tree/nodes';

export interface AppQuestion {
  /** Above the list of apps: `Update which app as a patch?` */
  readonly ask: string;
  /**
   * It changes the app without another question. A key asks which app is meant then: in a tree, arrow keys move what has the
   * focus, and only what is selected can be known.
   */
  readonly actsAtOnce?: boolean;
  /** Why the command can do nothing with an app: a sentence. */
  whyNot?(review: AppReview): string | undefined;
  /** What can be done instead with an app that somebody named and that the command can do nothing with. */
  instead?(found: FoundApp): readonly Way[];
}

/**
 * The app that a command is about: the one it was given, else one that a person picks.
 *
 * @param target as the tree, the Explorer (a Uri), a link (an AppId), a remedy (the app alone) or a key ('selection', the tree's) give it.
 */
export async function appFor(services: Services, target: unknown, question: AppQuestion): Promise<FoundApp> {
  const isUnsure = target === 'selection' && question.actsAtOnce === true;
  const id = isUnsure ? undefined : await idOf(services, target);
  if (id === undefined) return pickApp(services, question, isUnsure);
  const found = await services.checkouts.app(id);
  if (found === undefined) throw new CannotRun(l10n.t('{0} is no app of a checkout in this window.', id.app));
  const reason = question.whyNot?.(services.reviews.of(found));
  if (reason !== undefined) throw new CannotRun(reason, question.instead?.(found));
  return found;
}

async function idOf(services: Services, target: unknown): Promise<AppId | undefined> {
  if (target === 'selection') return selectedApp(services);
  if (target instanceof Uri) {
    const found = await services.checkouts.appContaining(target.fsPath);
    if (found !== undefined) return { checkout: found.model.directory, app: found.app.name };
    throw new CannotRun(l10n.t('{0} is in no app of a checkout.', target.fsPath));
  }
  if (isTreeNode(target)) return appIdOf(target);
  if (isAppId(target)) return target;
  return isName(target) ? appCalled(services, target.app) : undefined;
}

function isAppId(value: unknown): value is AppId {
  return typeof value === 'object' && value !== null && 'checkout' in value && 'app' in value;
}

function isName(value: unknown): value is Pick<AppId, 'app'> {
  return typeof value === 'object' && value !== null && 'app' in value && typeof value.app === 'string';
}

/** The only one of that name. */
async function appCalled({ checkouts }: Services, name: string): Promise<AppId | undefined> {
  const [found, ...others] = (await checkouts.readApps()).filter(({ app }) => app.name === name);
  return found && others.length === 0 ? { checkout: found.model.directory, app: name } : undefined;
}

interface AppItem extends QuickPickItem {
  readonly found?: FoundApp;
}

/** @param isInTree the person is there, and not in an editor. */
async function pickApp(services: Services, question: AppQuestion, isInTree: boolean): Promise<FoundApp> {
  const all = await services.checkouts.readApps();
  if (services.checkouts.all.length === 0) throw noCheckout();
  const reviewed = all.map((found) => ({ found, review: services.reviews.of(found) }));
  const possible = reviewed.filter(({ review }) => question.whyNot?.(review) === undefined);
  if (possible.length === 0) {
    const reasons = [...new Set(reviewed.map(({ review }) => question.whyNot?.(review) ?? ''))];
    const [reason = ''] = reasons;
    throw new CannotRun(
      reasons.length === 1 && reason ? reason : l10n.t('There is no app that this can be done with.'),
    );
  }
  const items = possible.map(({ found, review }) => appItem(found, review));
  const atHand = isInTree ? selectedApp(services) : await appAtHand(services);
  const isAtHand = ({ found }: AppItem) =>
    found?.model.directory === atHand?.checkout && found?.app.name === atHand?.app;
  const picked = await window.showQuickPick<AppItem>(
    withSeparators([...items.filter(isAtHand), ...items.filter((item) => !isAtHand(item))], services),
    { placeHolder: question.ask, matchOnDescription: true, matchOnDetail: true },
  );
  if (picked?.found === undefined) throw new Dismissed();
  return picked.found;
}

function appItem(found: FoundApp, review: AppReview): AppItem {
  const { app } = found;
  const { icon, label } = lookOf(review.condition);
  return {
    label: `$(${icon.id}) ${app.name}`,
    description: formatAppSize(app.base?.size, app.overlay?.size),
    detail: [referenceOf(app), label].filter(Boolean).join(' · '),
    found,
  };
}

/** With several checkouts, says which apps belong to which. */
function withSeparators(items: readonly AppItem[], { checkouts }: Services): readonly AppItem[] {
  if (checkouts.all.length < 2) return items;
  return checkouts.all.flatMap((model) => {
    const own = items.filter(({ found }) => found?.model === model);
    if (own.length === 0) return [];
    return [{ label: model.name, kind: QuickPickItemKind.Separator }, ...own];
  });
}

/** The app that a person is looking at, to be offered first: in the editor, or selected in the tree. */
async function appAtHand(services: Services): Promise<AppId | undefined> {
  const file = window.activeTextEditor?.document.uri;
  const found = file?.scheme === 'file' ? await services.checkouts.appContaining(file.fsPath) : undefined;
  if (found !== undefined) return { checkout: found.model.directory, app: found.app.name };
  return selectedApp(services);
}

function selectedApp({ appsView }: Services): AppId | undefined {
  return appsView.selection && appIdOf(appsView.selection);
}

/** The checkout that a command is about: the one it was given (a node or a path), the only one, else one that a person picks. */
export async function checkoutFor(
  { checkouts }: Services,
  target: unknown,
  ask: string,
): Promise<CheckoutModel> {
  const all = await checkouts.find();
  if (isTreeNode(target)) return checkoutOf(target);
  const named = typeof target === 'string' ? checkouts.byDirectory(target) : undefined;
  if (named !== undefined) return named;
  const [only, ...others] = all;
  if (only === undefined) throw noCheckout();
  if (others.length === 0) return only;
  const items = all.map((model) => ({ label: model.name, description: model.directory, model }));
  const picked = await window.showQuickPick(items, { placeHolder: ask, matchOnDescription: true });
  if (picked === undefined) throw new Dismissed();
  return picked.model;
}

/** Where a file is to go, which the backend writes: on this machine. @throws Dismissed when nobody chooses a place. */
export async function placeToSave(options: SaveDialogOptions): Promise<Uri> {
  const place = await window.showSaveDialog(options);
  if (place === undefined) throw new Dismissed();
  if (place.scheme !== 'file') throw new CannotRun(l10n.t('Only folders of this machine can take it.'));
  return place;
}

export function noCheckout(): CannotRun {
  const message = l10n.t('There is no Pantavisor checkout in this window (no folder with a .pvr).');
  return new CannotRun(message, [
    { title: l10n.t('Open Folder…'), run: () => commands.executeCommand('vscode.openFolder') },
    {
      title: l10n.t('Make a Folder a Checkout…'),
      run: () => execute('pantavisor.initCheckout'),
    },
  ]);
}

/** Why nothing can be built of an app. */
export function whyNotBuilt(review: AppReview): string | undefined {
  const { kind } = review.app.source;
  return kind === 'rootfs' || kind === 'pvr' ? undefined : whyNotFromDocker(review);
}

/** Why nothing can be asked of an image where an app is made from something else. */
export function whyNotFromDocker({ app }: AppReview): string | undefined {
  switch (app.source.kind) {
    case 'docker':
      return undefined;
    case 'unreadable':
      return l10n.t('src.json of {0} cannot be read. Correct it first.', app.name);
    case 'none':
      return l10n.t('{0} has no src.json, so nobody knows what it is made from.', app.name);
    case 'pvr':
    case 'rootfs':
      return l10n.t('{0} is not made from a docker image.', app.name);
  }
}
