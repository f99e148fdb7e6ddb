import type { Revision } from '../../core/remote/remote';
import { canCancel, canGoBackTo, comingTo, type DeviceModel } from './model/devices-model';

/** What menus may ask about rows of the Devices view: `viewItem =~ /;device;/`. A test holds package.json to it. */
export const deviceTokens = [
  ...(['account', 'device', 'revision', 'container', 'note', 'metadata', 'logs'] as const),
  ...(['loggedIn', 'loggedOut', 'named', 'startable', 'back', 'cancel'] as const),
] as const;
export type DeviceToken = (typeof deviceTokens)[number];

/** All that holds of a row, with a `;` on each side. */
export function tokens(...holding: readonly (DeviceToken | false)[]): `;${string};` {
  return `;${deviceTokens.filter((token) => holding.includes(token)).join(';')};`;
}

export function deviceTokensOf(device: DeviceModel): `;${string};` {
  return tokens(
    'device',
    device.place === 'address' && 'named',
    comingTo(device)?.progress.status === 'NEW' && 'cancel',
  );
}

export function revisionTokensOf(revision: Revision, { details }: DeviceModel): `;${string};` {
  return tokens(
    'revision',
    details !== undefined && canGoBackTo(revision, details) && 'back',
    canCancel(revision) && 'cancel',
  );
}
