import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { requireCheckout } from '../../../src/core/checkout/find';
import { defaultObjectsDirectory, initCheckout } from '../../../src/core/checkout/init';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { readState } from '../../../src/core/checkout/state';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';
import { temporaryFolder, writeFiles } from './temporary-folder';
import { hasNoRights, withoutRights } from './without-rights';

describe('making a folder a checkout', () => {
  it('writes the same bytes as pvr init', async () => {
    const folder = temporaryFolder();
    const objects = path.join(folder, 'objects "of" mine');
    await initCheckout(path.join(folder, 'device'), { objectsDirectory: objects });
    const read = (name: string) => readFileSync(path.join(folder, 'device', '.pvr', name), 'utf8');
    assert.equal(read('json'), '{ "#spec": "pantavisor-service-system@1" }');
    assert.equal(
      read('config'),
      [
        '{',
        '\t"DefaultGetUrl": "",',
        '\t"DefaultPutUrl": "",',
        '\t"DefaultPostUrl": "",',
        `\t"ObjectsDir": ${JSON.stringify(objects)},`,
        '\t"AccessTokens": {},',
        '\t"RefreshTokens": {}',
        '}',
      ].join('\n'),
    );
    assert.deepEqual(readdirSync(path.join(folder, 'device')), ['.pvr']);
    assert.deepEqual(readdirSync(path.join(folder, 'device', '.pvr')).sort(), ['config', 'json']);
    assert.ok(existsSync(objects));
    await requireCheckout(path.join(folder, 'device'));
    assert.deepEqual((await readState(new OpenedCheckout(path.join(folder, 'device')))).entries, new Map());
  });

  it('leaves what lies in the folder', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'web/src.json': 'mine' });
    await initCheckout(folder, { objectsDirectory: path.join(folder, '.pvr-objects') });
    assert.equal(readFileSync(path.join(folder, 'web', 'src.json'), 'utf8'), 'mine');
  });

  it('is refused where there is one, which stays as it is', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { '.pvr/json': 'mine' });
    await assert.rejects(initCheckout(folder, { objectsDirectory: path.join(folder, 'objects') }), Problem);
    assert.equal(readFileSync(path.join(folder, '.pvr', 'json'), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(folder), ['.pvr']);
  });

  it('says what is wrong with the one that is there, and leaves it', async () => {
    const init = (files: Readonly<Record<string, string>>) => {
      const folder = temporaryFolder();
      writeFiles(folder, files);
      return initCheckout(folder, { objectsDirectory: path.join(folder, 'objects') });
    };
    await assert.rejects(init({ '.pvr/config': '{}' }), /there is one, but .*has no state in it/);
    await assert.rejects(init({ '.pvr/json/x': '' }), /there is one, but .*json is a folder/);
    await assert.rejects(init({ '.pvr': '' }), /there is one, but .*\.pvr is a file/);
    await assert.rejects(
      init({ '.pvr/config.json': '{}', '.pvr/objects/12ab': '' }),
      /where pvr keeps the objects and logins of all checkouts\. Choose another folder\.$/,
    );
  });

  it('is refused where it can’t be known whether an app is around', { skip: hasNoRights }, async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { '.pvr/json': '{}', 'web/src.json': '{}', 'web/sub/x': '' });
    chmodSync(path.join(folder, 'web'), 0o311);
    const target = path.join(folder, 'web', 'sub');
    await assert.rejects(
      withoutRights(folder, () => initCheckout(target, { objectsDirectory: folder })),
      /access to .* is denied/,
    );
    assert.deepEqual(readdirSync(target), ['x']);
    chmodSync(path.join(folder, 'web'), 0o755);
  });

  it('happens once when it is asked for many times at once, and leaves no draft', async () => {
    const folder = temporaryFolder();
    const objectsDirectory = path.join(folder, '.pvr-objects');
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, () => initCheckout(folder, { objectsDirectory })),
    );
    assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') assert.ok(attempt.reason instanceof Problem);
    }
    assert.deepEqual(readdirSync(folder).sort(), ['.pvr', '.pvr-objects']);
  });

  it('says where it can’t be done', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { file: 'x' });
    const target = path.join(folder, 'file', 'device');
    await assert.rejects(initCheckout(target, { objectsDirectory: folder }), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.ok(error.message.includes(target));
      return true;
    });
    mkdirSync(path.join(folder, 'device'));
    await assert.rejects(
      initCheckout(path.join(folder, 'device'), { objectsDirectory: path.join(folder, 'file', 'objects') }),
      Problem,
    );
    assert.deepEqual(readdirSync(path.join(folder, 'device')), []);
  });

  it('says which variable names the folder for objects that can’t be made, and does not try for ever', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { file: 'x' });
    const impossible = [
      path.join(folder, 'file'),
      ...(process.platform === 'linux' ? ['/proc/none/objects'] : []),
    ];
    for (const objectsDirectory of impossible) {
      await assert.rejects(initCheckout(folder, { objectsDirectory }), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.ok(error.found.includes(objectsDirectory), error.found);
        assert.match(inTerminalWords(error.remedy), /PVR_OBJECTS_DIR/);
        return true;
      });
    }
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  it('is refused in an app of a checkout, but not elsewhere in one', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { '.pvr/json': '{}', 'web/src.json': '{}' });
    const objectsDirectory = path.join(folder, '.pvr-objects');
    for (const within of ['web', 'web/sub'])
      await assert.rejects(
        initCheckout(path.join(folder, within), { objectsDirectory }),
        /lies in web, an app/,
      );
    assert.deepEqual(readdirSync(path.join(folder, 'web')), ['src.json']);
    await initCheckout(path.join(folder, 'spare'), { objectsDirectory });
    assert.deepEqual(readdirSync(path.join(folder, 'spare')), ['.pvr']);
  });
});

describe('where pvr keeps the content of files', () => {
  const home = path.join(path.sep, 'home', 'u');

  it('is one folder for all checkouts of a user', () => {
    assert.equal(defaultObjectsDirectory({}, home), path.join(home, '.pvr', 'objects'));
  });

  it('can be set by pvr’s own variables', () => {
    assert.equal(defaultObjectsDirectory({ PVR_OBJECTS_DIR: '/o', PVR_CONFIG_DIR: '/c' }, home), '/o');
    assert.equal(defaultObjectsDirectory({ PVR_CONFIG_DIR: '/c' }, home), path.join('/c', 'objects'));
    assert.equal(
      defaultObjectsDirectory({ PVR_OBJECTS_DIR: '', PVR_CONFIG_DIR: '' }, home),
      path.join(home, '.pvr', 'objects'),
    );
  });
});
