import { l10n, type LogOutputChannel, window } from 'vscode';
import type { LogEntry } from '../../core/remote/remote';
import { type Disposable, Disposables } from '../model/event';
import type { PostId } from './posts';

/** What devices told of revisions, in a channel of its own for each device. */
export class PostLogs implements Disposable {
  readonly #channels = new Map<string, LogOutputChannel>();
  readonly #subscriptions = new Disposables();

  show({ device, name, revision }: PostId, entries: readonly LogEntry[]): void {
    let channel = this.#channels.get(device);
    if (channel === undefined) {
      channel = this.#subscriptions.add(
        window.createOutputChannel(l10n.t('Pantavisor: {0}', name), { log: true }),
      );
      this.#channels.set(device, channel);
    }
    channel.info(
      entries.length === 0
        ? l10n.t('Nothing has been told of revision {0} yet.', revision)
        : l10n.t('The last that was told of revision {0}:', revision),
    );
    for (const entry of entries) write(channel, entry);
    channel.show();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}

function write(channel: LogOutputChannel, { time, level, platform, source, message }: LogEntry): void {
  const line = `${time} [${platform}${source === '' ? '' : ` ${source}`}] ${message}`;
  switch (level) {
    case 'FATAL':
    case 'ERROR':
      channel.error(line);
      break;
    case 'WARN':
      channel.warn(line);
      break;
    case 'DEBUG':
      channel.debug(line);
      break;
    default:
      channel.info(line);
      break;
  }
}
