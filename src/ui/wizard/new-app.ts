import type { SourceKind } from '../../core/checkout/manifests/source-manifest';

/** What the wizards ask for. */
export interface NewApp {
  /** The app it extends; undefined makes an app with a base of its own. */
  readonly base: string | undefined;
  /** What it is made from; undefined: an image. */
  readonly type?: SourceKind | undefined;
  readonly reference: string;
  /** Where to look for the image, in order: `remote,local`. */
  readonly sources: string;
  /** `linux/arm64`; undefined leaves it to what the checkout says, or to the image that comes for one alone. */
  readonly platform: string | undefined;
  readonly name: string;
  /** Undefined leaves it to the device's defaults, as do goal and policy. */
  readonly group: string | undefined;
  /** The base goes into another group, so that it is started first. */
  readonly baseMove: { readonly app: string; readonly group: string } | undefined;
  readonly statusGoal: string | undefined;
  readonly restartPolicy: string | undefined;
}

/** That of what an app is made from which says most of it: of a path, the last name without what follows a dot. */
export function nameOfSource({ type = 'docker', reference = '' }: Partial<NewApp>): string {
  if (type === 'docker') return reference;
  if (type === 'pvr') return reference.slice(reference.lastIndexOf('#') + 1);
  const last = reference.split(/[/\\]/).findLast((name) => name !== '') ?? '';
  return last.replace(/\..*$/, '');
}

/** A name for an app from what it is made from: `registry.example:5000/team/My.Shop:2` is `my-shop`. */
export function suggestName(reference: string, existing: readonly string[]): string {
  const [repository = ''] = reference.split('@');
  const last = repository.slice(repository.lastIndexOf('/') + 1).split(':')[0] ?? '';
  const plain = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const name = plain || 'app';
  const taken = new Set(existing.map((one) => one.toLowerCase()));
  for (let number = 2; ; number++) {
    const candidate = number === 2 ? name : `${name}-${number - 1}`;
    if (!taken.has(candidate)) return candidate;
  }
}
