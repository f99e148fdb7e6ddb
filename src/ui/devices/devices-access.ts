import type { BackendClient } from '../../backend/client';
import type { Accounts } from './accounts';
import type { DevicesAccess } from './model/devices-model';

/** How the model gets at hubs: by the backend, which isn't started where nobody has ever logged in. */
export function devicesAccess(backend: BackendClient, accounts: Accounts): DevicesAccess {
  return {
    async mayHaveLogin() {
      if (accounts.hubs().kept.length > 0) return true;
      const { keepsDevices } = await import('./auth-file');
      return keepsDevices();
    },
    listAccounts: () => backend.request('listAccounts', {}),
    scan: () => backend.request('scanNetwork', {}),
    listKept: () => backend.request('listKeptDevices', {}),
    listDevices: (hub) => backend.request('listDevices', { hub }),
    readDevice: (device) => backend.request('readDevice', { device }),
    weighRevisions: (device, revisions) => backend.request('weighRevisions', { device, revisions }),
    listContainers: (device) => backend.request('listContainers', { device }),
    listOrigins: (checkouts) => backend.request('listOrigins', { checkouts }),
    follow: (device, revision, onNews) => backend.subscribe('revisionProgress', { device, revision }, onNews),
  };
}
