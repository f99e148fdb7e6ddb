import { l10n, type OpenDialogOptions, window } from 'vscode';
import { capitalized } from '../capitalized';
import { errorText } from '../messages/remedy-text';
import type { NewApp } from './new-app';
import { askForText, choose } from './questions';
import type { Frame, Outcome } from './run-wizard';

/** Where an app can come from that is no image of a registry or of docker. */
export type Elsewhere = 'rootfs' | 'pvr' | 'archive';

export interface OtherSourcesOffer {
  /** @throws Problem when it is neither a checkout nor an export. */
  listAppsIn(place: string): Promise<readonly string[]>;
  /** @throws Problem when the text is no name of an image. */
  checkSyntax(reference: string): void;
  /** The platforms to choose from; empty where there is no choice. @throws Problem when there is no such image. */
  platformsOf(reference: string, sources: string): Promise<readonly string[]>;
}

/** Asks for it; `back` also of who chooses nothing. */
export async function askForOtherSource(
  elsewhere: Elsewhere,
  frame: Frame,
  offer: OtherSourcesOffer,
): Promise<Outcome<NewApp>> {
  const inside = { ...frame, canGoBack: true };
  switch (elsewhere) {
    case 'rootfs': {
      const place = await askForPlace(
        inside,
        l10n.t('What is the root file system?'),
        l10n.t('A tar archive or a SquashFS file'),
      );
      return place === undefined ? back : from({ type: 'rootfs', reference: place });
    }
    case 'pvr':
      return askForOtherApp(inside, offer);
    case 'archive':
      return askForArchive(inside, offer);
  }
}

const back: Outcome<NewApp> = { kind: 'back' };

function from(answers: Partial<NewApp>): Outcome<NewApp> {
  return { kind: 'answer', answers: { sources: 'remote,local', platform: undefined, ...answers } };
}

/** A folder or a file: only some systems have a dialog for both. */
async function askForPlace(
  frame: Frame,
  placeholder: string,
  fileLabel: string,
): Promise<string | undefined> {
  const chosen = await choose<{ readonly isFolder: boolean }>(frame, {
    placeholder,
    choices: [
      { label: l10n.t('A folder'), outcome: { kind: 'answer', answers: { isFolder: true } } },
      { label: fileLabel, outcome: { kind: 'answer', answers: { isFolder: false } } },
    ],
  });
  if (chosen.kind !== 'answer') return undefined;
  const isFolder = chosen.answers.isFolder === true;
  return open({ canSelectFolders: isFolder, canSelectFiles: !isFolder });
}

async function open(options: OpenDialogOptions): Promise<string | undefined> {
  const [place] = (await window.showOpenDialog({ openLabel: l10n.t('Choose'), ...options })) ?? [];
  return place?.fsPath;
}

async function askForOtherApp(frame: Frame, offer: OtherSourcesOffer): Promise<Outcome<NewApp>> {
  const place = await askForPlace(frame, l10n.t('Where does the app lie?'), l10n.t('An export'));
  if (place === undefined) return back;
  const apps = await offer.listAppsIn(place).catch(told);
  if (apps === undefined) return back;
  const app = (name: string) => from({ type: 'pvr', reference: `${place}#${name}` });
  const [only, ...others] = apps;
  if (only === undefined) {
    void window.showErrorMessage(l10n.t('There is no app in {0}.', place));
    return back;
  }
  if (others.length === 0) return app(only);
  return choose<NewApp>(frame, {
    placeholder: l10n.t('Which app of it?'),
    choices: apps.map((name) => ({ label: name, outcome: app(name) })),
  });
}

async function askForArchive(frame: Frame, offer: OtherSourcesOffer): Promise<Outcome<NewApp>> {
  const place = await askForPlace(
    frame,
    l10n.t('What is the image archive?'),
    l10n.t('A file of docker save, or an OCI archive'),
  );
  if (place === undefined) return back;
  const sources = `archive:${place}`;
  for (let typed = ''; ;) {
    const named = await askForText<NewApp>(frame, {
      prompt: l10n.t('The image’s name in the archive, like nginx:1.27; an only one is found by any name.'),
      value: typed,
      validate: (name) => faultOf(() => offer.checkSyntax(name.trim())),
      answer: (name) => ({ reference: name.trim() }),
    });
    if (named.kind !== 'answer') return back;
    const { reference = '' } = named.answers;
    typed = reference;
    const platforms = await offer.platformsOf(reference, sources).catch(told);
    if (platforms === undefined) continue;
    if (platforms.length === 0) return from({ reference, sources });
    return choose<NewApp>(frame, {
      placeholder: l10n.t('For which platform? Nothing in the checkout says which one the device has.'),
      choices: platforms.map((platform) => ({
        label: platform,
        outcome: from({ reference, sources, platform }),
      })),
    });
  }
}

function faultOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return capitalized(errorText(error));
  }
}

function told(error: unknown): undefined {
  void window.showErrorMessage(capitalized(errorText(error)));
}
