import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Pvx } from '../../device-view/pvx';
import { HubPlace } from '../../hub/hub-place';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';

/** What doesn't pack well. */
const noise = (size: number, seed: number) => {
  const bytes = Buffer.alloc(size);
  for (let at = 0, value = seed; at < size; at++)
    bytes[at] = (value = (value * 1103515245 + 12345) % 2 ** 31) >> 16;
  return bytes;
};
const v1 = makeImage([
  makeLayer([
    { path: 'usr/bin/app', kind: 'file', content: noise(40_000, 1) },
    { path: 'etc/conf', kind: 'file', content: 'one' },
  ]),
]);
const v2 = derive(v1, [
  { path: 'usr/lib/big.so', kind: 'file', content: noise(20_000, 2) },
  { path: 'etc/conf', kind: 'file', content: 'two' },
]);

interface Judged {
  readonly budget?: { readonly verdicts: readonly { readonly isBroken: boolean }[] };
}

describe('a budget on the command line', () => {
  let folder: string;
  let checkout: string;
  let pvx: Pvx;
  let source: readonly string[];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'budget-'));
    checkout = path.join(folder, 'checkout');
    const layout = path.join(folder, 'layout');
    await writeOciLayout(layout, { v1, v2 });
    source = ['--source', `archive:${layout}`];
    pvx = new Pvx(path.join(folder, 'home'));
    await mkdir(checkout);
    await run('init');
    await run('app', 'add', 'web', '--from', 'localhost/app:v1', ...source);
    await run('add', '.');
    await run('commit', '-m', 'v1');
  });
  after(() => rm(folder, { recursive: true }));

  const run = (...words: readonly string[]) => pvx.run(checkout, ...words);
  const update = (...words: readonly string[]) =>
    run('app', 'update', 'web', '--patch', '--from', 'localhost/app:v2', ...source, ...words);

  it('gates a patch before it is installed, and names what weighs most', async () => {
    const stderr =
      /^over budget: the overlay of web weighs 2\d kB, and 10 kB are allowed \(--max-overlay\); most of it: \/usr\/lib\/big\.so \(20 kB\), \/etc\/conf \(3 B\)$/m;
    await assert.rejects(update('--dry-run', '--max-overlay', '10kB'), {
      code: 4,
      stderr,
      stdout: /would be/,
    });
    await update('--dry-run', '--max-overlay', '30kB', '--max-share', 'web=200%', '--max-download', '1 MB');
    await assert.rejects(update('--dry-run', '--max-share', 'web=10'), { code: 4 });
    await assert.rejects(update('--dry-run', '--max-download', '20kB', '--max-overlay', '10kB'), (error) => {
      const { stderr: said } = error as { stderr: string };
      assert.equal(said.match(/^over budget: /gm)?.length, 2);
      return true;
    });
    assert.equal(await run('status', '--short'), '');
  });

  it('does not take what holds nothing for a rule', async () => {
    await assert.rejects(update('--dry-run', '--max-share', 'wed=10'), { code: 1, stderr: /no such app/ });
    await assert.rejects(run('app', 'ls', '--max-overlay', 'lots'), {
      code: 2,
      stderr: /Give a size, as 10 MB/,
    });
  });

  it('writes reports of weights, also without a rule', async () => {
    await update('--dry-run', '--junit', 'budget.xml', '--markdown', 'budget.md');
    assert.match(await readFile(path.join(checkout, 'budget.xml'), 'utf8'), /tests="2" failures="0"/);
    assert.match(
      await readFile(path.join(checkout, 'budget.md'), 'utf8'),
      /^\| App .*\n.*\n\| web \| 2\d kB \| 2\d kB \| 1\d kB \|/,
    );
    await rm(path.join(checkout, 'budget.xml'));
    await rm(path.join(checkout, 'budget.md'));
  });

  it('holds what lies there, by the rules of the checkout, which are in no commit', async () => {
    await update();
    const rules = path.join(checkout, '.pvx.json');
    await writeFile(
      rules,
      JSON.stringify({ budget: { maxDownload: '10 kB', apps: { web: { maxShare: 1 } } } }),
    );
    assert.doesNotMatch(await run('status', '--short'), /pvx\.json/);
    const stderr =
      /over budget: a device downloads 2\d kB, and 10 kB are allowed \(maxDownload in \.pvx\.json\); most of it: web \(2\d kB\)\nover budget: the overlay of web .* \(maxShare of web in \.pvx\.json\)/;
    for (const words of [['app', 'ls'], ['diff', '--stat'], ['diff'], ['app', 'update', 'web', ...source]]) {
      await assert.rejects(run(...words), { code: 4, stderr }, words.join(' '));
    }
    // Names alone are for scripts.
    assert.equal(await run('app', 'ls', '-q'), 'web\n');
    for (const words of [
      ['app', 'ls'],
      ['diff', '--stat'],
    ])
      await assert.rejects(run(...words, '--json'), (error) => {
        const { budget } = JSON.parse((error as { stdout: string }).stdout) as Judged;
        assert.deepEqual(
          budget?.verdicts.map(({ isBroken }) => isBroken),
          [true, true],
        );
        return true;
      });
    // What is given counts in place of the file's.
    await run('app', 'ls', '--max-download', '1MB', '--max-share', '199');
    assert.match(await run('app', 'info', '--table', 'web'), /warning: the overlay of web weighs/);

    await assert.rejects(run('add', '.pvx.json'), { code: 1 });
    await run('add', '.');
    await run('commit', '-m', 'v2');
    assert.doesNotMatch(await run('json'), /pvx\.json/);
    await writeFile(rules, '{"budget": {"maxshare": 1}}');
    await assert.rejects(run('app', 'ls'), { code: 1, stderr: /budget has "maxshare"/ });
  });

  it('has nothing posted that breaks it, unless that is forced', async () => {
    await using place = await HubPlace.open();
    const at = await place.cloned('small', { 'web/conf': 'c'.repeat(150) });
    const post = (...words: readonly string[]) => place.pvx.run(at, 'post', '--no-wait', ...words);
    const stderr = /over budget: a device downloads 150 B for web, and 10 B are allowed \(--max-download\)/;
    await assert.rejects(post('--max-download', 'web=10'), { code: 4, stderr });
    await writeFile(path.join(at, '.pvx.json'), '{"budget":{"maxShare":10,"maxDownload":"10 B"}}');
    const inFile =
      /over budget: a device downloads 150 B, and 10 B are allowed \(maxDownload in \.pvx\.json\); most of it: web/;
    await assert.rejects(post('--dry-run', '--markdown', 'weights.md'), { code: 4, stderr: inFile });
    assert.match(await readFile(path.join(at, 'weights.md'), 'utf8'), /\| web \| 150 B \| – \| – \| – \|/);
    await assert.rejects(post(), { code: 4, stderr: inFile });
    assert.equal(place.trail.steps.length, 1);
    await post('--force');
    assert.equal(place.trail.steps.length, 2);
    assert.ok(!('.pvx.json' in (place.trail.steps[1]?.state ?? {})));
  });
});
