import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { writeJournal } from '../../../src/core/checkout/change/journal';
import { parseSignature } from '../../../src/core/checkout/signatures';
import { standingOf } from '../../../src/core/checkout/verify-signature';
import { identityOf } from '../../../src/core/files/file-identity';
import { factsOf } from '../../../src/core/files/path-facts';
import { silentJob } from '../../../src/core/job';
import { sameJson } from '../../../src/core/json/canonical';
import { parseJson } from '../../../src/core/json/parse';
import { isJsonObject } from '../../../src/core/json/value';
import { addSignature } from '../../../src/core/use-cases/sign';
import { testText } from './recorded';
import { newFiles, RevisionCheckout, sha256 } from './revisions';

const spec = '"#spec":"pantavisor-service-system@1"';

describe('a commit', () => {
  it('writes the state that pvr writes, with the message, and forgets what was added', async () => {
    const checkout = new RevisionCheckout({
      '.pvr/new': newFiles({ 'web/run.json': 'inline', 'web/conf': 'inline', 'web/raw.json': 'raw' }),
      'web/run.json': '{\n "b": 0.10, "a": [1.50, -0.0, 1E-7, 1e3, "</>\u2028"]\n}\n',
      'web/conf': 'lxc.uts.name = web\n',
      'web/raw.json': '{ whatever',
      untracked: '',
    });
    const { files, newObjects } = await checkout.commit({ message: 'first commit' });
    assert.equal(
      checkout.read('.pvr/json'),
      `{${spec},"web/conf":"${sha256('lxc.uts.name = web\n')}","web/raw.json":"${sha256('{ whatever')}",` +
        '"web/run.json":{"a":[1.5E0,0,1.0E-7,1000,"</>\u2028"],"b":1.0E-1}}',
    );
    assert.equal(checkout.read('.pvr/commitmsg'), 'first commit');
    assert.equal(checkout.read('.pvr/new'), undefined);
    assert.equal(checkout.object('lxc.uts.name = web\n'), 'lxc.uts.name = web\n');
    assert.deepEqual(
      files.map(({ path: file, standing }) => `${standing} ${file}`),
      ['added web/conf', 'added web/raw.json', 'added web/run.json'],
    );
    assert.deepEqual(newObjects, { count: 2, size: 29 });
    assert.deepEqual(await checkout.status(), ['? untracked']);
    if (process.platform !== 'win32') {
      assert.equal(statSync(checkout.path(`.pvr/objects/${sha256('{ whatever')}`)).mode & 0o777, 0o644);
      assert.equal(statSync(checkout.path('.pvr/json')).mode & 0o777, 0o644);
    }
  });

  it('of nothing makes the state canonical, and has a message of its own', async () => {
    const checkout = new RevisionCheckout();
    await checkout.commit();
    assert.equal(checkout.read('.pvr/json'), `{${spec}}`);
    assert.equal(checkout.read('.pvr/commitmsg'), '** No commit message **');
  });

  it('prunes nulls from documents that it changes, and keeps those of others', async () => {
    const kept = { a: null, b: [null, { x: null }] };
    const checkout = new RevisionCheckout(
      {
        'kept.json': JSON.stringify(kept),
        'changed.json': '{"a":null,"b":[1,null,{"x":null}],"c":{"d":null,"e":{}}}',
      },
      { state: { 'kept.json': kept, 'changed.json': { a: null } } },
    );
    await checkout.commit();
    assert.equal(
      checkout.read('.pvr/json'),
      `{${spec},"changed.json":{"b":[1,{}],"c":{"e":{}}},"kept.json":{"a":null,"b":[null,{"x":null}]}}`,
    );
    assert.deepEqual(await checkout.status(), []);
  });

  it('refuses an integer that a float64 does not hold, a null, broken JSON and a file named #spec, and changes nothing', async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['{"n":12345678901234567890}', /12345678901234567890, which Pantahub rounds/],
      ['[1e400]', /1e400, which Pantahub rounds/],
      ['null', /it holds null/],
      ['{} x', /expected the end of the document/],
    ];
    for (const [content, message] of cases) {
      const checkout = new RevisionCheckout(
        { 'n.json': content, file: 'new' },
        { state: { 'n.json': {}, file: sha256('old') } },
      );
      const before = checkout.read('.pvr/json');
      await assert.rejects(checkout.commit(), message);
      assert.equal(checkout.read('.pvr/json'), before);
      assert.deepEqual(readdirSync(checkout.path('.pvr/objects')), []);
    }
    const checkout = new RevisionCheckout({ '#spec': 'x', '.pvr/new': newFiles({ '#spec': 'inline' }) });
    await assert.rejects(checkout.commit(), /take the place of what says which kind/);
    await assert.rejects(checkout.add(), /take the place of what says which kind/);
  });

  it('keeps a JSON string that looks like the name of an object by its sha256', async () => {
    const text = `"${'ab'.repeat(32)}"`;
    const checkout = new RevisionCheckout({ 'id.json': text, '.pvr/new': newFiles({ 'id.json': 'inline' }) });
    await checkout.commit();
    assert.equal(checkout.read('.pvr/json'), `{${spec},"id.json":"${sha256(text)}"}`);
    assert.deepEqual(await checkout.status(), []);
    rmSync(checkout.path('id.json'));
    await checkout.restore();
    assert.equal(checkout.read('id.json'), text);
  });

  it('takes JSON that is added raw for raw, also where it was committed with its content', async () => {
    const checkout = new RevisionCheckout({ 'run.json': '{}' }, { state: { 'run.json': {} } });
    await checkout.add(['run.json'], { isRaw: true });
    assert.deepEqual(await checkout.status(), ['C run.json']);
    await checkout.commit();
    assert.equal(checkout.read('.pvr/json'), `{${spec},"run.json":"${sha256('{}')}"}`);
  });

  it('takes out what is gone, and a file that became a folder', async () => {
    const checkout = new RevisionCheckout(
      { 'f/g': 'g', '.pvr/new': newFiles({ 'f/g': 'inline', never: 'inline' }) },
      { state: { f: sha256('f'), 'web/run.json': {} } },
    );
    await assert.rejects(checkout.commit(), /committing f: it is a folder instead of a file/);
    checkout.overwrite('.pvr/json', `{${spec},"web/run.json":{}}`);
    await checkout.commit();
    assert.equal(checkout.read('.pvr/json'), `{${spec},"f/g":"${sha256('g')}"}`);
  });

  it('replaces a damaged object, and removes what a killed pvr left', async () => {
    const checkout = new RevisionCheckout(
      {
        file: 'right',
        '.pvr/json.new': 'stale',
        '.pvr/commitmsg.new': 'stale',
        [`.pvr/objects/${sha256('right')}.new`]: 'stale',
      },
      { state: { file: sha256('old') } },
    );
    checkout.write(`.pvr/objects/${sha256('right')}`, 'wrong');
    const stale = ['.pvr/json.new', '.pvr/commitmsg.new', `.pvr/objects/${sha256('right')}.new`];
    for (const file of stale) utimesSync(checkout.path(file), 1, 1);
    await checkout.commit();
    assert.equal(checkout.object('right'), 'right');
    for (const file of stale) assert.ok(!existsSync(checkout.path(file)), file);
    assert.ok(!existsSync(checkout.path('.pvr/tmp')));
  });

  it('brings back a state that a killed commit had moved away, as it does where there are no links', async () => {
    const checkout = new RevisionCheckout({ 'web/x': 'x' });
    const folder = checkout.path('.pvr/tmp/00000000-0000-4000-8000-000000000000');
    const [staged, kept] = [path.join(folder, '1-json'), path.join(folder, '2-kept')];
    const text = `{${spec},"web/x":"${sha256('x')}"}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(staged, text);
    renameSync(checkout.path('.pvr/json'), kept);
    const identity = await identityOf(staged);
    assert.ok(identity);
    const after = { ...identity, sha256: sha256(text) };
    const names = { target: '.pvr/json', staged: '1-json', kept: '2-kept', isLinked: false };
    const steps = [{ kind: 'replace', ...names, before: await factsOf(kept), after } as const];
    await writeJournal(folder, { version: 2, what: 'committing', folders: [], steps });
    writeFileSync(checkout.path('.pvr/pvx-index.0'), 'a draft');

    await assert.rejects(
      checkout.status(),
      /reading \.pvr\/json: it is gone.*first ends what was interrupted/,
    );
    await checkout.commit();
    assert.equal(checkout.read('.pvr/json'), text);
    assert.deepEqual(await checkout.status(), []);
    assert.deepEqual(readdirSync(checkout.path('.pvr')).sort(), [
      'commitmsg',
      'json',
      'objects',
      'pvx-objects',
    ]);
  });

  it('says so where the folder for objects is gone, and changes nothing', async () => {
    const checkout = new RevisionCheckout({ file: 'new' }, { state: { file: sha256('old') } });
    rmSync(checkout.path('.pvr/objects'), { recursive: true });
    const before = checkout.read('.pvr/json');
    await assert.rejects(checkout.commit(), /the folder for objects, .* does not exist/);
    assert.equal(checkout.read('.pvr/json'), before);
    assert.equal(checkout.read('.pvr/commitmsg'), undefined);
  });

  it('marks a checkpoint, and tracks it', async () => {
    const checkout = new RevisionCheckout();
    await checkout.commit({ message: 'cp', checkpoint: '2026-11-30T01:38:48Z' });
    assert.equal(checkout.read('checkpoint.json'), '{"major":"2026-11-30T01:38:48Z"}');
    assert.equal(checkout.read('.pvr/json'), `{${spec},"checkpoint.json":{"major":"2026-11-30T01:38:48Z"}}`);
    assert.deepEqual(await checkout.status(), []);
  });

  it('finds a relative folder for objects from the checkout, and another where it says', async () => {
    const checkout = new RevisionCheckout(
      { '.pvr/config': '{"ObjectsDir":"elsewhere"}', file: 'new', 'elsewhere/x': '' },
      { state: { file: sha256('old') } },
    );
    await checkout.commit();
    assert.equal(checkout.read(`elsewhere/${sha256('new')}`), 'new');
  });

  it(
    'of a file that nobody may read names it',
    { skip: process.platform === 'win32' || process.getuid?.() === 0 },
    async () => {
      const checkout = new RevisionCheckout({ file: 'new' }, { state: { file: sha256('old') } });
      chmodSync(checkout.path('file'), 0);
      await assert.rejects(checkout.commit(), /committing file/);
    },
  );
});

describe('a commit of what is signed', () => {
  const rsa = createPrivateKey(testText('rsa.key'));
  const key = { key: rsa, file: 'key', x5c: undefined, defaultX5c: 'none' };

  /** A checkout whose app `web` is signed, and has changed since. */
  async function signedAndChanged(): Promise<RevisionCheckout> {
    const checkout = new RevisionCheckout({
      '.pvr/new': newFiles({ 'web/run.json': 'inline', 'web/conf': 'inline' }),
      'web/run.json': '{"name":"web"}',
      'web/conf': 'one',
    });
    await checkout.commit();
    await addSignature(
      checkout.folder,
      { kind: 'part', part: 'web' },
      { key: rsa, certificates: [] },
      {},
      silentJob(),
    );
    await checkout.add(['_sigs']);
    await checkout.commit();
    checkout.overwrite('web/conf', 'another');
    return checkout;
  }

  const standing = (checkout: RevisionCheckout) => {
    const members = parseJson(checkout.read('.pvr/json') ?? '', 'json');
    assert.ok(isJsonObject(members));
    const text = checkout.read('_sigs/web.json') ?? '';
    assert.ok(sameJson(parseJson(text, 'file'), members.get('_sigs/web.json') ?? null));
    return standingOf(parseSignature(text, '_sigs/web.json'), members);
  };

  it('signs it again with its own key, in the same step', async () => {
    const checkout = await signedAndChanged();
    const { renewedSignatures, staleSignatures } = await checkout.commit({ key });
    assert.deepEqual(
      { renewedSignatures, staleSignatures },
      { renewedSignatures: ['_sigs/web.json'], staleSignatures: [] },
    );
    assert.equal(standing(checkout), 'fits');
    assert.deepEqual(await checkout.status(), []);
  });

  it('names it where there is no key, or another one, and leaves it as it is', async () => {
    for (const other of [undefined, { ...key, key: createPrivateKey(testText('rsa-inter.key')) }]) {
      const checkout = await signedAndChanged();
      const { renewedSignatures, staleSignatures } = await checkout.commit({ key: other });
      assert.deepEqual(
        { renewedSignatures, staleSignatures },
        { renewedSignatures: [], staleSignatures: ['_sigs/web.json'] },
      );
      assert.equal(standing(checkout), 'stale');
    }
  });
});
