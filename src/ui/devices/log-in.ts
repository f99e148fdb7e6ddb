import { type InputBoxOptions, l10n, window } from 'vscode';
import type { AccountFacts } from '../../backend/requests/devices';
import { Dismissed } from '../messages/cannot-run';
import { withProgress } from '../messages/with-progress';
import type { Services } from '../services';
import { hubToLogInTo } from './accounts';

type Needs = Pick<Services, 'backend'>;

/** By hub; and one after the other, since a person answers one question at a time. */
const asking = new Map<string, Promise<AccountFacts>>();
let last: Promise<unknown> = Promise.resolve();

/**
 * Does what needs a hub, for a person who waits for it: where nobody is logged in, they are asked for a name and a password, once,
 * and it is done again.
 *
 * @throws Dismissed when they don't answer; what `work` throws.
 */
export async function attended<Result>(services: Needs, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const hub = hubToLogInTo(error);
    if (hub === undefined) throw error;
    await logInTo(services, hub);
    return work();
  }
}

/** Asks a person for a login, until it is right. Whoever else wants the same one meanwhile gets it, too. @throws Dismissed. */
export function logInTo(services: Needs, hub: string): Promise<AccountFacts> {
  const pending = asking.get(hub);
  if (pending !== undefined) return pending;
  const answer = last.then(() => ask(services, hub)).finally(() => asking.delete(hub));
  last = answer.catch(() => undefined);
  asking.set(hub, answer);
  return answer;
}

async function ask({ backend }: Needs, hub: string): Promise<AccountFacts> {
  const { host } = new URL(hub);
  const title = l10n.t('Log In to {0}', host);
  let name = '';
  let wrong: string | undefined;
  for (;;) {
    name = await typed({ title, prompt: wrong ?? l10n.t('User name or e-mail address'), value: name });
    const prompt = l10n.t('Password of {0}. Only a token is kept, in the keychain of the system.', name);
    const password = await typed({ title, prompt, password: true });
    const answer = await withProgress(l10n.t('Logging in to {0}', host), (options) =>
      backend.request('logInToHub', { hub, name, password }, options),
    );
    if (!('refused' in answer)) return answer;
    wrong = l10n.t('The name or the password is wrong. User name or e-mail address:');
  }
}

async function typed(options: InputBoxOptions): Promise<string> {
  const text = await window.showInputBox({
    ignoreFocusOut: true,
    validateInput: (one) => (one === '' ? l10n.t('Type something, or press Escape.') : undefined),
    ...options,
  });
  if (text === undefined) throw new Dismissed();
  return options.password === true ? text : text.trim();
}
