import path from 'node:path';
import { l10n, window, workspace } from 'vscode';
import { Problem } from '../../core/problem';
import { waysOf } from '../../core/remedy';
import type { ImageCheck } from '../../core/use-cases/check-images';
import { hub, registryHost } from '../images/registry-logins';
import { execute } from '../manifest/commands';
import { appsViewId } from '../manifest/view-ids';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { groupedReasons } from '../messages/grouped-reasons';
import { inEditorWords, withRemedy } from '../messages/remedy-text';
import { buttonsFor, buttonsForAll, offer, showLog } from '../messages/run-command';
import type { AppId, FoundApp } from '../model/checkouts';
import type { Services } from '../services';
import { type Commands, inTrustedWorkspace } from './declare';
import { appFor, noCheckout, whyNotFromDocker } from './targets';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.checkImage': [app?: AppId];
    'pantavisor.checkAllImages': [];
    'pantavisor.signInToRegistry': [host?: string | undefined];
    'pantavisor.signOutOfRegistry': [];
    'pantavisor.askAgain': [];
  }
}

export const imagesCommands = {
  'pantavisor.checkImage': inTrustedWorkspace(checkImage),
  'pantavisor.checkAllImages': inTrustedWorkspace(checkAllImages),
  'pantavisor.signInToRegistry': signInToRegistry,
  'pantavisor.signOutOfRegistry': signOutOfRegistry,
  'pantavisor.askAgain': askAgain,
} satisfies Commands;

async function checkImage(services: Services, target?: unknown): Promise<void> {
  const found = await appFor(services, target, {
    ask: l10n.t('Check the image of which app?'),
    whyNot: whyNotFromDocker,
  });
  const [check] = await askAboutImages(services, [found]);
  if (check !== undefined) tellOne(found, check);
}

async function checkAllImages(services: Services): Promise<void> {
  const all = await services.checkouts.readApps();
  if (services.checkouts.all.length === 0) throw noCheckout();
  if (all.every(({ app }) => app.source.kind !== 'docker')) {
    throw new CannotRun(l10n.t('There is no app that is made from a docker image.'));
  }
  tellAll(await askAboutImages(services, all));
}

/** Whoever calls this tells what came out. */
export function askAboutImages(
  { images, movedNotifications }: Services,
  found: readonly FoundApp[],
): Promise<readonly ImageCheck[]> {
  const options = { location: { viewId: appsViewId }, title: l10n.t('Checking for newer images') };
  return Promise.resolve(
    window.withProgress(options, () =>
      movedNotifications.quietly(() => images.check(found, new AbortController().signal)),
    ),
  );
}

function tellOne({ model, app }: FoundApp, check: ImageCheck): void {
  switch (check.state) {
    case 'current':
      void window.showInformationMessage(
        l10n.t('{0} is up to date: {1} has not moved.', app.name, check.reference),
      );
      return;
    case 'moved': {
      const id = { checkout: model.directory, app: app.name };
      void offer(
        window.showInformationMessage,
        l10n.t('{0} names another image now than {1} is made from.', check.reference, app.name),
        [
          {
            title: l10n.t('Update as Patch'),
            run: () => execute('pantavisor.updateAsPatch', id),
          },
          { title: l10n.t('Preview'), run: () => execute('pantavisor.previewPatch', id) },
        ],
      );
      return;
    }
    case 'failed':
      void offer(
        window.showWarningMessage,
        l10n.t(
          '{0}: the image {1} could not be checked: {2}. {3}.',
          app.name,
          check.reference,
          check.found,
          inEditorWords(check.remedy),
        ),
        buttonsFor(check),
      );
  }
}

function tellAll(checks: readonly ImageCheck[]): void {
  const namesOf = (state: ImageCheck['state']) =>
    checks.filter((check) => check.state === state).map(({ app }) => app);
  const moved = namesOf('moved');
  const failures = checks.flatMap((check) => (check.state === 'failed' ? [check] : []));
  const text = [
    ...(moved.length > 0 ? [l10n.t('Newer images: {0}.', moved.join(', '))] : []),
    // Of those that could not be asked about, nobody knows.
    ...(moved.length + failures.length === 0 ? [l10n.t('No image has moved.')] : []),
    ...(failures.length > 0 ? [l10n.t('Could not be checked: {0}.', groupedReasons(failures))] : []),
  ].join(' ');
  const update = { title: l10n.t('Update…'), run: () => execute('pantavisor.updateMovedApp') };
  const ways = [
    ...(moved.length === 0 ? [] : [update]),
    ...buttonsForAll(failures),
    ...(failures.length > 0 ? [showLog()] : []),
  ];
  void offer(failures.length > 0 ? window.showWarningMessage : window.showInformationMessage, text, ways);
}

/** Keeps a login in the system's keychain once the registry has taken it, for those who have no docker to log in with. */
async function signInToRegistry(services: Services, target?: unknown): Promise<void> {
  const { registryLogins, backend } = services;
  const title = l10n.t('Sign In to a Registry');
  const host = registryHost(
    await ask({
      title,
      prompt: l10n.t('The registry, like registry.example:5000'),
      value: typeof target === 'string' ? target : ((await refusingRegistry(services)) ?? hub),
      check: (text) =>
        Promise.resolve(registryHost(text) === undefined ? l10n.t('This is no registry.') : undefined),
    }),
  );
  if (host === undefined) throw new Dismissed();
  const username = await ask({ title, prompt: l10n.t('User name for {0}', host) });
  await ask({
    title,
    prompt: l10n.t('Password or access token for {0}. It is kept in the system’s keychain.', host),
    password: true,
    check: async (password) => {
      try {
        await backend.request('checkRegistryLogin', { host, username, password });
        await registryLogins.add(host, { username, password });
        return undefined;
      } catch (error) {
        if (error instanceof Problem) return withRemedy(error);
        throw error;
      }
    },
  });
  await backend.request('forgetRegistryLogins', {});
  void window.showInformationMessage(l10n.t('Signed in to {0} as {1}.', host, username));
  await checkFailedAgain(services);
}

/** The registry of an image that could not be checked for want of a login. */
async function refusingRegistry({ checkouts, images }: Services): Promise<string | undefined> {
  const failures = (await checkouts.readApps()).flatMap((found) => images.failureOf(found) ?? []);
  const ways = failures.flatMap(({ remedy }) => waysOf(remedy));
  return ways.flatMap((way) => (way.kind === 'logIn' ? [way.host ?? hub] : []))[0];
}

/** What a login may have mended. */
async function checkFailedAgain(services: Services): Promise<void> {
  if (!workspace.isTrusted) return;
  const all = await services.checkouts.readApps();
  const failed = all.filter((found) => services.images.failureOf(found) !== undefined);
  if (failed.length > 0) await askAboutImages(services, failed);
}

async function signOutOfRegistry({ registryLogins, backend }: Services): Promise<void> {
  const hosts = await registryLogins.kept();
  if (hosts.length === 0) {
    throw new CannotRun(l10n.t('There is no login kept here. Docker’s own are removed with docker logout.'));
  }
  const host = await window.showQuickPick([...hosts], { placeHolder: l10n.t('Sign out of which registry?') });
  if (host === undefined) throw new Dismissed();
  await registryLogins.remove(host);
  await backend.request('forgetRegistryLogins', {});
  void window.showInformationMessage(l10n.t('Signed out of {0}. Its login is kept here no more.', host));
}

interface Question {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly password?: boolean;
  /** What is wrong with it; the box stays open then. */
  readonly check?: (text: string) => Promise<string | undefined>;
}

/** @throws Dismissed. */
function ask({ check, ...question }: Question): Promise<string> {
  const box = Object.assign(window.createInputBox(), { ...question, ignoreFocusOut: true });
  return new Promise<string>((resolve, reject) => {
    const accept = async () => {
      const text = question.password ? box.value : box.value.trim();
      box.validationMessage = text === '' ? l10n.t('Type something, or press Escape.') : undefined;
      if (text === '' || box.busy) return;
      box.busy = true;
      box.validationMessage = await check?.(text);
      box.busy = false;
      if (box.validationMessage === undefined) resolve(text);
    };
    box.onDidAccept(() => void accept().catch(reject));
    box.onDidChangeValue(() => (box.validationMessage = undefined));
    box.onDidHide(() => reject(new Dismissed()));
    box.show();
  }).finally(() => box.dispose());
}

/** Takes back "Don't Ask for This App". */
async function askAgain({ mutedApps }: Services): Promise<void> {
  const items = mutedApps.all.map((id) => ({ label: id.app, description: path.basename(id.checkout), id }));
  if (items.length === 0) throw new CannotRun(l10n.t('You are asked about the images of all apps.'));
  const picked = await window.showQuickPick(items, {
    placeHolder: l10n.t('Ask about newer images of which apps again?'),
    canPickMany: true,
  });
  for (const { id } of picked ?? []) await mutedApps.remove(id);
}
