import { l10n, type LogOutputChannel, window } from 'vscode';
import type { BackendClient } from '../../backend/client';
import type { LogNews } from '../../backend/requests/devices';
import type { LogEntry } from '../../core/remote/remote';
import { withRemedy } from '../messages/remedy-text';
import { type Disposable, Disposables } from '../model/event';

/** What of a device's logs is wanted. */
export interface WantedLogs {
  /** How the device is found again. */
  readonly device: string;
  readonly name: string;
  readonly revision?: string | undefined;
  /** A container, or `pantavisor`. */
  readonly platform?: string | undefined;
}

interface Followed {
  readonly channel: LogOutputChannel;
  readonly wanted: WantedLogs;
  readonly told: Set<string>;
  listening: Disposable | undefined;
  /** Milliseconds since 1970; what was asked for is going to be shown in a moment. */
  readonly since: number;
}

/** Entries that were there before. */
const lastOnes = 200;
/** The panel takes its time until VS Code tells that it is shown. */
const grace = 10_000;

/** Output channels that follow what devices tell, as long as they are shown. */
export class DeviceLogs implements Disposable {
  readonly #backend: BackendClient;
  readonly #followed = new Map<string, Followed>();
  readonly #subscriptions = new Disposables();

  constructor(backend: BackendClient) {
    this.#backend = backend;
    this.#subscriptions.add(window.onDidChangeVisibleTextEditors(() => this.#lookWhatIsShown()));
  }

  show(wanted: WantedLogs): void {
    const key = JSON.stringify([wanted.device, wanted.revision, wanted.platform]);
    const known = this.#followed.get(key);
    const followed: Followed = {
      channel: known?.channel ?? window.createOutputChannel(channelName(wanted), { log: true }),
      wanted,
      told: known?.told ?? new Set(),
      listening: known?.listening,
      since: Date.now(),
    };
    this.#followed.set(key, followed);
    followed.channel.show(true);
    this.#listen(followed);
    setTimeout(() => this.#lookWhatIsShown(), grace + 100).unref();
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const { channel, listening } of this.#followed.values()) {
      listening?.dispose();
      channel.dispose();
    }
  }

  /** Nobody is asked for what nobody sees; what was told meanwhile comes when it is shown again. */
  #lookWhatIsShown(): void {
    for (const followed of this.#followed.values()) {
      if (isShown(followed)) this.#listen(followed);
      else if (Date.now() - followed.since > grace) {
        followed.listening?.dispose();
        followed.listening = undefined;
      }
    }
  }

  #listen(followed: Followed): void {
    const { device, revision, platform } = followed.wanted;
    followed.listening ??= this.#backend.subscribe(
      'deviceLogs',
      { device, revision, platform, last: lastOnes },
      (news) => hear(followed, news),
    );
  }
}

function hear(followed: Followed, news: LogNews): void {
  const { channel, told } = followed;
  if (news.kind === 'lost') {
    channel.error(`${news.doing}: ${withRemedy(news)}`);
    followed.listening?.dispose();
    followed.listening = undefined;
    return;
  }
  if (news.entries.length === 0 && told.size === 0) channel.info(l10n.t('Nothing has been told yet.'));
  for (const entry of news.entries) {
    if (told.has(entry.id)) continue;
    told.add(entry.id);
    write(channel, entry);
  }
}

function write(channel: LogOutputChannel, { time, revision, platform, level, message }: LogEntry): void {
  const text = `${time.slice(0, 19)}Z [${revision}] ${platform}: ${message}`;
  switch (level.toUpperCase()) {
    case 'FATAL':
    case 'ERROR':
      channel.error(text);
      break;
    case 'WARN':
    case 'WARNING':
      channel.warn(text);
      break;
    case 'DEBUG':
      channel.debug(text);
      break;
    case 'TRACE':
    case 'ALL':
      channel.trace(text);
      break;
    default:
      channel.info(text);
  }
}

function channelName({ name, revision, platform }: WantedLogs): string {
  const of = [name, platform, revision === undefined ? undefined : l10n.t('revision {0}', revision)];
  return `Pantavisor ${of.filter(Boolean).join(', ')}`;
}

/** An output channel that is shown is a visible editor, whose URI ends with its name. */
function isShown({ channel }: Followed): boolean {
  return window.visibleTextEditors.some(
    ({ document: { uri } }) => uri.scheme === 'output' && uri.path.includes(channel.name),
  );
}
