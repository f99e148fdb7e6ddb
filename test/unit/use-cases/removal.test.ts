import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { silentJob, type Job } from '../../../src/core/job';
import { planRemoval, type RemovalRequest } from '../../../src/core/use-cases/plan-removal';
import { removeApp } from '../../../src/core/use-cases/remove-app';
import { appFiles, checkoutOf, type Files, signatureText, soundFiles } from '../checkout/sample-checkout';
import { temporaryCheckout } from '../checkout/temporary-folder';
import { hasNoRights, withoutRights } from '../checkout/without-rights';

/** The sound checkout as a commit of these apps' files left it. */
function committed(apps: readonly string[], files: Files = {}): string {
  const all = { ...soundFiles, ...files };
  const entries = Object.entries(all).flatMap(([file, content]) => {
    if (content === undefined || !apps.some((app) => file.startsWith(`${app}/`))) return [];
    const sha256 = createHash('sha256').update(content).digest('hex');
    return [[file, file.endsWith('.json') ? (JSON.parse(content) as unknown) : sha256] as const];
  });
  const state = { '#spec': 'pantavisor-service-system@1', ...Object.fromEntries(entries) };
  return checkoutOf({ ...all, '.pvr/json': JSON.stringify(state) });
}

const alone = (app: string): RemovalRequest => ({ app, dependants: 'refuse' });
const together = (app: string): RemovalRequest => ({ app, dependants: 'remove' });
const nothing = { uncommittedApps: [], changed: [], added: [], untracked: [], unknown: [] };
const write = (folder: string, file: string, content: string) =>
  writeFileSync(path.join(folder, file), content);

describe('what the removal of an app takes away', () => {
  it('is nothing that is missed where all of it was committed', async () => {
    const plan = await planRemoval(committed(['plain']), alone('plain'), silentJob());
    assert.deepEqual(plan.paths, ['plain']);
    assert.deepEqual(plan.losses, nothing);
  });

  it('is what was changed since, added or never tracked; large files are compared, too', async () => {
    const large = 'x'.repeat(100_000);
    const folder = committed(['plain'], { 'plain/data.squashfs': large, 'plain/same.squashfs': large });
    write(folder, 'plain/src.json', '{"#spec":"service-manifest-src@1"}');
    write(folder, 'plain/data.squashfs', large.replace('x', 'y'));
    write(folder, 'plain/notes.txt', 'mine');
    write(folder, 'plain/root.ovl.squashfs', 'a patch');
    write(folder, '.pvr/new', '{"plain/root.ovl.squashfs":{"ForceObject":false,"Sha":""}}');
    const { losses } = await planRemoval(folder, alone('plain'), silentJob());
    assert.deepEqual(losses, {
      ...nothing,
      changed: ['plain/data.squashfs', 'plain/src.json'],
      added: ['plain/root.ovl.squashfs'],
      untracked: ['plain/notes.txt'],
    });
  });

  it('is the whole app where it was never committed', async () => {
    const folder = committed([]);
    write(folder, '.pvr/new', '{"plain/src.json":{},"plain/run.json":{}}');
    const { losses } = await planRemoval(folder, alone('plain'), silentJob());
    assert.deepEqual(losses.uncommittedApps, ['plain']);
    assert.deepEqual(losses.added, []);
    assert.ok(losses.untracked.includes('plain/root.squashfs'));
  });

  it('may be what another app needs to start: groups that nobody names depend on who is there', async () => {
    const folder = temporaryCheckout({
      ...appFiles('alpha', {}),
      ...appFiles('shop', { base: 'web', docker_ovl_digest: 'shop@sha256:1' }),
      ...appFiles('web', {}),
    } as Record<string, string>);
    const { unsafeStarts } = await planRemoval(folder, alone('alpha'), silentJob());
    assert.equal(unsafeStarts.length, 1);
    assert.match(unsafeStarts[0] ?? '', /^shop never starts: it extends web/);
    const warnings: string[] = [];
    const job: Job = { ...silentJob(), warn: (message) => warnings.push(message) };
    await removeApp(folder, alone('alpha'), job);
    assert.ok(warnings.some((warning) => warning.startsWith('without alpha, shop never starts')));
  });

  it('is perhaps what can’t be read', { skip: hasNoRights }, async () => {
    const folder = committed(['plain'], { 'plain/data.squashfs': 'x', 'plain/closed/notes.txt': 'mine' });
    chmodSync(path.join(folder, 'plain', 'data.squashfs'), 0);
    chmodSync(path.join(folder, 'plain', 'closed'), 0);
    const { losses } = await withoutRights(folder, () => planRemoval(folder, alone('plain'), silentJob()));
    chmodSync(path.join(folder, 'plain', 'closed'), 0o755);
    assert.deepEqual(losses, { ...nothing, unknown: ['plain/closed', 'plain/data.squashfs'] });
  });

  it('may be the apps that extend it, which are in the way otherwise', async () => {
    const folder = committed(['base', 'hello'], {
      '_sigs/pair.json': signatureText(['base/**', 'hello/**']),
      '_sigs/more.json': signatureText(['base/**', 'plain/**']),
    });
    await assert.rejects(
      planRemoval(folder, alone('base'), silentJob()),
      /hello extends its base, .*--with-dependants to remove it.*--force/,
    );
    const plan = await planRemoval(folder, together('base'), silentJob());
    assert.deepEqual(plan.apps, ['base', 'hello']);
    assert.deepEqual(plan.paths, ['base', 'hello', '_sigs/pair.json']);
    assert.deepEqual(plan.staleSignatures, ['_sigs/more.json']);
    const kept = await planRemoval(folder, { app: 'base', dependants: 'keep' }, silentJob());
    assert.deepEqual([kept.apps, kept.orphans, kept.paths], [['base'], ['hello'], ['base']]);
  });

  it('is not looked for any longer than is wished', async () => {
    const reason = new Error('stopped');
    const signal = AbortSignal.abort(reason);
    await assert.rejects(
      planRemoval(committed(['plain']), alone('plain'), { ...silentJob(), signal }),
      (error: unknown) => error === reason,
    );
  });
});

describe('the removal of an app', () => {
  /** What is warned of, with what is there at that moment. */
  async function warnings(folder: string, request: RemovalRequest): Promise<readonly string[]> {
    const told: string[] = [];
    const warn = (message: string) => {
      assert.ok(existsSync(path.join(folder, request.app)), 'it is gone before it is told');
      told.push(message);
    };
    const job: Job = { ...silentJob(), warn };
    await removeApp(folder, request, job);
    assert.ok(!existsSync(path.join(folder, request.app)));
    return told;
  }

  it('warns before of what no commit can bring back', async () => {
    const folder = committed(['plain']);
    write(folder, 'plain/src.json', '{"#spec":"service-manifest-src@1"}');
    write(folder, 'plain/lxc.container.conf', 'edited');
    write(folder, 'plain/notes.txt', 'mine');
    assert.deepEqual(await warnings(folder, alone('plain')), [
      'removing changes since the last commit, too: plain/lxc.container.conf, plain/src.json',
      'removing what pvr does not track, too: plain/notes.txt',
    ]);
    assert.deepEqual(await warnings(committed(['patched']), alone('patched')), []);
    const [first = ''] = await warnings(committed([]), alone('patched'));
    assert.match(first, /^removing what was never committed, and can't be restored: patched$/);
  });

  it('takes those that extend it in the same step, or leaves them and says what they lack', async () => {
    const folder = committed(['base', 'hello']);
    assert.deepEqual(await warnings(folder, together('base')), []);
    assert.deepEqual(readdirSync(folder).sort(), ['.pvr', 'patched', 'plain']);
    const other = committed(['base', 'hello']);
    const [orphans = ''] = await warnings(other, { app: 'base', dependants: 'keep' });
    assert.match(orphans, /^hello can't run until there is an app base again/);
    assert.deepEqual(readdirSync(other).sort(), ['.pvr', 'hello', 'patched', 'plain']);
  });

  it('takes what somebody was shown, and nothing else', async () => {
    const folder = committed(['plain']);
    const agreed = await planRemoval(folder, alone('plain'), silentJob());
    write(folder, 'plain/notes.txt', 'came meanwhile');
    await assert.rejects(
      removeApp(folder, alone('plain'), silentJob(), agreed),
      /removing plain: its files have changed since you were asked/,
    );
    assert.ok(existsSync(path.join(folder, 'plain', 'notes.txt')));
    // As it crosses to another process.
    const again = JSON.stringify(await planRemoval(folder, alone('plain'), silentJob()));
    await removeApp(folder, alone('plain'), silentJob(), JSON.parse(again) as typeof agreed);
    assert.ok(!existsSync(path.join(folder, 'plain')));
  });
});
