import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { thisThread } from '../../../src/core/files/hash-file';
import { type Job, silentJob } from '../../../src/core/job';
import { pathPattern } from '../../../src/core/revision/select-paths';
import { changesIn, readWorkingRevision } from '../../../src/core/revision/working-revision';
import { commit } from '../../../src/core/use-cases/commit';
import { restore } from '../../../src/core/use-cases/restore';
import { trackFiles } from '../../../src/core/use-cases/track-files';
import { temporaryCheckout, writeFiles } from '../checkout/temporary-folder';

export function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** `.pvr/new` as `pvr add` writes it of these files, with the sha256 that nobody reads. */
export function newFiles(files: Readonly<Record<string, 'inline' | 'raw'>>): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(files).map(([file, how]) => [file, { ForceObject: how === 'raw', Sha: sha256(file) }]),
    ),
  );
}

/** A checkout with an object store of its own, and the commands of a revision. */
export class RevisionCheckout {
  readonly folder: string;

  /** @param state as `.pvr/json`; objects by their content go to the store. */
  constructor(
    files: Readonly<Record<string, string>> = {},
    { state, objects = [] }: { readonly state?: object; readonly objects?: readonly string[] } = {},
  ) {
    const spec = { '#spec': 'pantavisor-service-system@1' };
    this.folder = temporaryCheckout({
      ...(state && { '.pvr/json': JSON.stringify({ ...spec, ...state }) }),
      ...Object.fromEntries(objects.map((content) => [`.pvr/objects/${sha256(content)}`, content])),
      ...files,
    });
    mkdirSync(this.path('.pvr/objects'), { recursive: true });
  }

  path(file: string): string {
    return path.join(this.folder, file);
  }

  write(file: string, content: string): void {
    writeFiles(this.folder, { [file]: content });
  }

  overwrite(file: string, content: string): void {
    writeFileSync(this.path(file), content);
  }

  read(file: string): string | undefined {
    return existsSync(this.path(file)) ? readFileSync(this.path(file), 'utf8') : undefined;
  }

  object(content: string): string | undefined {
    return this.read(`.pvr/objects/${sha256(content)}`);
  }

  /** `C web/run.json`: the letters of pvr, and `!` for what can't be committed. */
  async status(): Promise<readonly string[]> {
    const letters = { added: 'A', removed: 'D', changed: 'C', untracked: '?', broken: '!', unchanged: ' ' };
    const revision = await readWorkingRevision(new OpenedCheckout(this.folder), thisThread, silentJob());
    return changesIn(revision).map(({ path: file, standing }) => `${letters[standing]} ${file}`);
  }

  async add(
    typed: readonly string[] = [],
    { isRaw = false, folder = '', job = silentJob() }: { isRaw?: boolean; folder?: string; job?: Job } = {},
  ) {
    const patterns = typed.map((one) => pathPattern(one, folder));
    return trackFiles(this.folder, { patterns, isRaw }, thisThread, job);
  }

  commit(request: Parameters<typeof commit>[1] = {}) {
    return commit(this.folder, request, thisThread, silentJob());
  }

  restore({
    paths = [],
    ...request
  }: Partial<Parameters<typeof restore>[1]> & { readonly paths?: readonly string[] } = {}) {
    const patterns = paths.map((one) => pathPattern(one, ''));
    return restore(
      this.folder,
      { patterns, isForced: false, form: 'indented', way: 'copy', ...request },
      thisThread,
      silentJob(),
    );
  }
}
