import type { App } from '../../core/checkout/app';

/** Bytes of the base that an app's overlay lies on: its own, or that of the app it extends. */
export function baseSizeOf({ base, baseApp }: App, apps: readonly App[]): number | undefined {
  return base?.size ?? apps.find(({ name }) => name === baseApp)?.base?.size;
}
