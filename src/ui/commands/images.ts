import path from 'node:path';
import { l10n, window } from 'vscode';
import type { ImageCheck } from '../../core/use-cases/check-images';
import { hub, registryHost } from '../images/registry-logins';
import { execute } from '../manifest/commands';
import { appsViewId } from '../manifest/view-ids';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { inEditorWords } from '../messages/remedy-text';
import { offer } from '../messages/run-command';
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
      void window.showWarningMessage(
        l10n.t(
          '{0} could not be checked: {1}. {2}.',
          check.reference,
          check.found,
          inEditorWords(check.remedy),
        ),
      );
  }
}

function tellAll(checks: readonly ImageCheck[]): void {
  const namesOf = (state: ImageCheck['state']) =>
    checks.filter((check) => check.state === state).map(({ app }) => app);
  const moved = namesOf('moved');
  const failed = namesOf('failed');
  const text = [
    ...(moved.length > 0 ? [l10n.t('Newer images: {0}.', moved.join(', '))] : []),
    // Of those that could not be asked about, nobody knows.
    ...(moved.length + failed.length === 0 ? [l10n.t('No image has moved.')] : []),
    ...(failed.length > 0 ? [l10n.t('Could not be checked: {0}.', failed.join(', '))] : []),
  ].join(' ');
  const ways =
    moved.length === 0 ? [] : [{ title: l10n.t('Update…'), run: () => execute('pantavisor.updateMovedApp') }];
  void offer(failed.length > 0 ? window.showWarningMessage : window.showInformationMessage, text, ways);
}

/** Keeps a login in the system's keychain, for those who have no docker to log in with. */
async function signInToRegistry({ registryLogins }: Services, target?: unknown): Promise<void> {
  const title = l10n.t('Sign In to a Registry');
  const prompt = l10n.t('The registry, like registry.example:5000');
  const host = registryHost(
    await ask({
      title,
      prompt,
      value: typeof target === 'string' ? target : hub,
      isRight: (text) => registryHost(text) !== undefined,
    }),
  );
  if (host === undefined) throw new Dismissed();
  const username = await ask({ title, prompt: l10n.t('User name for {0}', host) });
  const password = await ask({
    title,
    prompt: l10n.t('Password or access token for {0}. It is kept in the system’s keychain.', host),
    password: true,
  });
  await registryLogins.add(host, { username, password });
  void window.showInformationMessage(
    l10n.t('Signed in to {0}. It shows with the next build or check.', host),
  );
}

async function signOutOfRegistry({ registryLogins }: Services): Promise<void> {
  const { hosts } = registryLogins;
  if (hosts.length === 0) {
    throw new CannotRun(l10n.t('There is no login kept here. Docker’s own are removed with docker logout.'));
  }
  const host = await window.showQuickPick([...hosts], { placeHolder: l10n.t('Sign out of which registry?') });
  if (host === undefined) throw new Dismissed();
  await registryLogins.remove(host);
}

interface Question {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly password?: boolean;
  readonly isRight?: (text: string) => boolean;
}

async function ask({ isRight = () => true, ...options }: Question): Promise<string> {
  const text = await window.showInputBox({
    ...options,
    ignoreFocusOut: true,
    validateInput: (value) => {
      if (value.trim() === '') return l10n.t('Type something, or press Escape.');
      return isRight(value) ? undefined : l10n.t('This is no registry.');
    },
  });
  if (text === undefined) throw new Dismissed();
  return options.password ? text : text.trim();
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
