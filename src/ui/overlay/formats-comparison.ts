import { l10n } from 'vscode';
import type { FormatRow, Formats } from '../../../webview/protocol';
import type { ProgressEvent } from '../../backend/protocol';
import { formatShare, formatSize } from '../../core/presentation/size';
import type { ComparedForm, FormatComparison } from '../../core/use-cases/compare-formats';
import { phaseText } from '../builds/build-texts';
import { errorText } from '../messages/remedy-text';

/** Packs a file in all forms, as long as it takes. @throws Problem; the signal's reason. */
export type CompareFormats = (
  signal: AbortSignal,
  onProgress: (event: ProgressEvent) => void,
) => Promise<FormatComparison>;

/** What a page knows of the forms that its file could be packed in: nothing before it asks, and then until it shows another file. */
export class FormatsComparison {
  readonly #tell: (formats: Formats) => void;
  #known: Formats = { state: 'offered' };
  #running: AbortController | undefined;

  /** @param tell hears whatever is new. */
  constructor(tell: (formats: Formats) => void) {
    this.#tell = tell;
  }

  get known(): Formats {
    return this.#known;
  }

  async start(compare: CompareFormats): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    const tell = (formats: Formats) => {
      if (this.#running === running) this.#set(formats);
    };
    tell({ state: 'comparing', text: l10n.t('Comparing formats') });
    try {
      const { forms } = await compare(running.signal, (event) =>
        tell({ state: 'comparing', text: progressText(event) }),
      );
      tell({ state: 'compared', rows: rowsOf(forms) });
    } catch (error) {
      tell({ state: 'failed', text: errorText(error) });
    }
    if (this.#running === running) this.#running = undefined;
  }

  /** Ends what is under way; what is known already stays known. */
  stop(): void {
    if (this.#running === undefined) return;
    this.#running.abort();
    this.#running = undefined;
    this.#set({ state: 'offered' });
  }

  /** Another file is shown. */
  forget(): void {
    this.stop();
    this.#set({ state: 'offered' });
  }

  #set(formats: Formats): void {
    this.#known = formats;
    this.#tell(formats);
  }
}

/** `42 % · Compressing 12 MB of 30 MB`: of all forms together. */
function progressText(event: ProgressEvent): string {
  const { phase, done, total } = event;
  if (phase !== 'compress' || total === undefined || total === 0) return phaseText(event);
  return `${Math.floor((done / total) * 100)} % · ${phaseText(event)}`;
}

function rowsOf(forms: readonly ComparedForm[]): readonly FormatRow[] {
  const present = forms.find(({ isPresent }) => isPresent);
  return forms.map((form) => ({
    formatOptions: form.formatOptions,
    bytes: form.size.toString(),
    size: formatSize(form.size),
    share: present === undefined ? '' : formatShare(form.size, present.size),
    needs: needsText(form),
  }));
}

/** Larger blocks than these are worth a word. */
const usualBlock = 128 * 1024;

function needsText({ isPresent, needs: { options, version, blockSize } }: ComparedForm): string {
  return [
    ...(isPresent ? [l10n.t('The format it has now')] : []),
    ...(version === undefined ? [] : [l10n.t('Linux {0} or newer', version)]),
    options.join(' + '),
    ...(blockSize > usualBlock ? [l10n.t('{0} unpacked for each read', formatSize(blockSize))] : []),
  ].join(' · ');
}
