import { homedir } from 'node:os';
import path from 'node:path';
import { l10n, type QuickPickItem, window, workspace, Uri } from 'vscode';
import type { ChosenKey } from '../../core/revision/signer-files';
import type { Secrets } from '../images/registry-logins';
import { CannotRun, Dismissed } from '../messages/cannot-run';

const secretKey = 'pantavisor.signingKey';

interface KeyChoice extends QuickPickItem {
  readonly file?: string;
  readonly isKept?: true;
}

/** The key that a person signs with, asked for once. Its passphrase, or all of it, is nowhere but in the system's keychain. */
export class SigningKeys {
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** The one that was chosen before; nobody is asked. */
  async chosen(): Promise<ChosenKey | undefined> {
    const stored = await this.#secrets.get(secretKey);
    return stored === undefined ? undefined : (JSON.parse(stored) as ChosenKey);
  }

  /** @throws Dismissed when nobody chooses one. */
  async choose(): Promise<ChosenKey> {
    const { defaultKeyFile } = await import('../../core/revision/signer-files');
    const defaultKey = defaultKeyFile({ env: process.env, homeDirectory: homedir() });
    const hasDefault = (await this.#read(defaultKey)) !== undefined;
    const choices: readonly KeyChoice[] = [
      ...(hasDefault
        ? [{ label: l10n.t('$(key) pvr’s Default Key'), description: defaultKey, file: defaultKey }]
        : []),
      { label: l10n.t('$(folder-opened) Choose a Key File…'), detail: l10n.t('It is read each time.') },
      {
        label: l10n.t('$(lock) Keep a Key in the System’s Keychain…'),
        detail: l10n.t('Its file is read once, and not needed afterwards.'),
        isKept: true,
      },
    ];
    const choice = await window.showQuickPick(choices, {
      title: l10n.t('Sign with Which Key?'),
      placeHolder: l10n.t('A private key, as a PEM file; devices verify those of RSA'),
      ignoreFocusOut: true,
    });
    if (choice === undefined) throw new Dismissed();
    const file = choice.file ?? (await askForFile(path.dirname(defaultKey)));
    const text = await this.#read(file);
    if (text === undefined) throw new CannotRun(l10n.t('{0} can not be read.', file));
    const passphrase = await askForPassphrase(file, text);
    const key: ChosenKey = { file, passphrase, ...(choice.isKept === true && { text }) };
    await this.#secrets.store(secretKey, JSON.stringify(key));
    return key;
  }

  async forget(): Promise<void> {
    await this.#secrets.delete(secretKey);
  }

  async #read(file: string): Promise<string | undefined> {
    try {
      return Buffer.from(await workspace.fs.readFile(Uri.file(file))).toString('utf8');
    } catch {
      return undefined;
    }
  }
}

async function askForFile(folder: string): Promise<string> {
  const [file] =
    (await window.showOpenDialog({
      title: l10n.t('The Private Key'),
      openLabel: l10n.t('Sign with It'),
      defaultUri: Uri.file(folder),
      filters: { [l10n.t('Keys')]: ['pem', 'key'], [l10n.t('All Files')]: ['*'] },
    })) ?? [];
  if (file === undefined) throw new Dismissed();
  return file.fsPath;
}

/** Undefined of a key that needs none. @throws Problem for what is no key. */
async function askForPassphrase(file: string, text: string): Promise<string | undefined> {
  const { needsPassphrase, privateKeyIn } = await import('../../core/revision/keys');
  if (!needsPassphrase(text)) {
    await privateKeyIn(text, file, () => Promise.reject(new Dismissed()));
    return undefined;
  }
  const passphrase = await window.showInputBox({
    title: l10n.t('Passphrase'),
    prompt: l10n.t('Of {0}. It is kept in the system’s keychain.', file),
    password: true,
    ignoreFocusOut: true,
    validateInput: async (typed) => {
      if (typed === '') return undefined;
      const isRight = await privateKeyIn(text, file, () => Promise.resolve(typed)).then(
        () => true,
        () => false,
      );
      return isRight ? undefined : l10n.t('It does not open the key.');
    },
  });
  if (passphrase === undefined || passphrase === '') throw new Dismissed();
  return passphrase;
}
