import assert from 'node:assert/strict';
import { untrackFiles } from '../../../src/core/use-cases/track-files';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { pathPattern, selectPaths } from '../../../src/core/revision/select-paths';
import { RevisionCheckout, sha256 } from './revisions';

const files = { 'web/run.json': '{}', 'web/sub/conf': 'c', 'db/run.json': '{}', top: 't', 'we[b]/x': 'x' };

describe('adding files', () => {
  it('writes what pvr writes of them, also of tracked ones', async () => {
    const checkout = new RevisionCheckout(
      { top: 't', 'web/run.json': '{}' },
      { state: { top: sha256('t') } },
    );
    const { added } = await checkout.add();
    assert.equal(
      checkout.read('.pvr/new'),
      `{"top":{"ForceObject":false,"Sha":"${sha256('t')}"},"web/run.json":{"ForceObject":false,"Sha":"${sha256('{}')}"}}`,
    );
    assert.deepEqual(added, ['web/run.json']);
  });

  const meant: readonly (readonly [string, string, readonly string[]])[] = [
    ['web', '', ['web/run.json', 'web/sub/conf']],
    ['web/', '', ['web/run.json', 'web/sub/conf']],
    ['./web/run.json', '', ['web/run.json']],
    ['.', '', ['db/run.json', 'top', 'we[b]/x', 'web/run.json', 'web/sub/conf']],
    ['.', 'web', ['web/run.json', 'web/sub/conf']],
    ['../db', 'web', ['db/run.json']],
    ['web/*', '', ['web/run.json']],
    ['*/run.json', '', ['db/run.json', 'web/run.json']],
    ['*.json', 'we', []],
    ['[^w]?/*', '', ['db/run.json']],
    ['we[b]/x', '', ['we[b]/x']],
    ['we\\[b\\]/*', '', ['we[b]/x']],
    ['*', 'we[b]', ['we[b]/x']],
  ];
  for (const [typed, folder, expected] of meant) {
    it(`takes ${typed} in ${folder || 'the checkout'} for ${expected.join(', ') || 'nothing'}`, () => {
      const { files: selected } = selectPaths([pathPattern(typed, folder)], Object.keys(files).sort());
      assert.deepEqual(selected, expected);
    });
  }

  it('adds nothing where one of the names is nothing, out of the checkout, or no pattern', async () => {
    const checkout = new RevisionCheckout(files);
    for (const typed of ['nothing', 'web/nothing', '../x', '/etc/passwd', 'web/[', '', 'web/[z-a]'])
      await assert.rejects(checkout.add(['top', typed]), /looking for/, typed);
    assert.equal(checkout.read('.pvr/new'), undefined);
  });

  it('keeps what was added raw so where all is added, and warns of a manifest', async () => {
    const warnings: string[] = [];
    const job = { ...silentJob(), warn: (message: string) => warnings.push(message) };
    const checkout = new RevisionCheckout({ 'web/run.json': '{}' });
    await checkout.add(['web/run.json'], { isRaw: true, job });
    assert.match(warnings.join(), /a device takes the sha256 of web\/run\.json for the manifest/);
    await checkout.add();
    assert.match(checkout.read('.pvr/new') ?? '', /"ForceObject":true/);
    await checkout.add(['web/run.json']);
    assert.match(checkout.read('.pvr/new') ?? '', /"ForceObject":false/);
  });

  it('is taken back, and the file stays', async () => {
    const checkout = new RevisionCheckout({ 'web/a.json': '{}', 'web/b.json': '{}' });
    await checkout.add(['web']);
    const { files } = await untrackFiles(checkout.folder, ['web/a.json', 'web/nothing'], silentJob());
    assert.deepEqual(files, ['web/a.json']);
    assert.deepEqual(await checkout.status(), ['? web/a.json', 'A web/b.json']);
    await untrackFiles(checkout.folder, ['web/b.json'], silentJob());
    assert.equal(checkout.read('.pvr/new'), undefined);
  });
});
