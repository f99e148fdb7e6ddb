import { l10n, window } from 'vscode';
import { hub, registryHost } from '../images/registry-logins';
import type { Services } from '../services';
import { CannotRun } from './cannot-run';
import { Dismissed } from './dismissed';

/** Keeps a login in the system's keychain, for those who have no docker to log in with. */
export async function signInToRegistry({ registryLogins }: Services, target?: unknown): Promise<void> {
  const title = l10n.t('Sign In to a Registry');
  const prompt = l10n.t('The registry, like registry.example:5000');
  const host = registryHost(
    await ask({
      title,
      prompt,
      value: typeof target === 'string' ? target : hub,
      isRight: (text) => registryHost(text) !== undefined,
    }),
  );
  if (host === undefined) throw new Dismissed();
  const username = await ask({ title, prompt: l10n.t('User name for {0}', host) });
  const password = await ask({
    title,
    prompt: l10n.t('Password or access token for {0}. It is kept in the system’s keychain.', host),
    password: true,
  });
  await registryLogins.add(host, { username, password });
  void window.showInformationMessage(
    l10n.t('Signed in to {0}. It shows with the next build or check.', host),
  );
}

export async function signOutOfRegistry({ registryLogins }: Services): Promise<void> {
  const { hosts } = registryLogins;
  if (hosts.length === 0) {
    throw new CannotRun(l10n.t('There is no login kept here. Docker’s own are removed with docker logout.'));
  }
  const host = await window.showQuickPick([...hosts], { placeHolder: l10n.t('Sign out of which registry?') });
  if (host === undefined) throw new Dismissed();
  await registryLogins.remove(host);
}

interface Question {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly password?: boolean;
  readonly isRight?: (text: string) => boolean;
}

async function ask({ isRight = () => true, ...options }: Question): Promise<string> {
  const text = await window.showInputBox({
    ...options,
    ignoreFocusOut: true,
    validateInput: (value) => {
      if (value.trim() === '') return l10n.t('Type something, or press Escape.');
      return isRight(value) ? undefined : l10n.t('This is no registry.');
    },
  });
  if (text === undefined) throw new Dismissed();
  return options.password ? text : text.trim();
}
