import { homedir } from 'node:os';
import { l10n, type Uri, window, workspace } from 'vscode';
import type { WantedImage } from '../../backend/requests/params';
import type { Checkout } from '../../core/checkout/checkout';
import { runWithNotification } from '../builds/build-notification';
import { showReport } from '../builds/show-report';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import type { AppReview } from '../model/app-review';
import type { CheckoutModel } from '../model/checkout-model';
import type { AppId } from '../model/checkouts';
import { referenceOf } from '../model/image-state';
import type { Services } from '../services';
import type { FoundImage, ImageOffer } from '../wizard/image-question';
import type { NewApp } from '../wizard/new-app';
import { type Commands, inTrustedWorkspace } from './declare';
import { appFor, checkoutFor } from './targets';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.addApp': [checkout?: string];
    'pantavisor.createExtensionApp': [checkout?: string];
    'pantavisor.extendApp': [app?: AppId];
    'pantavisor.initCheckout': [];
  }
}

export const addCommands = {
  'pantavisor.addApp': inTrustedWorkspace(addApp),
  'pantavisor.createExtensionApp': inTrustedWorkspace(createExtensionApp),
  'pantavisor.extendApp': inTrustedWorkspace(extendApp),
  'pantavisor.initCheckout': initCheckout,
} satisfies Commands;

/** Adds an app with a base of its own. */
async function addApp(services: Services, target?: unknown): Promise<void> {
  const model = await checkoutFor(services, target, l10n.t('Add an app to which checkout?'));
  await askAndBuild(services, model, { title: l10n.t('Add App'), asksForBase: false });
}

/** Adds an app that is only an overlay over another one's base, which is asked for. */
async function createExtensionApp(services: Services, target?: unknown): Promise<void> {
  const model = await checkoutFor(services, target, l10n.t('Create an extension app in which checkout?'));
  await model.read();
  if (model.apps.every((app) => app.base === undefined || app.baseApp !== undefined)) {
    throw new CannotRun(l10n.t('{0} has no app with a base to extend. Add one first.', model.name));
  }
  await askAndBuild(services, model, { title: l10n.t('Create Extension App'), asksForBase: true });
}

/** The same, with the base given. */
async function extendApp(services: Services, target?: unknown): Promise<void> {
  const { model, app } = await appFor(services, target, {
    ask: l10n.t('Extend which app?'),
    whyNot: whyNotExtended,
  });
  const title = l10n.t('Create Extension App from {0}', app.name);
  await askAndBuild(services, model, { title, asksForBase: false, base: app.name });
}

function whyNotExtended({ app: { name, baseApp, base } }: AppReview): string | undefined {
  if (baseApp !== undefined) {
    return l10n.t('{0} has no base of its own: it extends {1}. Extend {1} instead.', name, baseApp);
  }
  return base === undefined ? l10n.t('{0} has no base yet. Build what is missing first.', name) : undefined;
}

interface Wizard {
  readonly title: string;
  readonly asksForBase: boolean;
  readonly base?: string;
}

async function askAndBuild(services: Services, model: CheckoutModel, wizard: Wizard): Promise<void> {
  const state = await model.read();
  if (state.kind !== 'read') throw new CannotRun(l10n.t('{0} cannot be read.', model.name));
  const wanted = await askForNewApp(services, state.checkout, wizard);
  await build(services, model, wanted);
}

async function askForNewApp(services: Services, checkout: Checkout, wizard: Wizard): Promise<NewApp> {
  const [{ runWizard }, { askForImage }, questions, { parseReference }] = await Promise.all([
    import('../wizard/run-wizard'),
    import('../wizard/image-question'),
    import('../wizard/new-app-questions'),
    import('../../core/image/reference'),
  ]);
  const offer: ImageOffer = {
    recent: services.recentImages.all,
    inUse: [...new Set(checkout.apps.flatMap((app) => referenceOf(app) ?? []))].sort(),
    listDockerImages: (signal) => services.backend.request('listDockerImages', {}, { signal }),
    checkSyntax: parseReference,
    inspect: (reference, sources, signal) => inspect(services, checkout, { reference, sources }, signal),
    listAppsIn: (place) => services.backend.request('listAppsIn', { place }),
  };
  const answers = await runWizard<NewApp>(
    wizard.title,
    [
      ...(wizard.asksForBase ? [questions.askForBase(checkout)] : []),
      (frame, known) => askForImage(frame, known, offer),
      questions.askForName(checkout),
      questions.askForGroup(checkout, wizard.asksForBase ? 2 : 1),
      questions.askForStatusGoal(checkout),
      questions.askForRestartPolicy(checkout),
      questions.askToConfirm(checkout, wizard.asksForBase),
    ],
    { base: wizard.base },
  );
  // Each question has been answered, or the wizard would have thrown.
  return answers as NewApp;
}

/** Where the checkout names no platform, there must be only one, or a person has to choose. */
async function inspect(
  { backend }: Services,
  { directory: checkoutDirectory, platforms }: Checkout,
  request: WantedImage,
  signal: AbortSignal,
): Promise<FoundImage> {
  if (platforms.length === 0) {
    const available = await backend.request('listPlatforms', { request }, { signal });
    if (available.length > 1) return { platforms: available };
  }
  return backend.request('inspectImage', { checkoutDirectory, request }, { signal });
}

async function build(services: Services, model: CheckoutModel, wanted: NewApp): Promise<void> {
  const { baseGroupOf } = await import('../wizard/group-choices');
  const { name, base, type, reference, sources, platform, group, statusGoal, restartPolicy } = wanted;
  const settings = { group, baseGroup: baseGroupOf(wanted), statusGoal, restartPolicy };
  const request = { app: name, base, type, reference, sources, platform, ...settings };
  const finished = await runWithNotification(services, {
    model,
    what: l10n.t('Adding {0}', name),
    run: (options) =>
      services.backend.request('addApp', { checkoutDirectory: model.directory, request }, options),
  });
  if (type === undefined && !sources.startsWith('archive:')) await services.recentImages.add(reference);
  showReport(model, finished, { isNew: true });
  await services.appsView.select({ checkout: model.directory, app: name });
}

/** Makes a folder a checkout, as `pvr init` does. */
async function initCheckout({ checkouts }: Services): Promise<void> {
  const folder = await chooseFolder();
  const { defaultObjectsDirectory, initCheckout: init } = await import('../../core/checkout/init');
  await init(folder.fsPath, { objectsDirectory: defaultObjectsDirectory(process.env, homedir()) });
  await checkouts.find();
  await checkouts.findAgain();
  void window.showInformationMessage(l10n.t('{0} is a checkout now.', folder.fsPath));
}

async function chooseFolder(): Promise<Uri> {
  const [only, ...others] = workspace.workspaceFolders ?? [];
  const defaultUri = others.length === 0 ? only?.uri : undefined;
  const [folder] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: l10n.t('Make It a Checkout'),
      ...(defaultUri && { defaultUri }),
    })) ?? [];
  if (folder === undefined) throw new Dismissed();
  return folder;
}
