import { l10n, type QuickPickItem, type SourceControl, window } from 'vscode';
import { deviceFor } from '../devices/device-target';
import { attended } from '../devices/log-in';
import { Dismissed } from '../messages/cannot-run';
import type { CheckoutModel } from '../model/checkout-model';
import { openDifference } from '../posting/open-difference';
import { nickOf, postTitle, stepText } from '../posting/post-texts';
import { postToSeveral } from '../posting/post-to-several';
import { endOf, type Post, type PostId } from '../posting/posts';
import type { Services } from '../services';
import { type Commands, withDevices } from './declare';
import { checkoutFor } from './targets';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.post': [checkout?: string];
    'pantavisor.postToDevice': [checkout?: string];
    'pantavisor.postToSeveral': [checkout?: string];
    'pantavisor.compareWithDevice': [target?: string | { readonly checkout: string; readonly part: string }];
    'pantavisor.showPosts': [];
    'pantavisor.showPostLogs': [post: PostId];
    'pantavisor.goBackFromPost': [post: PostId];
  }
}

export const postingCommands = {
  'pantavisor.post': withDevices(post),
  'pantavisor.postToDevice': withDevices(postToDevice),
  'pantavisor.postToSeveral': withDevices(postSeveral),
  'pantavisor.compareWithDevice': withDevices(compareWithDevice),
  'pantavisor.showPosts': showPosts,
  'pantavisor.showPostLogs': withDevices((services, target) => showLogs(services, postOf(target))),
  'pantavisor.goBackFromPost': withDevices((services, target) => goBack(services, postOf(target))),
} satisfies Commands;

/** Shows what a post to the device that the checkout came from would do; a person presses the button there. */
async function post(services: Services, target?: unknown): Promise<void> {
  const model = await modelFor(services, target, l10n.t('Post which checkout?'));
  const [origin] = await services.backend.request('listOrigins', { checkouts: [model.directory] });
  const ask = l10n.t('Post {0} to which device?', model.name);
  const device = origin ? undefined : (await deviceFor(services, undefined, ask)).address;
  review(services, model, device);
}

/** The same with another device. */
async function postToDevice(services: Services, target?: unknown): Promise<void> {
  const model = await modelFor(services, target, l10n.t('Post which checkout?'));
  const ask = l10n.t('Post {0} to which device?', model.name);
  review(services, model, (await deviceFor(services, undefined, ask)).address);
}

/** Apps of it to several devices, one first. */
async function postSeveral(services: Services, target?: unknown): Promise<void> {
  await postToSeveral(services, await modelFor(services, target, l10n.t('Post which checkout?')));
}

function review({ reviewPages }: Services, model: CheckoutModel, device: string | undefined): void {
  const { directory: checkout, name } = model;
  reviewPages.show({ checkout, name, ...(device !== undefined && { device }) });
}

/** Shows what of the files that lie there is otherwise on the device. */
async function compareWithDevice(services: Services, target?: unknown): Promise<void> {
  const isPart = typeof target === 'object' && target !== null && 'part' in target && 'checkout' in target;
  const model = await modelFor(
    services,
    isPart ? target.checkout : target,
    l10n.t('Compare which checkout with its device?'),
  );
  await openDifference(services, model, isPart ? String(target.part) : undefined);
}

/** What can be done about what was posted. */
async function showPosts(services: Services): Promise<void> {
  const { all } = services.posts;
  const [only, ...others] = all;
  if (only === undefined) {
    void window.showInformationMessage(l10n.t('Nothing that was posted from here is on its way.'));
    return;
  }
  const chosen = others.length === 0 ? only : await choosePost(all);
  const ways: (QuickPickItem & { readonly run: () => unknown })[] = [
    { label: `$(output) ${l10n.t('Show Logs')}`, run: () => showLogs(services, chosen) },
    ...(chosen.last?.progress.status === 'NEW'
      ? [{ label: `$(close) ${l10n.t('Cancel Revision')}`, run: () => cancel(services, chosen) }]
      : []),
    ...(endOf(chosen.last) === 'bad'
      ? [{ label: `$(discard) ${l10n.t('Go Back…')}`, run: () => goBack(services, chosen) }]
      : []),
    {
      label: `$(eye-closed) ${endOf(chosen.last) === 'bad' ? l10n.t('Leave It') : l10n.t('Stop Following')}`,
      run: () => services.posts.forget(chosen),
    },
  ];
  const way = await window.showQuickPick(ways, {
    title: postTitle(chosen),
    placeHolder: stepText(chosen),
  });
  if (way === undefined) throw new Dismissed();
  await way.run();
}

async function choosePost(all: readonly Post[]): Promise<Post> {
  const items = all.map((one) => ({ label: postTitle(one), description: stepText(one), one }));
  const picked = await window.showQuickPick(items, { placeHolder: l10n.t('Which revision?') });
  if (picked === undefined) throw new Dismissed();
  return picked.one;
}

async function cancel(services: Services, { device, revision }: PostId): Promise<void> {
  await attended(services, () => services.backend.request('cancelRevision', { device, revision }));
}

function showLogs({ deviceLogs }: Services, { device, name, revision }: PostId): void {
  deviceLogs.show({ device, name, revision });
}

/** Posts the last good revision again, once a person has seen which that is; what becomes of it is followed. */
async function goBack(services: Services, id: PostId): Promise<void> {
  const { backend, posts } = services;
  const { checkout, device, name, revision } = id;
  const good = await attended(services, () => backend.request('lastGoodRevision', { device }));
  const go = l10n.t('Go Back');
  const detail = l10n.t(
    'The device may run it already; posted again, it is the newest one, which other people and the next post go on from. What is in the checkout stays.',
  );
  const question =
    good === null
      ? l10n.t('No revision of {0} ever ran well.', name)
      : l10n.t('Post revision {0} of {1} again, in the place of revision {2}?', good, name, revision);
  const answer = await window.showWarningMessage(
    question,
    { modal: true, detail: good === null ? '' : detail },
    ...(good === null ? [] : [go]),
  );
  if (answer !== go) {
    services.postNotifications.tellAgain(id);
    throw new Dismissed();
  }
  const message = l10n.t('Back to revision {0}, since {1} failed', good ?? '', revision);
  const next = await attended(services, () =>
    backend.request('returnToGood', { checkoutDirectory: checkout, device, revision, message }),
  );
  posts.forget(id);
  posts.follow({ checkout, device, name, revision: next.name });
  window.setStatusBarMessage(
    l10n.t('{0} goes back: posted revision {1} again as {2}.', nickOf(id), good ?? '', next.name),
    8000,
  );
}

function postOf(target: unknown): PostId {
  const { checkout, device, name, revision } = (target ?? {}) as Partial<PostId>;
  if (checkout === undefined || device === undefined || name === undefined || revision === undefined)
    throw new Dismissed();
  return { checkout, device, name, revision };
}

function modelFor(services: Services, target: unknown, ask: string): Promise<CheckoutModel> {
  return checkoutFor(services, isSourceControl(target) ? target.rootUri?.fsPath : target, ask);
}

function isSourceControl(value: unknown): value is SourceControl {
  return typeof value === 'object' && value !== null && 'rootUri' in value;
}
