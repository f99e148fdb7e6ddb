import { logInTo } from '../devices/log-in';
import type { Services } from '../services';
import { type Commands, inTrustedWorkspace } from './declare';

declare module '../manifest/commands' {
  interface CommandArguments {
    'pantavisor.logInToHub': [hub?: string];
  }
}

export const devicesCommands = {
  'pantavisor.logInToHub': inTrustedWorkspace(logIn),
} satisfies Commands;

/** @param target the address of a hub; else the usual one. */
async function logIn(services: Services, target?: unknown): Promise<void> {
  const [usual] = await services.backend.request('listAccounts', {});
  const hub = typeof target === 'string' ? target : usual?.hub;
  if (hub !== undefined) await logInTo(services, hub);
}
