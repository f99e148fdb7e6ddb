import { l10n, StatusBarAlignment, type StatusBarItem, ThemeColor, window } from 'vscode';
import type { CommandId } from '../manifest/commands';
import { type Disposable, Disposables } from '../model/event';
import { nickOf, percentOf, postLine, stepText } from './post-texts';
import { endOf, type Post, type Posts } from './posts';

/** The posts on their way, and those that went wrong, in the status bar; nothing where there are none. */
export class PostsItem implements Disposable {
  readonly #posts: Posts;
  readonly #item: StatusBarItem;
  readonly #subscriptions = new Disposables();

  constructor(posts: Posts) {
    this.#posts = posts;
    this.#item = this.#subscriptions.add(window.createStatusBarItem('posts', StatusBarAlignment.Left, -1));
    this.#item.name = l10n.t('Pantavisor: Posted Revisions');
    const command: CommandId = 'pantavisor.showPosts';
    this.#item.command = command;
    this.#subscriptions.add(posts.onDidChange(() => this.#update()));
    this.#subscriptions.add(posts.onDidForget(() => this.#update()));
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #update(): void {
    const { all } = this.#posts;
    const [first] = all;
    if (first === undefined) {
      this.#item.hide();
      return;
    }
    const isBad = all.some(({ last }) => endOf(last) === 'bad');
    const isLost = all.some(({ loss }) => loss !== undefined);
    const icon = isBad ? '$(error)' : isLost ? '$(warning)' : '$(sync~spin)';
    const text = all.length === 1 ? shortText(first) : l10n.t('{0} devices', all.length);
    this.#item.text = `${icon} ${text}`;
    this.#item.tooltip = all.map(postLine).join('\n');
    this.#item.backgroundColor = isBad ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    this.#item.accessibilityInformation = {
      label: l10n.t('Pantavisor: {0}', all.map(spokenText).join(', ')),
      role: isBad ? 'button' : 'progressbar',
    };
    this.#item.show();
  }
}

/** `kitchen: 55 %` */
function shortText(post: Post): string {
  const { last } = post;
  if (endOf(last) === 'bad') return `${nickOf(post)}: ${last?.progress.status ?? ''}`;
  return last === undefined || last.progress.status === 'NEW'
    ? l10n.t('{0}: waiting', nickOf(post))
    : `${nickOf(post)}: ${percentOf(post)} %`;
}

/** Changes with each station, not with each percent: screen readers say it whenever it does. */
function spokenText(post: Post): string {
  const { last } = post;
  const isDownload = last?.progress.status === 'DOWNLOADING';
  return `${nickOf(post)}, ${isDownload ? l10n.t('downloading') : stepText(post)}`;
}
