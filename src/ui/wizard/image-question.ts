import { l10n, QuickPickItemKind, window, type QuickPick, type QuickPickItem } from 'vscode';
import type { ImageSummary } from '../../backend/protocol';
import type { DockerImage } from '../../core/image/docker/list-images';
import { formatSize } from '../../core/presentation/size';
import { describeError, Problem } from '../../core/problem';
import { capitalized } from '../capitalized';
import { debounce } from '../model/debounce';
import { timeAgo } from '../time-ago';
import type { NewApp } from './new-app';
import { show } from './questions';
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
  inspect(reference: string, sources: string, signal: AbortSignal): Promise<ImageSummary>;
}

interface ImageItem extends QuickPickItem {
  readonly reference?: string;
  readonly sources?: string;
}

const fromRegistryFirst = 'remote,local';
const fromDockerFirst = 'local,remote';

/** Asks for an image: a recent one, one in docker, or what is typed, which the registry is asked about meanwhile. */
export async function askForImage(
  frame: Frame,
  answers: Partial<NewApp>,
  offer: ImageOffer,
): Promise<Outcome<NewApp>> {
  const input = window.createQuickPick<ImageItem>();
  const closed = new AbortController();
  const question = new ImageQuestion(input, offer, closed.signal);
  input.value = answers.reference ?? '';
  try {
    return await show<NewApp>(frame, input, (end) => {
      question.start((reference, sources) => end({ kind: 'answer', answers: { reference, sources } }));
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

  start(accept: (reference: string, sources: string) => void): void {
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
   * @returns false when it was typed over meanwhile.
   * @throws Problem when there is no such image.
   */
  async #inspect(reference: string, sources: string): Promise<boolean> {
    this.#check.abort();
    this.#check = new AbortController();
    const signal = AbortSignal.any([this.#check.signal, this.#closed]);
    this.#input.busy = true;
    try {
      const summary = await this.#offer.inspect(reference, sources, signal);
      if (signal.aborted) return false;
      this.#verdict = `$(pass) ${summaryText(summary)}`;
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#verdict = `$(error) ${faultText(error)}`;
      throw error;
    } finally {
      if (!signal.aborted) {
        this.#input.busy = false;
        this.#show();
      }
    }
  }

  async #accept(accept: (reference: string, sources: string) => void): Promise<void> {
    const [{ reference, sources = fromRegistryFirst } = {}] = this.#input.selectedItems;
    if (reference === undefined || this.#closed.aborted) return;
    // What is chosen becomes what is typed: what is wrong with it is said there, and can be mended there.
    if (this.#input.value !== reference) this.#input.value = reference;
    this.#checkSoon.dispose();
    if (this.#fault() !== undefined) {
      this.#show();
      return;
    }
    try {
      if (await this.#inspect(reference, sources)) accept(reference, sources);
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
    ];
    const { activeItems } = this.#input;
    this.#input.items = items;
    // The list is made anew; whoever has moved in it stays where they were.
    const active =
      activeItems[0] &&
      items.find(({ label, reference }) => reference !== undefined && label === activeItems[0]?.label);
    if (active !== undefined) this.#input.activeItems = [active];
  }
}

function plainItem(reference: string): ImageItem {
  return { label: reference, reference };
}

function section(label: string, items: readonly ImageItem[]): readonly ImageItem[] {
  return items.length === 0 ? [] : [{ label, kind: QuickPickItemKind.Separator }, ...items];
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
  return capitalized(error instanceof Problem ? `${error.found}. ${error.remedy}.` : describeError(error));
}
