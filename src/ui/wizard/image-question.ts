import { l10n, type QuickPick, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import type { ImageSummary } from '../../backend/requests/images';
import type { DockerImage } from '../../core/image/docker/list-images';
import { formatSize } from '../../core/presentation/size';
import { Problem } from '../../core/problem';
import { capitalized } from '../capitalized';
import { errorText, withRemedy } from '../messages/remedy-text';
import { debounce } from '../model/debounce';
import { timeAgo } from '../time-ago';
import type { NewApp } from './new-app';
import { askForOtherSource, type Elsewhere, type OtherSourcesOffer } from './other-sources';
import { choose, show } from './questions';
import type { Frame, Outcome } from './run-wizard';

/** Registries are asked this long after the last key. */
const typingPause = 400;

export interface ImageOffer {
  readonly recent: readonly string[];
  /** Those of the checkout's apps. */
  readonly inUse: readonly string[];
  /** Fails with a Problem where no docker runs. */
  listDockerImages(signal: AbortSignal): Promise<readonly DockerImage[]>;
  /** @throws Problem when the text is no reference; that needs no network. */
  checkSyntax(reference: string): void;
  /** @throws Problem when there is no such image for the device. */
  inspect(reference: string, sources: string, signal: AbortSignal): Promise<FoundImage>;
  /** @throws Problem when the place is neither a checkout nor an export. */
  listAppsIn(place: string): Promise<readonly string[]>;
}

/** An image, or, where nothing says which one the device has, the platforms that it comes for. */
export type FoundImage = ImageSummary | { readonly platforms: readonly string[] };

interface ImageItem extends QuickPickItem {
  readonly reference?: string;
  readonly sources?: string;
  readonly elsewhere?: Elsewhere;
}

const fromRegistryFirst = 'remote,local';
const fromDockerFirst = 'local,remote';

interface Chosen {
  readonly reference: string;
  readonly sources: string;
  /** Those to choose from; empty where there is no choice. */
  readonly platforms: readonly string[];
  /** It is none of these, and asked for next. */
  readonly elsewhere?: Elsewhere | undefined;
}

/** Asks for an image or what else an app can be made from, and in the same step for its platform where it comes for several and nothing says which one is wanted. */
export async function askForImage(
  frame: Frame,
  answers: Partial<NewApp>,
  offer: ImageOffer,
): Promise<Outcome<NewApp>> {
  for (let typed = answers.type === undefined ? (answers.reference ?? '') : ''; ;) {
    const chosen = await askForReference(frame, typed, offer);
    if (chosen.kind !== 'answer') return chosen;
    const { reference = '', sources = fromRegistryFirst, platforms = [], elsewhere } = chosen.answers;
    if (elsewhere !== undefined) {
      const other = await askForOtherSource(elsewhere, frame, otherSources(offer));
      if (other.kind === 'back') continue;
      return other;
    }
    const image = { type: undefined, reference, sources, platform: undefined };
    if (platforms.length === 0) return { kind: 'answer', answers: image };
    const platform = await askForPlatform(frame, platforms, answers.platform);
    if (platform.kind === 'answer') return { kind: 'answer', answers: { ...image, ...platform.answers } };
    typed = reference;
  }
}

function otherSources(offer: ImageOffer): OtherSourcesOffer {
  return {
    listAppsIn: (place) => offer.listAppsIn(place),
    checkSyntax: (reference) => offer.checkSyntax(reference),
    platformsOf: async (reference, sources) =>
      platformsOf(await offer.inspect(reference, sources, new AbortController().signal)),
  };
}

function askForPlatform(
  frame: Frame,
  platforms: readonly string[],
  before: string | undefined,
): Promise<Outcome<NewApp>> {
  return choose<NewApp>(
    { ...frame, canGoBack: true },
    {
      placeholder: l10n.t('For which platform? Nothing in the checkout says which one the device has.'),
      choices: platforms.map((platform) => ({
        label: platform,
        outcome: { kind: 'answer', answers: { platform } },
      })),
      active: ({ label }) => label === before,
    },
  );
}

/** A recent one, one in docker, or what is typed, which the registry is asked about meanwhile. */
async function askForReference(frame: Frame, typed: string, offer: ImageOffer): Promise<Outcome<Chosen>> {
  const input = window.createQuickPick<ImageItem>();
  const closed = new AbortController();
  const question = new ImageQuestion(input, offer, closed.signal);
  input.value = typed;
  try {
    return await show<Chosen>(frame, input, (end) => {
      question.start((answers) => end({ kind: 'answer', answers }));
    });
  } finally {
    closed.abort();
    question.dispose();
  }
}

class ImageQuestion {
  readonly #input: QuickPick<ImageItem>;
  readonly #offer: ImageOffer;
  readonly #closed: AbortSignal;
  readonly #checkSoon = debounce(() => void this.#checkTyped(), typingPause);
  #docker: readonly ImageItem[] = [];
  /** What is known about the typed reference, as the detail of its row. */
  #verdict = '';
  #check = new AbortController();

  constructor(input: QuickPick<ImageItem>, offer: ImageOffer, closed: AbortSignal) {
    this.#input = input;
    this.#offer = offer;
    this.#closed = closed;
  }

  start(accept: (chosen: Chosen) => void): void {
    this.#input.placeholder = l10n.t('An image, like nginx:1.27 or registry.example/team/app:v2');
    this.#input.matchOnDescription = true;
    this.#input.onDidChangeValue(() => this.#typed());
    this.#input.onDidAccept(() => void this.#accept(accept));
    this.#typed();
    void this.#listDocker();
  }

  dispose(): void {
    this.#checkSoon.dispose();
    this.#check.abort();
  }

  #typed(): void {
    this.#check.abort();
    this.#checkSoon.dispose();
    this.#verdict = this.#fault() ?? '';
    const isWorthAsking = this.#input.value.trim() !== '' && this.#verdict === '';
    this.#input.busy = isWorthAsking;
    if (isWorthAsking) {
      this.#verdict = `$(loading~spin) ${l10n.t('asking the registry …')}`;
      this.#checkSoon();
    }
    this.#show();
  }

  #fault(): string | undefined {
    const reference = this.#input.value.trim();
    if (reference === '') return undefined;
    try {
      this.#offer.checkSyntax(reference);
      return undefined;
    } catch (error) {
      return `$(error) ${faultText(error)}`;
    }
  }

  async #checkTyped(): Promise<void> {
    const reference = this.#input.value.trim();
    // What is wrong stands beside it.
    await this.#inspect(reference, fromRegistryFirst).catch(() => undefined);
  }

  /**
   * Says beside what is typed what the registry says about it.
   *
   * @returns undefined when it was typed over meanwhile.
   * @throws Problem when there is no such image.
   */
  async #inspect(reference: string, sources: string): Promise<FoundImage | undefined> {
    this.#check.abort();
    this.#check = new AbortController();
    const signal = AbortSignal.any([this.#check.signal, this.#closed]);
    this.#input.busy = true;
    try {
      const found = await this.#offer.inspect(reference, sources, signal);
      if (signal.aborted) return undefined;
      this.#verdict = `$(pass) ${foundText(found)}`;
      return found;
    } catch (error) {
      if (signal.aborted) return undefined;
      this.#verdict = `$(error) ${faultText(error)}`;
      throw error;
    } finally {
      if (!signal.aborted) {
        this.#input.busy = false;
        this.#show();
      }
    }
  }

  async #accept(accept: (chosen: Chosen) => void): Promise<void> {
    const [{ reference, sources = fromRegistryFirst, elsewhere } = {}] = this.#input.selectedItems;
    if (elsewhere !== undefined) {
      accept({ reference: '', sources, platforms: [], elsewhere });
      return;
    }
    if (reference === undefined || this.#closed.aborted) return;
    // What is chosen becomes what is typed: what is wrong with it is said there, and can be mended there.
    if (this.#input.value !== reference) this.#input.value = reference;
    this.#checkSoon.dispose();
    if (this.#fault() !== undefined) {
      this.#show();
      return;
    }
    try {
      const found = await this.#inspect(reference, sources);
      if (found !== undefined) accept({ reference, sources, platforms: platformsOf(found) });
    } catch (error) {
      // The row has room for its beginning only.
      void window.showErrorMessage(faultText(error));
    }
  }

  async #listDocker(): Promise<void> {
    try {
      const images = await this.#offer.listDockerImages(this.#closed);
      this.#docker = images.map(({ reference, size, created }) => ({
        label: reference,
        description: `${formatSize(size)} · ${timeAgo(created * 1000)}`,
        reference,
        sources: fromDockerFirst,
      }));
      if (!this.#closed.aborted) this.#show();
    } catch {
      // No docker here: there is nothing to offer from it.
    }
  }

  #show(): void {
    const typed = this.#input.value.trim();
    const known = new Set([typed]);
    const fresh = (references: readonly string[]) =>
      references.filter((reference) => !known.has(reference) && known.add(reference));
    const items = [
      ...(typed === '' ? [] : [{ label: typed, detail: this.#verdict, reference: typed, alwaysShow: true }]),
      ...section(l10n.t('Recent'), fresh(this.#offer.recent).map(plainItem)),
      ...section(l10n.t('In this checkout'), fresh(this.#offer.inUse).map(plainItem)),
      ...section(l10n.t('In docker'), this.#docker),
      ...section(l10n.t('Elsewhere'), elsewhereItems()),
    ];
    const { activeItems } = this.#input;
    this.#input.items = items;
    // The list is made anew; whoever has moved in it stays where they were.
    const active =
      activeItems[0] &&
      items.find(({ label, kind }) => kind === undefined && label === activeItems[0]?.label);
    if (active !== undefined) this.#input.activeItems = [active];
  }
}

function elsewhereItems(): readonly ImageItem[] {
  return [
    {
      label: l10n.t('From a root file system (folder, tar, squashfs)…'),
      elsewhere: 'rootfs',
    },
    { label: l10n.t('From another checkout or export…'), elsewhere: 'pvr' },
    { label: l10n.t('From an image archive…'), elsewhere: 'archive' },
  ];
}

function plainItem(reference: string): ImageItem {
  return { label: reference, reference };
}

function section(label: string, items: readonly ImageItem[]): readonly ImageItem[] {
  return items.length === 0 ? [] : [{ label, kind: QuickPickItemKind.Separator }, ...items];
}

function platformsOf(found: FoundImage): readonly string[] {
  return 'platforms' in found ? found.platforms : [];
}

function foundText(found: FoundImage): string {
  return 'platforms' in found ? l10n.t('comes for {0}', found.platforms.join(', ')) : summaryText(found);
}

function summaryText({ platform, size, created, source }: ImageSummary): string {
  const parts = [
    ...(platform === undefined ? [] : [platform]),
    formatSize(size),
    ...(created > 0 ? [timeAgo(created * 1000)] : []),
    source === 'local' ? l10n.t('from docker') : l10n.t('from the registry'),
  ];
  return parts.join(' · ');
}

function faultText(error: unknown): string {
  return capitalized(error instanceof Problem ? withRemedy(error) : errorText(error));
}
