import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { checkoutFiles, checkoutState } from '../device-view/checkout-files';
import { Pvx } from '../device-view/pvx';
import { type Victim, Victims } from './killed-process';
import { draftsIn, makeRevisionPlaces, placeOf, requireTruth, type RevisionPlaces } from './revision-places';

const run = promisify(execFile);

/** One fault each: the command says in one line what it was doing, what it found and what to do, loses nothing, and works without. */
describe('a command for revisions that can’t do its work', { concurrency: 2 }, () => {
  let folder: string;
  let places: RevisionPlaces;
  const mounts: string[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'failing-revisions-'));
    places = await makeRevisionPlaces(folder, new Pvx(path.join(folder, 'home')));
  });
  after(async () => {
    for (const mount of mounts) await run('umount', ['--lazy', mount]);
    await rm(folder, { recursive: true });
  });

  function victim(at: 'edited' | 'clean' = 'edited'): Promise<Victim> {
    const { checkout, objects } = places[at];
    return new Victims(path.join(folder, 'victims'), checkout, [], [objects]).copy();
  }

  /** Puts a file system of its own, with what is there already, in the place of a folder. */
  async function mounted(target: string, options: string): Promise<void> {
    const kept = `${target}-kept`;
    await cp(target, kept, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', target]);
    mounts.push(target);
    await cp(kept, target, { recursive: true });
    await rm(kept, { recursive: true });
  }

  const remount = (target: string, options: string) => run('mount', ['-o', `remount,${options}`, target]);

  /** Leaves room for so many bytes. */
  async function fill(target: string, room: number): Promise<void> {
    const used = Number((await run('du', ['-s', '--block-size=4096', target])).stdout.split('\t')[0]) * 4096;
    await remount(target, `size=${used + room}`);
  }

  async function requireFailure({ checkout, pvx }: Victim, command: readonly string[], message: RegExp) {
    const { objects } = placeOf(checkout);
    const [before, store] = [await checkoutState(checkout), await checkoutFiles(objects)];
    const failure = await pvx.run(checkout, ...command).then(
      () => assert.fail(`${command.join(' ')} did not fail`),
      (error: unknown) => error as { code: number; stderr: string },
    );
    assert.match(failure.stderr, message);
    // After progress and warnings, one line of three parts, and no trace.
    assert.match(failure.stderr, /^((warning: |[A-Z])[^\n]+\n)*pvx: [^\n]+: [^\n]+\. [A-Z][^\n]+\.\n$/);
    assert.equal(failure.code, 1);
    assert.deepEqual(await checkoutState(checkout), before);
    // Objects may have come, whole ones.
    const now = await checkoutFiles(objects);
    for (const [name, sha256] of store) assert.equal(now.get(name), sha256);
    assert.deepEqual(draftsIn(checkout), []);
    await requireTruth(checkout);
  }

  const commands = (): Readonly<Record<string, readonly string[]>> => ({
    commit: ['commit', '-m', 'second'],
    checkout: ['checkout', '--force'],
    import: ['import', places.archive],
    get: ['get', `${places.source.checkout}#web,more`],
  });

  for (const name of ['commit', 'checkout', 'import', 'get'] as const) {
    it(`${name}: the disk of the checkout is full`, async () => {
      const { checkout, pvx } = await victim();
      const command = commands()[name] ?? [];
      await mounted(checkout, 'size=20m');
      // Enough for the lock, or for nothing at all.
      for (const room of name === 'commit' ? [0, 12_288] : [12_288]) {
        await fill(checkout, room);
        await requireFailure({ checkout, pvx }, command, /no space is left for .*Free some space/);
      }
      await remount(checkout, 'size=20m');
      await pvx.run(checkout, ...command);
      await requireTruth(checkout);
    });
  }

  for (const name of ['commit', 'import', 'get'] as const) {
    it(`${name}: the disk of the objects is full`, async () => {
      const { checkout, pvx } = await victim();
      const { objects } = placeOf(checkout);
      const command = commands()[name] ?? [];
      await mounted(objects, 'size=20m');
      await fill(objects, 350_000);
      await requireFailure({ checkout, pvx }, command, /no space is left for .*objects.*Free some space/);
      await remount(objects, 'size=20m');
      await pvx.run(checkout, ...command);
      await requireTruth(checkout);
    });
  }

  it('export: the disk is full, and nothing of the archive is left', async () => {
    const { checkout, pvx } = await victim();
    const target = path.join(path.dirname(checkout), 'target');
    await mkdir(target);
    await mounted(target, 'size=200k');
    await requireFailure(
      { checkout, pvx },
      ['export', path.join(target, 'x.tar')],
      /no space is left for .*x\.tar/,
    );
    assert.deepEqual(readdirSync(target), []);
  });

  it('the checkout is read-only: whoever only looks may, and all others are told', async () => {
    const { checkout, pvx } = await victim();
    await mounted(checkout, 'size=20m');
    await remount(checkout, 'ro');
    const looking = [['status'], ['diff'], ['inspect'], ['sig', 'ls']];
    for (const command of looking) await pvx.run(checkout, ...command);
    await pvx.run(checkout, 'export', path.join(path.dirname(checkout), 'x.tgz'));
    for (const command of [...Object.values(commands()), ['add']])
      await requireFailure({ checkout, pvx }, command, /read-only.*(Make it writable|work on a copy)/);
    await remount(checkout, 'rw');
    await pvx.run(checkout, 'commit');
  });

  it('the objects are read-only: files come out of them, and nothing goes in', async () => {
    const { checkout, pvx } = await victim();
    const { objects } = placeOf(checkout);
    await mounted(objects, 'size=20m');
    await remount(objects, 'ro');
    for (const name of ['commit', 'import', 'get'] as const)
      await requireFailure(
        { checkout, pvx },
        commands()[name] ?? [],
        /objects.* read-only\. Make it writable, or choose another folder/,
      );
    for (const command of [
      ['checkout', '--force', '--hardlink'],
      ['checkout', '--force'],
    ]) {
      await pvx.run(checkout, ...command);
      assert.equal(await pvx.run(checkout, 'diff', 'web'), '{}\n');
    }
    await remount(objects, 'rw');
    await pvx.run(checkout, 'commit');
  });

  it('the objects lie on another file system: all works, with copies in place of links', async () => {
    const { checkout, pvx } = await victim();
    const { objects } = placeOf(checkout);
    await mounted(objects, 'size=20m');
    const modes = () => readdirSync(objects).map((name) => statSync(path.join(objects, name)).mode & 0o777);
    await pvx.run(checkout, 'commit', '-m', 'second');
    writeFileSync(path.join(checkout, 'web', 'root.squashfs'), 'edited');
    await pvx.run(checkout, 'checkout', '--force', '--hardlink');
    assert.equal(statSync(path.join(checkout, 'web', 'root.squashfs')).nlink, 1);
    assert.deepEqual([...new Set(modes())], [0o644], 'objects stay as they were');
    await pvx.run(checkout, 'get', `${places.source.checkout}#web,more`);
    await pvx.run(checkout, 'checkout');
    await pvx.run(checkout, 'import', places.archive);
    await pvx.run(checkout, 'checkout');
    await requireTruth(checkout);
  });
});
