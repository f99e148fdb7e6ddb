import { l10n, type Progress, ProgressLocation, window } from 'vscode';
import { execute } from '../manifest/commands';
import { type Disposable, Disposables } from '../model/event';
import { endText, percentOf, postTitle, stepText } from './post-texts';
import { endOf, keyOf, type Post, type PostId, type Posts } from './posts';

/** A device that is away may be so for days: after this (milliseconds) the status bar alone has what waits for it. */
const patience = 60_000;

/** Follows posts in notifications to their end. One that went well is told once; one that didn't, until somebody answers. */
export class PostNotifications implements Disposable {
  readonly #posts: Posts;
  readonly #shown = new Map<string, ShownProgress>();
  readonly #subscriptions = new Disposables();

  constructor(posts: Posts) {
    this.#posts = posts;
    this.#subscriptions.add(posts.onDidChange((post) => this.#take(post)));
    this.#subscriptions.add(posts.onDidForget((post) => this.#close(post)));
  }

  /** Tells again how a post ended that went wrong, where nobody has answered to it yet. */
  tellAgain(id: PostId): void {
    const post = this.#posts.all.find((one) => keyOf(one) === keyOf(id));
    if (post !== undefined && endOf(post.last) === 'bad') this.#tellEnd(post);
  }

  dispose(): void {
    for (const shown of this.#shown.values()) shown.close();
    this.#subscriptions.dispose();
  }

  #take(post: Post): void {
    const { last } = post;
    const end = endOf(last);
    if (end === 'open') {
      this.#show(post);
      return;
    }
    this.#close(post);
    if (end === 'bad') {
      this.#tellEnd(post);
      return;
    }
    if (last !== undefined) void window.showInformationMessage(endText(post, last));
    this.#posts.forget(post);
  }

  #tellEnd(post: Post, { isLogShown = false } = {}): void {
    const { last } = post;
    if (last !== undefined) void this.#offerWays(post, endText(post, last), isLogShown);
  }

  async #offerWays(post: Post, text: string, isLogShown: boolean): Promise<void> {
    const [logs, back, close] = [l10n.t('Show Logs'), l10n.t('Go Back…'), l10n.t('Leave It')];
    const isCancelled = post.last?.progress.status.startsWith('CANCEL') === true;
    const titles = isCancelled ? [close] : [...(isLogShown ? [] : [logs]), back, close];
    // Its cross answers undefined, as a restart of the window does: then it is told again the next time.
    const answer = await window.showErrorMessage(text, ...titles);
    if (answer === logs) {
      await execute('pantavisor.showPostLogs', post);
      this.#tellEnd(post, { isLogShown: true });
    } else if (answer === back) await execute('pantavisor.goBackFromPost', post);
    else if (answer === close) this.#posts.forget(post);
  }

  #show(post: Post): void {
    const key = keyOf(post);
    const isWaiting = post.last?.progress.status === 'NEW' || post.loss !== undefined;
    let shown = this.#shown.get(key);
    if (shown === undefined) {
      if (post.loss !== undefined) return;
      shown = new ShownProgress(postTitle(post));
      this.#shown.set(key, shown);
    }
    shown.report(post, isWaiting ? () => this.#close(post) : undefined);
  }

  #close(post: Post): void {
    const key = keyOf(post);
    this.#shown.get(key)?.close();
    this.#shown.delete(key);
  }
}

/** A notification with a bar, until it is closed. */
class ShownProgress {
  #percent = 0;
  #progress: Progress<{ message?: string; increment?: number }> | undefined;
  #ended: (() => void) | undefined;
  #latest: Post | undefined;
  #impatience: NodeJS.Timeout | undefined;

  constructor(title: string) {
    void window.withProgress({ location: ProgressLocation.Notification, title }, (progress) => {
      this.#progress = progress;
      this.#write();
      return new Promise<void>((resolve) => (this.#ended = resolve));
    });
  }

  /** @param giveUp called when nothing else comes for a while. */
  report(post: Post, giveUp: (() => void) | undefined): void {
    this.#latest = post;
    this.#write();
    clearTimeout(this.#impatience);
    this.#impatience = giveUp === undefined ? undefined : setTimeout(giveUp, patience).unref();
  }

  close(): void {
    clearTimeout(this.#impatience);
    this.#ended?.();
  }

  #write(): void {
    if (this.#latest === undefined || this.#progress === undefined) return;
    const percent = percentOf(this.#latest);
    this.#progress.report({
      message: stepText(this.#latest),
      increment: Math.max(0, percent - this.#percent),
    });
    this.#percent = Math.max(this.#percent, percent);
  }
}
