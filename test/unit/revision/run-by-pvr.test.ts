import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { thisThread } from '../../../src/core/files/hash-file';
import { silentJob } from '../../../src/core/job';
import { pathPattern } from '../../../src/core/revision/select-paths';
import { changesIn, readWorkingRevision } from '../../../src/core/revision/working-revision';
import { commit } from '../../../src/core/use-cases/commit';
import { exportState } from '../../../src/core/use-cases/export-state';
import { restore } from '../../../src/core/use-cases/restore';
import { takeState } from '../../../src/core/use-cases/take-state';
import { trackFiles } from '../../../src/core/use-cases/track-files';
import { filesIn } from '../../fuzz/tar-blocks';
import { temporaryFolder } from '../checkout/temporary-folder';

type Content = string | { readonly base64: string };

/** What the real pvr (develop, April 2023) made of a checkout; its files by their paths below that. */
interface Recorded {
  readonly argv: readonly string[];
  readonly before: Readonly<Record<string, Content>>;
  /** What was another file afterwards, or new. */
  readonly changed: Readonly<Record<string, Content>>;
  readonly gone: readonly string[];
}

const file = path.resolve(import.meta.dirname, '../../fixtures/revisions/run-by-pvr.json');
const recordings = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Recorded>>;

/** What pvx does in place of each run of pvr, in a checkout. */
const commands: Readonly<Record<string, (checkout: string) => Promise<unknown>>> = {
  'add-all': (checkout) => trackFiles(checkout, { patterns: [], isRaw: false }, thisThread, silentJob()),
  'add-raw': (checkout) => {
    const patterns = [pathPattern('web/run.json', '')];
    return trackFiles(checkout, { patterns, isRaw: true }, thisThread, silentJob());
  },
  'commit-first': (checkout) => commit(checkout, { message: 'first commit' }, thisThread, silentJob()),
  'commit-nothing-after-init': committed,
  'commit-raw-json2': committed,
  'commit-raw-tracked': committed,
  'reset-canonical': (checkout) => restored(checkout, 'canonical'),
  'reset-pretty': (checkout) => restored(checkout, 'indented'),
};

function committed(checkout: string): Promise<unknown> {
  return commit(checkout, {}, thisThread, silentJob());
}

function restored(checkout: string, form: 'canonical' | 'indented'): Promise<unknown> {
  const request = { patterns: [], isForced: false, form, way: 'copy' } as const;
  return restore(checkout, request, thisThread, silentJob());
}

describe('what pvx writes has the bytes of what pvr writes', () => {
  for (const [name, command] of Object.entries(commands)) {
    it(recordings[name]?.argv.join(' ') ?? name, async () => {
      const checkout = checkoutOf(recording(name).before);
      await command(checkout);
      assert.deepEqual(contentsOf(checkout), filesAfter(recording(name)));
    });
  }
});

describe('what pvr has written', () => {
  for (const [name, recorded] of Object.entries(recordings)) {
    if (!/^(?:status|commit|reset)-/.test(name)) continue;
    it(`is a checkout without a change: ${name}`, async () => {
      const checkout = checkoutOf(filesAfter(recorded));
      const revision = await readWorkingRevision(new OpenedCheckout(checkout), thisThread, silentJob());
      const changes = changesIn(revision).map(({ path: changed }) => changed);
      // Lies there, and nobody has added it.
      assert.deepEqual(
        changes.filter((changed) => changed !== 'note'),
        [],
      );
    });
  }

  it('is what an export of pvr brings, and what pvx exports holds the same', async () => {
    const recorded = recording('export-tgz');
    const theirs = path.join(temporaryFolder(), 'theirs.tgz');
    writeFileSync(theirs, bytesOf(recorded.changed['../out.tgz'] ?? ''));
    const checkout = checkoutOf({ '.pvr/json': '{}' });
    await takeState(checkout, { reference: theirs, folder: checkout, how: 'all' }, undefined, silentJob());
    await restored(checkout, 'indented');
    const wanted = Object.entries(recorded.before).filter(([name]) =>
      /^\.pvr\/(?:json$|objects\/)/.test(name),
    );
    for (const [name, content] of wanted)
      assert.deepEqual(readFileSync(path.join(checkout, name)), bytesOf(content), name);
    for (const name of ['web/root.squashfs', 'web/dup', '_config/web/c'])
      assert.deepEqual(readFileSync(path.join(checkout, name)), bytesOf(recorded.before[name] ?? ''), name);

    const ours = path.join(temporaryFolder(), 'ours.tgz');
    await exportState(checkoutOf(recorded.before), { parts: [], file: ours }, silentJob());
    const membersOf = (archive: string) => new Map([...filesIn(gunzipSync(readFileSync(archive)))].sort());
    assert.ok(membersOf(theirs).has('json'));
    assert.deepEqual(membersOf(ours), membersOf(theirs));
  });
});

function recording(name: string): Recorded {
  const recorded = recordings[name];
  assert.ok(recorded, name);
  return recorded;
}

function filesAfter({ before, changed, gone }: Recorded): Readonly<Record<string, Content>> {
  const all = Object.entries({ ...before, ...changed });
  return Object.fromEntries(all.filter(([name]) => !gone.includes(name) && !name.startsWith('../')).sort());
}

function checkoutOf(files: Readonly<Record<string, Content>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const place = path.join(folder, name);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, bytesOf(content));
  }
  mkdirSync(path.join(folder, '.pvr', 'objects'), { recursive: true });
  return folder;
}

/** As they are recorded, but for what pvx keeps for itself. */
function contentsOf(checkout: string): Readonly<Record<string, Content>> {
  const entries = readdirSync(checkout, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('pvx-'))
    .map(({ parentPath, name }) => path.join(parentPath, name));
  return Object.fromEntries(
    files
      .map((place) => {
        const [name, bytes] = [path.relative(checkout, place).replaceAll(path.sep, '/'), readFileSync(place)];
        return [name, bytes.toString('utf8')] as const;
      })
      .sort(),
  );
}

function bytesOf(content: Content): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.base64, 'base64');
}
