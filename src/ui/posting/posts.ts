import type { Loss, RevisionNews } from '../../backend/requests/devices';
import { outcomeOf, type Revision } from '../../core/remote/remote';
import { type Disposable, Disposables, Emitter } from '../model/event';
import type { Storage } from '../model/storage';

/** A revision that was posted from a checkout, and that somebody wants to know the end of. Plain data. */
export interface PostId {
  /** Absolute path. */
  readonly checkout: string;
  /** How the device is found again. */
  readonly device: string;
  /** For people: `alice/kitchen`. */
  readonly name: string;
  readonly revision: string;
}

export interface Post extends PostId {
  /** As the device told last; undefined: nothing yet. */
  readonly last: Revision | undefined;
  /** Why nothing comes for now. */
  readonly loss: Loss | undefined;
}

/** What is kept over a restart: an end that went wrong, until somebody has answered to it. */
type Kept = PostId & { readonly last?: Revision | undefined };

export interface PostsFacts {
  /** In Restricted Mode no device is asked. */
  readonly isAllowed: () => boolean;
  readonly listen: (
    id: { readonly device: string; readonly revision: string },
    onNews: (news: RevisionNews) => void,
  ) => Disposable;
}

const storageKey = 'pantavisor.posts';

/** The posts whose end isn't known yet, or not answered to. They are followed by the backend, also after a restart of the window. */
export class Posts implements Disposable {
  readonly #storage: Storage;
  readonly #facts: PostsFacts;
  readonly #changed = new Emitter<Post>();
  readonly #gone = new Emitter<Post>();
  readonly #posts = new Map<string, Post>();
  readonly #listening = new Map<string, Disposable>();

  constructor(storage: Storage, facts: PostsFacts) {
    this.#storage = storage;
    this.#facts = facts;
  }

  /** A post is new, or has told something. */
  readonly onDidChange = this.#changed.event;
  /** Nobody wants to know of it any more. */
  readonly onDidForget = this.#gone.event;

  get all(): readonly Post[] {
    return [...this.#posts.values()];
  }

  /** Goes on with what a window before this one has left. */
  resume(): void {
    if (!this.#facts.isAllowed()) return;
    for (const kept of keptIn(this.#storage.get(storageKey)))
      if (!this.#posts.has(keyOf(kept))) this.#begin(kept, kept.last);
  }

  follow(id: PostId): void {
    this.forget(id);
    this.#begin(id, undefined);
    this.#keep();
  }

  forget(id: PostId): void {
    const key = keyOf(id);
    const post = this.#posts.get(key);
    if (post === undefined) return;
    this.#stop(key);
    this.#posts.delete(key);
    this.#keep();
    this.#gone.fire(post);
  }

  dispose(): void {
    const all = new Disposables();
    for (const one of this.#listening.values()) all.add(one);
    all.dispose();
    this.#listening.clear();
    this.#changed.dispose();
    this.#gone.dispose();
  }

  #begin({ checkout, device, name, revision }: PostId, last: Revision | undefined): void {
    const post: Post = { checkout, device, name, revision, last, loss: undefined };
    const key = keyOf(post);
    this.#posts.set(key, post);
    if (!hasEnded(last))
      this.#listening.set(
        key,
        this.#facts.listen({ device, revision }, (news) => this.#take(key, news)),
      );
    this.#changed.fire(post);
  }

  #take(key: string, news: RevisionNews): void {
    const post = this.#posts.get(key);
    if (post === undefined || hasEnded(post.last)) return;
    if (news.kind === 'lost') {
      const { doing, found, remedy } = news;
      // It is tried again all the time, and fails in the same way.
      if (post.loss?.found === found) return;
      this.#set(key, { ...post, loss: { doing, found, remedy } });
      return;
    }
    const { revision: last } = news;
    if (hasEnded(last)) this.#stop(key);
    this.#set(key, { ...post, last, loss: undefined });
    if (hasEnded(last)) this.#keep();
  }

  #set(key: string, post: Post): void {
    this.#posts.set(key, post);
    this.#changed.fire(post);
  }

  #stop(key: string): void {
    this.#listening.get(key)?.dispose();
    this.#listening.delete(key);
  }

  #keep(): void {
    const kept = this.all.map(({ checkout, device, name, revision, last }): Kept => {
      const id = { checkout, device, name, revision };
      return hasEnded(last) ? { ...id, last } : id;
    });
    void this.#storage.update(storageKey, kept.length === 0 ? undefined : kept);
  }
}

export function keyOf({ device, revision }: Pick<PostId, 'device' | 'revision'>): string {
  return JSON.stringify([device, revision]);
}

/** Of what nobody has heard of, the end is open. */
export function endOf(last: Revision | undefined): 'good' | 'bad' | 'open' {
  return last === undefined ? 'open' : outcomeOf(last.progress);
}

function hasEnded(last: Revision | undefined): boolean {
  return endOf(last) !== 'open';
}

/** What some version of this extension once kept. */
function keptIn(value: unknown): readonly Kept[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Partial<Kept>[]).filter(
    (one): one is Kept =>
      typeof one.checkout === 'string' &&
      typeof one.device === 'string' &&
      typeof one.name === 'string' &&
      typeof one.revision === 'string',
  );
}
