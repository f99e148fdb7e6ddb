import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { silentJob } from '../../../src/core/job';
import { parseFragments } from '../../../src/core/revision/fragments';
import { exportState } from '../../../src/core/use-cases/export-state';
import { putState } from '../../../src/core/use-cases/put-state';
import { takeState, type TakeRequest } from '../../../src/core/use-cases/take-state';
import { temporaryFolder } from '../checkout/temporary-folder';
import { RevisionCheckout, sha256 } from './revisions';

const objects = ['web 2', 'webx', 'same'];
const theirs = {
  '_config/web/etc/c': sha256('same'),
  '_sigs/web.json': { '#spec': 'pvs@2' },
  'web/root.squashfs': sha256('web 2'),
  'web/run.json': { name: 'web', n: null },
  'webx/root.squashfs': sha256('webx'),
  'webx/same': sha256('same'),
};
const ours = {
  'old/run.json': { name: 'old' },
  'web/only-here': sha256('web 1'),
  'web/root.squashfs': sha256('web 1'),
  'web/run.json': { own: { b: 1 }, name: 'old' },
};

function makePair() {
  const source = new RevisionCheckout({}, { state: theirs, objects });
  const target = new RevisionCheckout(
    {
      'web/root.squashfs': 'web 1',
      'web/only-here': 'web 1',
      'web/run.json': '{"own":{"b":1},"name":"old"}',
      'old/run.json': '{"name":"old"}',
    },
    { state: ours, objects: ['web 1'] },
  );
  return { source, target };
}

function take(target: RevisionCheckout, reference: string, how: TakeRequest['how'] = 'parts') {
  return takeState(target.folder, { reference, folder: target.folder, how }, undefined, silentJob());
}

function stateOf(checkout: RevisionCheckout): Record<string, unknown> {
  return JSON.parse(checkout.read('.pvr/json') ?? '') as Record<string, unknown>;
}

function keysOf(checkout: RevisionCheckout): readonly string[] {
  return Object.keys(stateOf(checkout)).filter((key) => key !== '#spec');
}

async function exported(
  checkout: RevisionCheckout,
  name: string,
  parts: readonly string[] = [],
): Promise<string> {
  const file = path.join(temporaryFolder(), name);
  await exportState(checkout.folder, { parts, file }, silentJob());
  return file;
}

describe('getting from another checkout', () => {
  it('takes an app as a whole, by its whole name, and says what belongs to it and stays behind', async () => {
    const { source, target } = makePair();
    const { leftBehind, changed } = await take(target, `${source.folder}#web`);
    assert.deepEqual(keysOf(target), ['old/run.json', 'web/root.squashfs', 'web/run.json']);
    assert.deepEqual(stateOf(target)['web/run.json'], { name: 'web', n: null });
    assert.deepEqual(leftBehind, ['_config/web', '_sigs/web.json']);
    assert.deepEqual(changed, ['web/only-here', 'web/root.squashfs', 'web/run.json']);
    assert.equal(target.object('web 2'), 'web 2');
    assert.equal(target.object('webx'), undefined);
    assert.match(target.read('.pvr/config') ?? '', /#web"/);
  });

  it('keeps where it came from as a path from the checkout, wherever it was typed', async () => {
    const { source, target } = makePair();
    const folder = target.path('web');
    const reference = `${path.relative(folder, source.folder)}#web`;
    await takeState(target.folder, { reference, folder, how: 'parts' }, undefined, silentJob());
    const { DefaultGetUrl: kept } = JSON.parse(target.read('.pvr/config') ?? '') as Record<string, string>;
    assert.equal(kept, `${path.relative(target.folder, source.folder)}#web`);
    assert.deepEqual((await take(target, kept)).changed, []);
  });

  it('takes all parts from a .pvr, keeps others, and leaves out what has a minus', async () => {
    const { source, target } = makePair();
    await take(target, `${source.folder}/.pvr#-web,-_config%2Fweb`);
    assert.deepEqual(keysOf(target), [
      '_sigs/web.json',
      'old/run.json',
      'web/only-here',
      'web/root.squashfs',
      'web/run.json',
      'webx/root.squashfs',
      'webx/same',
    ]);
  });

  it('is followed by a checkout that takes no file of the last state for an edited one', async () => {
    const { source, target } = makePair();
    await take(target, source.folder);
    await target.restore();
    assert.equal(target.read('web/root.squashfs'), 'web 2');
    assert.equal(target.read('.pvr/pvx-replaced'), undefined);
    assert.deepEqual(await target.status(), ['? web/only-here']);
    const again = makePair();
    again.target.overwrite('web/root.squashfs', 'edited');
    await take(again.target, again.source.folder);
    await assert.rejects(again.target.restore(), /would be lost: web\/root\.squashfs\./);
  });

  it('changes nothing for a part, a source or an object that is not there, or is damaged', async () => {
    const { source, target } = makePair();
    const before = target.read('.pvr/json');
    await assert.rejects(
      take(target, `${source.folder}#we`),
      /it has no such part\. Choose from _config\/web, _sigs\/web\.json, web, webx/,
    );
    for (const parts of ['', 'web,', '-', '%zz'])
      await assert.rejects(take(target, `${source.folder}#${parts}`), /reading the parts/);
    await assert.rejects(
      take(target, 'https://pvr.pantahub.com/a/b'),
      /an address in the network, and only paths are understood/,
    );
    await assert.rejects(take(target, 'nowhere'), /there is no checkout and no export/);
    await assert.rejects(take(target, temporaryFolder()), /there is no checkout and no export/);
    source.overwrite(`.pvr/objects/${sha256('web 2')}`, 'damaged');
    await assert.rejects(take(target, `${source.folder}#web`), /it is damaged/);
    assert.equal(target.read('.pvr/json'), before);
    assert.equal(target.read('.pvr/config'), undefined);
    assert.deepEqual(readdirSync(target.path('.pvr/objects')), [sha256('web 1')]);
  });

  it('refuses integers that Pantahub would round, whichever way they come, and keeps those that are there', async () => {
    const big = '{"#spec":"s","web/n.json":{"l":[{"n":12345678901234567890}]},"web/x.json":{"n":1}}';
    const source = new RevisionCheckout({ '.pvr/json': big });
    const file = path.join(temporaryFolder(), 'x.tgz');
    await exportState(source.folder, { parts: [], file }, silentJob());
    for (const how of ['parts', 'merge', 'all'] as const) {
      const { target } = makePair();
      const before = target.read('.pvr/json');
      const taken = take(target, how === 'all' ? file : source.folder, how);
      await assert.rejects(taken, /taking web\/n\.json from .*12345678901234567890, which Pantahub rounds/);
      assert.equal(target.read('.pvr/json'), before);
    }
    const { target } = makePair();
    target.overwrite('.pvr/json', big.replace('{"n":1}', '{"n":2}'));
    await take(target, `${source.folder}#web/x.json`);
    assert.equal(target.read('.pvr/json'), big);
  });

  it('merges as pvr does where that is wished', async () => {
    const { source, target } = makePair();
    await take(target, `${source.folder}#web`, 'merge');
    assert.deepEqual(stateOf(target)['web/run.json'], { name: 'web', own: { b: 1 } });
    assert.ok(keysOf(target).includes('web/only-here'));
  });

  it('refuses a state that names files outside, or objects that are none', async () => {
    for (const state of [
      { '../x': sha256('') },
      { '.pvr/config': sha256('') },
      { 'web/x': '../pwn' },
      { 'web/x': { a: 1 } },
    ]) {
      const source = new RevisionCheckout({}, { state });
      const { target } = makePair();
      const before = target.read('.pvr/json');
      await assert.rejects(take(target, source.folder), /is no file of a checkout|something else/);
      assert.equal(target.read('.pvr/json'), before);
    }
  });
});

describe('putting to a folder', () => {
  const put = (source: RevisionCheckout, target: string, isOnlyObjects = false) =>
    putState(source.folder, { target, folder: source.folder, isOnlyObjects }, silentJob());

  it('writes the state and its objects alone, once, and getting takes it from there', async () => {
    const { source, target } = makePair();
    source.write(`.pvr/objects/${sha256('other')}`, 'other');
    const folder = path.join(temporaryFolder(), 'new');
    assert.deepEqual(await put(source, folder), {
      directory: folder,
      objects: 3,
      newObjects: { count: 3, size: 13 },
    });
    assert.equal(readFileSync(path.join(folder, 'json'), 'utf8'), source.read('.pvr/json'));
    assert.deepEqual(readdirSync(path.join(folder, 'objects')), objects.map(sha256).sort());
    assert.equal((await put(source, folder)).newObjects.count, 0);
    await take(target, `${folder}#web`);
    assert.deepEqual(keysOf(target), ['old/run.json', 'web/root.squashfs', 'web/run.json']);
    assert.equal(target.object('web 2'), 'web 2');
  });

  it('writes the objects alone to a folder of objects', async () => {
    const { source } = makePair();
    const folder = path.join(temporaryFolder(), 'pool');
    await put(source, folder, true);
    assert.deepEqual(readdirSync(folder), objects.map(sha256).sort());
    assert.deepEqual(readdirSync(path.dirname(folder)), ['pool']);
  });

  it('leaves what is there where an object is damaged, and refuses checkouts and addresses', async () => {
    const { source, target } = makePair();
    const folder = temporaryFolder();
    source.overwrite(`.pvr/objects/${sha256('web 2')}`, 'damaged');
    await assert.rejects(put(source, folder), /it is damaged/);
    assert.ok(!readdirSync(folder).includes('json'));
    for (const checkout of [target.folder, path.join(target.folder, '.pvr')])
      await assert.rejects(put(source, checkout), /it is a checkout/);
    await assert.rejects(put(source, 'https://pvr.pantahub.com/a/b'), /only folders are understood so far/);
  });
});

describe('an export', () => {
  it('has the state first, then each object once, and the same bytes each time', async () => {
    const names = ['a.tgz', 'b.tar.GZ', 'c.tar'];
    const files = await Promise.all(
      names.map((name) => exported(new RevisionCheckout({}, { state: theirs, objects }), name)),
    );
    const [first, second, plain] = files.map((file) => readFileSync(file));
    assert.ok(first && second && plain);
    assert.deepEqual(first, second);
    assert.deepEqual(gunzipSync(first), plain);
    const members = [
      ...plain.toString('latin1').matchAll(/(json|objects\/[0-9a-f]{64})\0+(0000[0-7]{3})\0/g),
    ].map(([, name, mode]) => [name, mode]);
    assert.deepEqual(members, [
      ['json', '0000600'],
      ...objects
        .map(sha256)
        .sort()
        .map((id) => [`objects/${id}`, '0000644']),
    ]);
  });

  it('of parts has these alone, and is taken in by another checkout, as a part or as all', async () => {
    const { source, target } = makePair();
    const file = await exported(source, 'web.tgz', ['web', '_sigs/web.json']);
    await take(target, `${file}#web`);
    assert.deepEqual(keysOf(target), ['old/run.json', 'web/root.squashfs', 'web/run.json']);
    await take(target, file, 'all');
    assert.deepEqual(keysOf(target), ['_sigs/web.json', 'web/root.squashfs', 'web/run.json']);
    assert.equal(target.object('web 2'), 'web 2');
    await assert.rejects(exported(source, 'x.tgz', ['we']), /it has no such part/);
  });

  it('is not there where an object is missing or damaged', async () => {
    const { source } = makePair();
    source.overwrite(`.pvr/objects/${sha256('web 2')}`, 'damaged');
    const folder = temporaryFolder();
    const request = { parts: [], file: path.join(folder, 'x.tgz') };
    await assert.rejects(exportState(source.folder, request, silentJob()), /it is damaged/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('with a damaged object is refused, and the last commit stays', async () => {
    const file = await exported(new RevisionCheckout({}, { state: theirs, objects }), 'x.tar');
    const archive = readFileSync(file);
    archive.write('W', archive.indexOf('webx\0'), 'latin1');
    writeFileSync(file, archive);
    for (const how of ['all', 'parts', 'merge'] as const) {
      const { target } = makePair();
      const before = target.read('.pvr/json');
      await assert.rejects(take(target, file, how), /it is damaged/);
      assert.equal(target.read('.pvr/json'), before);
      assert.equal(target.object('webx'), undefined);
    }
  });

  it('with anything else in it is refused before anything is written', async () => {
    const whole = readFileSync(await exported(new RevisionCheckout({}, { state: theirs, objects }), 'x.tar'));
    for (const name of [
      'config',
      '../../x',
      'objects/../../x',
      `objects/${'0'.repeat(63)}g`,
      '/json',
      'objects/abc',
    ]) {
      const file = path.join(temporaryFolder(), 'x.tar');
      writeFileSync(file, Buffer.concat([renamed(whole, name), whole]));
      const { target } = makePair();
      const before = target.read('.pvr/json');
      await assert.rejects(take(target, file, 'all'), /its state and objects alone|tar archive/, name);
      assert.equal(target.read('.pvr/json'), before);
      assert.deepEqual(readdirSync(target.path('.pvr/objects')), [sha256('web 1')]);
    }
    const { target } = makePair();
    const none = path.join(temporaryFolder(), 'x.tgz');
    for (const content of ['', 'no tar', '\x1f\x8b broken']) {
      writeFileSync(none, content, 'latin1');
      await assert.rejects(take(target, none, 'all'), /reading /);
    }
  });
});

/** The first member of an archive under another name, and as long as one block. */
function renamed(archive: Buffer, name: string): Buffer {
  const block = Buffer.from(archive.subarray(0, 512));
  block.fill(0, 0, 100);
  block.write(name, 0, 'latin1');
  block.write('00000000000', 124, 'latin1');
  block.write('        ', 148, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

describe('the names of parts', () => {
  it('are separated by commas, and percent-encoded or not', () => {
    assert.deepEqual(parseFragments('web/,-db,my%20app'), { plus: ['web', 'my app'], minus: ['db'] });
  });
});
