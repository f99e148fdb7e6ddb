import path from 'node:path';
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
import type { Part } from '../../core/checkout/parts';
import { Problem } from '../../core/problem';
import { abortSignalOf } from '../abort-signal';
import { toolNames } from '../manifest/view-ids';
import { withRemedy } from '../messages/remedy-text';
import type { FoundApp } from '../model/checkouts';
import { type Disposable, Disposables } from '../model/event';
import { failureOf, type ImageState, installedDigest, referenceOf } from '../model/image-state';
import type { Services } from '../services';
import { lookOf } from '../tree/condition-look';

/** What language models may ask for. They only read. */
export function registerTools(services: Services): Disposable {
  const registered = new Disposables();
  const register = <Input>(name: string, tool: LanguageModelTool<Input>) =>
    registered.add(lm.registerTool(name, answering(tool)));
  register(toolNames.listApps, listApps(services));
  register(toolNames.overlayContents, overlayContents(services));
  register(toolNames.outdatedImages, outdatedImages(services));
  register(toolNames.uncommitted, uncommitted(services));
  register(toolNames.diff, diff(services));
  register(toolNames.listDevices, listDevices(services));
  register(toolNames.deviceStatus, deviceStatus(services));
  return registered;
}

/** What a person would be told is an answer, which a model can do something with; a thrown error ends its work. */
function answering<Input>(tool: LanguageModelTool<Input>): LanguageModelTool<Input> {
  return {
    ...tool,
    invoke: async (options, token) => {
      try {
        return await tool.invoke(options, token);
      } catch (error) {
        if (error instanceof Problem) return json({ error: `${error.doing}: ${withRemedy(error)}` });
        throw error;
      }
    },
  };
}

interface AppInput {
  readonly app?: string;
  /** Its path, or its name in the views; where several checkouts have such an app. */
  readonly checkout?: string;
  /** How many of the largest to leave out, which were given before. */
  readonly skip?: number;
}

function listApps({ checkouts, reviews }: Services): LanguageModelTool<object> {
  return {
    prepareInvocation: () => ({ invocationMessage: l10n.t('Listing the apps of the Pantavisor checkouts') }),
    invoke: async () => {
      const apps = await checkouts.readApps();
      return json({
        apps: apps.map((found) => ({ ...namesOf(found), ...describe(found) })),
        // What else a device has: its bsp, which is often the largest part, and its files.
        others: checkouts.all.flatMap(({ directory, state }) =>
          state.kind === 'read' ? state.checkout.parts.map((part) => othersOf(directory, part)) : [],
        ),
      });
    },
  };

  function describe(found: FoundApp): object {
    const { app, condition, baseSize } = reviews.of(found);
    return {
      image: referenceOf(app),
      baseBytes: app.base?.size,
      overlayBytes: app.overlay?.size,
      overlayShareOfBase:
        app.overlay && baseSize ? Number((app.overlay.size / baseSize).toPrecision(2)) : undefined,
      extends: app.baseApp,
      extendedBy: app.dependants,
      group: app.container?.group.name,
      groupIsDefault: app.container?.group.from === 'default',
      state: condition,
      stateMeans: lookOf(condition).label,
      problems: app.contradictions.map((contradiction) => withRemedy(describeContradiction(contradiction))),
    };
  }
}

/** A model's context is dear: more rows than these say little. */
const mostChanges = 500;

function overlayContents({ checkouts, backend }: Services): LanguageModelTool<AppInput> {
  return {
    prepareInvocation: ({ input }) => ({
      invocationMessage: l10n.t('Listing what the overlay of {0} holds', input.app ?? ''),
    }),
    invoke: async ({ input }, token) => {
      const found = await appCalled(checkouts, input);
      if ('error' in found) return json(found);
      const { model, app } = found;
      if (app.overlay === undefined) {
        return json({ ...namesOf(found), error: `${app.name} has no overlay: it is what its base holds.` });
      }
      const params = { checkoutDirectory: model.directory, app: app.name };
      const changes = await backend.request('listOverlayChanges', params, { signal: abortSignalOf(token) });
      const skip = Math.max(0, input.skip ?? 0);
      const largestFirst = [...changes].sort((a, b) => b.size - a.size).slice(skip, skip + mostChanges);
      const left = changes.length - skip - largestFirst.length;
      return json({
        ...namesOf(found),
        changes: largestFirst.map(({ path, change, kind, size, baseSize, details }) => ({
          path: `/${byteStringToText(path)}`,
          change,
          kind,
          bytes: size,
          bytesInBase: baseSize,
          details,
        })),
        ...(left > 0 && { leftOut: left, next: { skip: skip + largestFirst.length } }),
      });
    },
  };
}

/** An app as a model names it, who may have heard of the checkout by its name alone. What there is instead is part of the error. */
async function appCalled(
  checkouts: Services['checkouts'],
  { app, checkout }: Pick<AppInput, 'app' | 'checkout'>,
): Promise<FoundApp | { readonly error: string; readonly [more: string]: unknown }> {
  const all = await checkouts.readApps();
  const isMeant = ({ model }: FoundApp) => checkout === undefined || isCalled(model, checkout);
  const inCheckout = all.filter(isMeant);
  if (checkout !== undefined && !checkouts.all.some((model) => isCalled(model, checkout)))
    return noSuchCheckout(checkout, checkouts.all);
  const apps = [...new Set(inCheckout.map((found) => found.app.name))];
  if (app === undefined) return { error: 'Give "app".', apps };
  const [only, ...others] = inCheckout.filter((found) => found.app.name === app);
  if (only === undefined) return { error: `There is no app ${app}.`, apps };
  if (others.length === 0) return only;
  return {
    error: 'Several checkouts have such an app; give "checkout".',
    checkouts: [only, ...others].map(({ model }) => model.directory),
  };
}

function noSuchCheckout(called: string, models: readonly FoundApp['model'][]) {
  return {
    error: `There is no checkout ${called}.`,
    checkouts: models.map(({ directory }) => directory),
  };
}

function isCalled({ directory, name }: FoundApp['model'], called: string): boolean {
  return [directory, name].includes(called) || directory.endsWith(`${path.sep}${called}`);
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
            madeFrom: installedDigest(found.app),
            ...describeImage(reviews.of(found).image),
          })),
      );
    },
  };
}

function describeImage(image: ImageState): object {
  if (image.kind === 'unknown') return { state: 'unknown' };
  const failure = failureOf(image);
  return {
    // What was known before a question that nobody answered.
    state: image.kind,
    newDigest: image.kind === 'moved' ? image.current : undefined,
    checkedAt: new Date(image.checkedAt).toISOString(),
    ...(failure && { failure: withRemedy(failure), failedAt: new Date(failure.checkedAt).toISOString() }),
  };
}

function othersOf(checkout: string, { name, kind, boots, files }: Part): object {
  return { checkout, name, kind, boots, bytes: files.reduce((sum, { size }) => sum + size, 0) };
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
      const [only, ...others] = models.filter((model) => checkout === undefined || isCalled(model, checkout));
      if (only === undefined) return json(noSuchCheckout(checkout ?? '', models));
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
