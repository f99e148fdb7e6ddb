import {
  l10n,
  LanguageModelTextPart,
  type LanguageModelTool,
  LanguageModelToolResult,
  lm,
  workspace,
} from 'vscode';
import { byteStringToText } from '../../core/bytes/byte-string';
import { describeContradiction } from '../../core/checkout/contradictions/contradictions';
import { abortSignalOf } from '../abort-signal';
import { toolNames } from '../manifest/view-ids';
import { withRemedy } from '../messages/remedy-text';
import type { FoundApp } from '../model/checkouts';
import { type Disposable, Disposables } from '../model/event';
import { referenceOf } from '../model/image-state';
import type { Services } from '../services';

/** What language models may ask for. They only read. */
export function registerTools(services: Services): Disposable {
  const registered = new Disposables();
  registered.add(lm.registerTool(toolNames.listApps, listApps(services)));
  registered.add(lm.registerTool(toolNames.overlayContents, overlayContents(services)));
  registered.add(lm.registerTool(toolNames.outdatedImages, outdatedImages(services)));
  registered.add(lm.registerTool(toolNames.uncommitted, uncommitted(services)));
  registered.add(lm.registerTool(toolNames.diff, diff(services)));
  registered.add(lm.registerTool(toolNames.listDevices, listDevices(services)));
  registered.add(lm.registerTool(toolNames.deviceStatus, deviceStatus(services)));
  return registered;
}

interface AppInput {
  readonly app: string;
  /** Absolute path, where several checkouts have such an app. */
  readonly checkout?: string;
}

function listApps({ checkouts, reviews }: Services): LanguageModelTool<object> {
  return {
    prepareInvocation: () => ({ invocationMessage: l10n.t('Listing the apps of the Pantavisor checkouts') }),
    invoke: async () => {
      const apps = await checkouts.readApps();
      return json(apps.map((found) => ({ ...namesOf(found), ...describe(found) })));
    },
  };

  function describe(found: FoundApp): object {
    const { app, condition, baseSize } = reviews.of(found);
    return {
      image: referenceOf(app),
      baseBytes: app.base?.size,
      overlayBytes: app.overlay?.size,
      overlayShareOfBase: app.overlay && baseSize ? app.overlay.size / baseSize : undefined,
      extends: app.baseApp,
      extendedBy: app.dependants,
      group: app.container?.group.name,
      state: condition,
      problems: app.contradictions.map((contradiction) => withRemedy(describeContradiction(contradiction))),
    };
  }
}

/** A model's context is dear: more rows than these say little. */
const mostChanges = 500;

function overlayContents({ checkouts, backend }: Services): LanguageModelTool<AppInput> {
  return {
    prepareInvocation: ({ input }) => ({
      invocationMessage: l10n.t('Listing what the overlay of {0} holds', input.app),
    }),
    invoke: async ({ input }, token) => {
      const found = (await checkouts.readApps()).filter(
        ({ app, model }) => app.name === input.app && (input.checkout ?? model.directory) === model.directory,
      );
      const [only, ...others] = found;
      if (only === undefined) return json({ error: `There is no app ${input.app}.` });
      if (others.length > 0) {
        return json({
          error: 'Several checkouts have such an app; give "checkout".',
          checkouts: found.map(({ model }) => model.directory),
        });
      }
      const params = { checkoutDirectory: only.model.directory, app: only.app.name };
      const changes = await backend.request('listOverlayChanges', params, { signal: abortSignalOf(token) });
      const largestFirst = [...changes].sort((a, b) => b.size - a.size).slice(0, mostChanges);
      return json({
        ...namesOf(only),
        changes: largestFirst.map(({ path, change, kind, size, baseSize, details }) => ({
          path: `/${byteStringToText(path)}`,
          change,
          kind,
          bytes: size,
          bytesInBase: baseSize,
          details,
        })),
        ...(changes.length > mostChanges && { leftOut: changes.length - mostChanges }),
      });
    },
  };
}

function outdatedImages({ checkouts, images, reviews }: Services): LanguageModelTool<object> {
  return {
    prepareInvocation: () => ({ invocationMessage: l10n.t('Checking which images have moved') }),
    invoke: async (_, token) => {
      const apps = await checkouts.readApps();
      // In Restricted Mode no registry is asked: what is known from before has to do.
      if (workspace.isTrusted) await images.check(apps, abortSignalOf(token));
      return json(
        apps
          .filter(({ app }) => app.source.kind === 'docker')
          .map((found) => ({
            ...namesOf(found),
            image: referenceOf(found.app),
            ...reviews.of(found).image,
          })),
      );
    },
  };
}

function uncommitted({ checkouts }: Services): LanguageModelTool<object> {
  return {
    prepareInvocation: () => ({ invocationMessage: l10n.t('Looking at what is not committed') }),
    invoke: async () => {
      const models = await checkouts.find();
      await Promise.all(models.map((model) => model.read()));
      return json(
        models.map(({ directory, state }) =>
          state.kind === 'read'
            ? {
                checkout: directory,
                lastCommit: state.checkout.state?.message,
                files: state.checkout.uncommitted.slice(0, mostChanges),
                deviceDownloadsBytes: state.checkout.weight.download,
                restart: state.checkout.weight.restart,
                parts: state.checkout.weight.parts.map(({ name, download, restart }) => ({
                  name,
                  deviceDownloadsBytes: download,
                  restart: restart.effect,
                })),
              }
            : { checkout: directory, error: state.kind === 'broken' ? withRemedy(state.problem) : 'unread' },
        ),
      );
    },
  };
}

interface FileInput {
  /** Path below the checkout. */
  readonly file: string;
  readonly checkout?: string;
}

function diff({ checkouts, backend }: Services): LanguageModelTool<FileInput> {
  return {
    prepareInvocation: ({ input }) => ({
      invocationMessage: l10n.t('Comparing {0} with the last commit', input.file),
    }),
    invoke: async ({ input: { file, checkout } }, token) => {
      const models = await checkouts.find();
      const [only, ...others] = models.filter(({ directory }) => (checkout ?? directory) === directory);
      if (only === undefined) return json({ error: 'There is no such checkout.' });
      if (others.length > 0) {
        return json({
          error: 'There are several checkouts; give "checkout".',
          checkouts: models.map(({ directory }) => directory),
        });
      }
      const params = { checkoutDirectory: only.directory, file };
      const options = { signal: abortSignalOf(token) };
      const [committed, present] = await Promise.all([
        backend.request('readCommittedText', { ...params, form: 'sorted' }, options),
        backend.request('readPresentText', params, options),
      ]);
      return json({ checkout: only.directory, file, committed, present });
    },
  };
}

function listDevices({ devices }: Services): LanguageModelTool<object> {
  return {
    prepareInvocation: () => ({ invocationMessage: l10n.t('Listing the devices') }),
    invoke: async () => {
      if (!workspace.isTrusted) return json(restricted);
      await devices.refresh();
      const { accounts = [] } = devices;
      return json({
        accounts: accounts.map(({ hub, nick, trouble }) => ({ hub, nick, trouble: trouble?.kind })),
        devices: devices.all.map(({ address, glance, trouble, checkouts }) => ({
          ...{ address, ...glance, trouble: trouble?.kind, checkouts },
        })),
      });
    },
  };
}

const restricted = { error: 'In Restricted Mode no hub and no device is asked.' };

interface DeviceInput {
  readonly device: string;
}

function deviceStatus({ backend }: Services): LanguageModelTool<DeviceInput> {
  return {
    prepareInvocation: ({ input }) => ({
      invocationMessage: l10n.t('Looking at the device {0}', input.device),
    }),
    invoke: async ({ input: { device } }, token) => {
      if (!workspace.isTrusted) return json(restricted);
      const options = { signal: abortSignalOf(token) };
      const details = await backend.request('readDevice', { device }, options);
      const newestFirst = [...details.revisions].reverse().slice(0, mostRevisions);
      // What a device is told can hold keys and passwords.
      return json({ ...details, userMeta: undefined, revisions: newestFirst });
    },
  };
}

const mostRevisions = 20;

function namesOf({ model, app }: FoundApp): { readonly app: string; readonly checkout: string } {
  return { app: app.name, checkout: model.directory };
}

function json(value: unknown): LanguageModelToolResult {
  return new LanguageModelToolResult([new LanguageModelTextPart(JSON.stringify(value))]);
}
