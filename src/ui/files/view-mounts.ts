import path from 'node:path';
import { l10n } from 'vscode';
import type { View } from '../../../webview/protocol';
import { baseVolume, overlayVolume } from '../../core/checkout/manifests/volume-name';
import type { MountFiles } from '../../core/mount/mounts';
import type { AppId, FoundApp } from '../model/checkouts';

/** A mount, with what people call it. */
export interface NamedMount {
  readonly files: MountFiles;
  readonly name: string;
}

/** Where the rows of a view lie. */
export interface ViewMounts {
  /** Where what is changed or deleted is as it was; undefined in a view of one state. */
  readonly before: NamedMount | undefined;
  readonly after: NamedMount;
  /** In which the links of `after` lead to what the device finds. */
  readonly whole: NamedMount;
}

/** The views of an app that there are. */
export function appMounts({ app, model }: FoundApp): Partial<Record<View, NamedMount>> {
  const id = { checkout: model.directory, app: app.name };
  const hasBase = app.base !== undefined || app.baseApp !== undefined;
  const hasOverlay = app.overlay !== undefined;
  return {
    ...(hasOverlay && { overlay: overlayMount(id) }),
    ...(hasBase && { base: baseMount(id, app.baseApp) }),
    ...(hasBase && hasOverlay && { device: deviceMount(id, app.baseApp) }),
  };
}

/** What the device sees of an app: the whole of it, as far as it is here. */
export function shownMount(found: FoundApp): NamedMount | undefined {
  const { device, base, overlay } = appMounts(found);
  return device ?? base ?? overlay;
}

/** Where the rows of an app's view lie; undefined where it has no such files. */
export function appViewMounts(found: FoundApp, view: View): ViewMounts | undefined {
  const { overlay, base, device } = appMounts(found);
  const own = { overlay, base, device }[view];
  if (own === undefined) return undefined;
  if (view !== 'overlay') return { before: undefined, after: own, whole: own };
  return { before: base, after: own, whole: device ?? own };
}

function overlayMount({ checkout, app }: AppId): NamedMount {
  return { files: [path.join(checkout, app, overlayVolume)], name: l10n.t('{0} overlay', app) };
}

function baseMount({ checkout, app }: AppId, baseApp: string | undefined): NamedMount {
  return {
    files: [path.join(checkout, baseApp ?? app, baseVolume)],
    name: l10n.t('{0} base', baseApp ?? app),
  };
}

function deviceMount(id: AppId, baseApp: string | undefined): NamedMount {
  return {
    files: [...baseMount(id, baseApp).files, ...overlayMount(id).files],
    name: l10n.t('{0} as the device sees it', id.app),
  };
}
