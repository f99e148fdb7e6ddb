import { l10n, ProgressLocation, type QuickPickItem, window } from 'vscode';
import type { ToSeveral } from '../../backend/requests/posting';
import { Problem } from '../../core/problem';
import type { Revision } from '../../core/remote/remote';
import type { ManyReport, OneOfMany, PostableApp } from '../../core/use-cases/post-to-many';
import { deviceFacts, deviceName } from '../devices/device-words';
import { attended } from '../devices/log-in';
import type { DeviceModel } from '../devices/model/devices-model';
import { listedFiles } from '../listed-files';
import { execute } from '../manifest/commands';
import { CannotRun, Dismissed, type Way } from '../messages/cannot-run';
import { offer } from '../messages/run-command';
import { withProgress } from '../messages/with-progress';
import type { CheckoutModel } from '../model/checkout-model';
import type { Services } from '../services';
import { endText, nickOf, percentOf, stepText } from './post-texts';
import { objectionText } from './review-text';

/** By checkout: addresses of the devices that were chosen last, the one that came first before the others. */
const storageKey = 'pantavisor.severalDevices';

/**
 * Posts apps of the last commit onto each of several devices' own newest revision: one first, and the others, one after the other,
 * once it runs them. A person chooses apps, devices and the first of them, and sees what it means before anything is sent. Done once
 * more, it goes on where it ended.
 */
export async function postToSeveral(services: Services, model: CheckoutModel): Promise<void> {
  const apps = await chooseApps(services, model);
  const chosen = await chooseDevices(services, model);
  const first = await chooseFirst(services, model, chosen);
  const devices = [first, ...chosen.filter((one) => one !== first)].map(({ address }) => address);
  await keep(services, model, devices);
  const wanted: ToSeveral = {
    checkoutDirectory: model.directory,
    devices,
    parts: apps.flatMap(({ parts }) => parts),
  };
  const names = apps.map(({ name }) => name).join(', ');
  const plan = await attended(services, () =>
    withProgress(l10n.t('Looking at {0} devices', devices.length), (options) =>
      services.backend.request('planPostToSeveral', wanted, options),
    ),
  );
  if (plan.devices.every(({ end }) => end === 'there')) {
    void window.showInformationMessage(l10n.t('All of these devices have {0} as it was committed.', names));
    return;
  }
  await confirm(model, names, plan);
  const report = await followed(services, wanted, {
    title: l10n.t('Posting {0} to {1} devices', names, devices.length),
    remotes: plan.devices.map(({ remote }) => remote),
  });
  await services.devices.refresh();
  // Not awaited: a message may stay for hours.
  void tell(services, names, report);
}

type AppItem = QuickPickItem & { readonly app: PostableApp };

async function chooseApps(
  services: Services,
  { directory: checkoutDirectory, name }: CheckoutModel,
): Promise<readonly PostableApp[]> {
  const apps = await attended(services, () =>
    withProgress(l10n.t('Looking for what changed in {0}', name), (options) =>
      services.backend.request('listPostableApps', { checkoutDirectory }, options),
    ),
  );
  if (apps.length === 0) throw new CannotRun(l10n.t('No app of {0} has been committed.', name));
  if (apps.length === 1) return apps;
  const items = apps.map((app): AppItem => ({
    label: app.name,
    description: app.hasChanged ? l10n.t('changed since it came from its device') : '',
    picked: app.hasChanged,
    app,
  }));
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Post {0} to Several Devices', name),
    placeHolder: l10n.t('Which apps? All else on the devices stays as it is.'),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined || picked.length === 0) throw new Dismissed();
  return picked.map(({ app }) => app);
}

type DeviceItem = QuickPickItem & { readonly device: DeviceModel };

function itemOf(device: DeviceModel): DeviceItem {
  return { label: deviceName(device), description: deviceFacts(device).join(' · '), device };
}

async function chooseDevices(services: Services, model: CheckoutModel): Promise<readonly DeviceModel[]> {
  const { devices } = services;
  if (devices.accounts === undefined || devices.all.length === 0) await devices.refresh();
  // One that was never started has nothing that a part could be put to.
  const all = devices.all.filter(({ glance }) => glance === undefined || glance.head !== undefined);
  if (all.length === 0)
    throw new CannotRun(l10n.t('There are no devices to post to.'), [
      { title: l10n.t('Log In…'), run: () => execute('pantavisor.logInToHub') },
      { title: l10n.t('Add by Address…'), run: () => execute('pantavisor.addDeviceAddress') },
    ]);
  const before = kept(services, model);
  const isOwn = ({ checkouts }: DeviceModel) =>
    checkouts.some(({ directory }) => directory === model.directory);
  const items = all.map((device) => ({
    ...itemOf(device),
    picked: before.length > 0 ? before.includes(device.address) : isOwn(device),
  }));
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Post {0} to Several Devices', model.name),
    placeHolder: l10n.t('To which devices?'),
    canPickMany: true,
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined || picked.length === 0) throw new Dismissed();
  return picked.map(({ device }) => device);
}

async function chooseFirst(
  services: Services,
  model: CheckoutModel,
  chosen: readonly DeviceModel[],
): Promise<DeviceModel> {
  const [only, ...others] = chosen;
  if (only !== undefined && others.length === 0) return only;
  const [before] = kept(services, model);
  const inOrder = [...chosen].sort((a, b) => Number(b.address === before) - Number(a.address === before));
  const picked = await window.showQuickPick(inOrder.map(itemOf), {
    title: l10n.t('Post {0} to Several Devices', model.name),
    placeHolder: l10n.t('Which one first? The others follow when it runs it.'),
    ignoreFocusOut: true,
  });
  if (picked === undefined) throw new Dismissed();
  return picked.device;
}

/** @throws Dismissed. */
async function confirm(
  { name }: CheckoutModel,
  apps: string,
  { devices, uncommitted }: ManyReport,
): Promise<void> {
  const go = l10n.t('Post');
  const question = l10n.t('Post {0} of {1} to {2} devices?', apps, name, devices.length);
  const rows = devices.flatMap(({ remote, running, end, notes }, at) => [
    `${at + 1}. ${remote}: ${end === 'there' ? l10n.t('has it already') : runsText(running)}`,
    ...notes.map((note) => `• ${objectionText(note).text}`),
  ]);
  const detail = [
    rows.join('\n'),
    l10n.t(
      'The first one comes alone. The others follow, one after the other; a failure stops what is left.',
    ),
    ...(uncommitted.length === 0
      ? []
      : [l10n.t('Not committed, and so not posted: {0}.', listedFiles(uncommitted))]),
  ].join('\n\n');
  if ((await window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw new Dismissed();
}

/** @throws Problem; Dismissed when a person has stopped it. */
function followed(
  { backend }: Services,
  wanted: ToSeveral,
  { title, remotes }: { readonly title: string; readonly remotes: readonly string[] },
): Promise<ManyReport> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  const work = new Promise<ManyReport>((resolve, reject) => {
    void window.withProgress(options, (progress, token) => {
      let shown = 0;
      const show = (remote: string, revision: Revision) => {
        const [at, count] = [remotes.indexOf(remote), remotes.length];
        const percent = (100 * at + percentOf({ last: revision })) / count;
        const message = l10n.t(
          '{0} ({1} of {2}): {3}',
          nickOf({ name: remote }),
          at + 1,
          count,
          stepText({ last: revision, loss: undefined }),
        );
        progress.report({ message, increment: Math.max(0, percent - shown) });
        shown = Math.max(shown, percent);
      };
      return new Promise<void>((close) => {
        const listening = backend.subscribe('postToSeveral', wanted, (news) => {
          if (news.kind === 'revision') {
            show(news.remote, news.revision);
            return;
          }
          listening.dispose();
          close();
          if (news.kind === 'end') resolve(news.report);
          else reject(new Problem(news));
        });
        token.onCancellationRequested(() => {
          listening.dispose();
          close();
          const text = l10n.t('Nothing more is posted. A device that has been sent it goes on with it.');
          window.setStatusBarMessage(text, 8000);
          reject(new Dismissed());
        });
      });
    });
  });
  return work;
}

async function tell(services: Services, apps: string, report: ManyReport): Promise<void> {
  const table: Way = { title: l10n.t('Who Runs What'), run: () => showTable(services, report) };
  const failed = report.devices.find(({ end }) => end === 'failed');
  if (failed === undefined) {
    const text = l10n.t('All {0} devices run {1} as it was committed.', report.devices.length, apps);
    await offer(window.showInformationMessage, text, [table]);
    return;
  }
  const waiting = report.devices.filter(({ end }) => end === 'waiting').map(({ remote }) => remote);
  const text = [
    failed.revision === undefined ? '' : endText({ name: failed.remote }, failed.revision),
    ...(waiting.length === 0 ? [] : [l10n.t('Nothing was sent to {0}.', waiting.join(', '))]),
  ].join(' ');
  const logs: Way = { title: l10n.t('Show Logs'), run: () => showLogs(services, failed) };
  await offer(window.showErrorMessage, text, [logs, table]);
}

/** Each device with what it runs now, and what became of what it was sent; choosing one shows its logs. */
async function showTable(services: Services, { devices }: ManyReport): Promise<void> {
  const items = devices.map((one) => ({
    label: `${icons[one.end]} ${one.remote}`,
    description: runsText(one.running),
    detail: endOfOne(one),
    one,
  }));
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Who Runs What'),
    placeHolder: l10n.t('Choose a device to see its logs'),
  });
  if (picked !== undefined) showLogs(services, picked.one);
}

const icons = {
  good: '$(pass)',
  there: '$(pass)',
  failed: '$(error)',
  waiting: '$(circle-large-outline)',
  planned: '$(circle-large-outline)',
} as const;

function endOfOne({ end, revision }: OneOfMany): string {
  const name = revision?.name ?? '';
  switch (end) {
    case 'good':
      return l10n.t('runs it, as revision {0}', name);
    case 'there':
      return l10n.t('had it already');
    case 'failed': {
      const { status = '', message = '' } = revision?.progress ?? {};
      return l10n.t('revision {0} failed: {1}', name, message === '' ? status : message);
    }
    case 'waiting':
    case 'planned':
      return l10n.t('nothing was sent');
  }
}

function runsText(running: string | undefined): string {
  return running === undefined ? l10n.t('runs nothing known') : l10n.t('runs {0}', running);
}

function showLogs({ deviceLogs }: Services, { address, remote, revision }: OneOfMany): void {
  deviceLogs.show({ device: address, name: remote, revision: revision?.name });
}

function kept({ extension }: Services, { directory }: CheckoutModel): readonly string[] {
  const all = extension.workspaceState.get<Readonly<Record<string, readonly string[]>>>(storageKey, {});
  return all[directory] ?? [];
}

async function keep(
  { extension: { workspaceState } }: Services,
  { directory }: CheckoutModel,
  devices: readonly string[],
): Promise<void> {
  const all = workspaceState.get<Readonly<Record<string, readonly string[]>>>(storageKey, {});
  await workspaceState.update(storageKey, { ...all, [directory]: devices });
}
