import { l10n, window } from 'vscode';
import type { SshQuestion } from '../../core/remote/desk/ssh-questions';

/** Milliseconds for which a no is a no: the view looks again and again. */
const patience = 10 * 60_000;
const refused = new Map<string, number>();
/** Hosts with what ssh said of their keys: connections that are made at once ask the same. */
const trusted = new Set<string>();
let last: Promise<unknown> = Promise.resolve();

/** Lets a person answer ssh: whether a host is trusted, a passphrase or a password; one question at a time. */
export function askSsh(question: SshQuestion): Promise<string | undefined> {
  const answer = last.then(() => ask(question));
  last = answer.catch(() => undefined);
  return answer;
}

async function ask({ host, text, isSecret }: SshQuestion): Promise<string | undefined> {
  if (Date.now() - (refused.get(host) ?? -Infinity) < patience) return undefined;
  const key = JSON.stringify([host, text]);
  if (trusted.has(key)) return 'yes';
  const answer = isSecret ? await askSecret(host, text) : await askTrust(host, text);
  if (answer !== undefined && !isSecret) trusted.add(key);
  if (answer === undefined) refused.set(host, Date.now());
  return answer;
}

async function askSecret(host: string, prompt: string): Promise<string | undefined> {
  const title = l10n.t('Shell Access to {0}', host);
  return window.showInputBox({ title, prompt, password: true, ignoreFocusOut: true });
}

async function askTrust(host: string, detail: string): Promise<string | undefined> {
  const trust = l10n.t('Trust It');
  const question = l10n.t('ssh does not know the device {0} yet. Trust it?', host);
  return (await window.showWarningMessage(question, { modal: true, detail }, trust)) === trust
    ? 'yes'
    : undefined;
}
