import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { askTool, pushWeb } from './given';

describe('language-model tools', () => {
  it('lists the apps with what extends what', async () => {
    const { apps } = (await askTool('pantavisor_listApps')) as {
      readonly apps: readonly Record<string, unknown>[];
    };
    const web = apps.find(({ app }) => app === 'web');
    const shop = apps.find(({ app }) => app === 'shop');
    assert.deepEqual(web?.['extendedBy'], ['shop']);
    assert.equal(shop?.['extends'], 'web');
    assert.ok(Number(web['baseBytes']) > 1_000_000);
  });

  it('answers what it cannot do with what there is', async () => {
    const { error, apps } = (await askTool('pantavisor_overlayContents', { app: 'nobody' })) as {
      readonly error: string;
      readonly apps: readonly string[];
    };
    assert.equal(error, 'There is no app nobody.');
    assert.ok(apps.includes('web'));
    const elsewhere = await askTool('pantavisor_overlayContents', { app: 'web', checkout: 'nowhere' });
    assert.match(JSON.stringify(elsewhere), /There is no checkout nowhere\./);
  });

  it('tells which images have moved', async () => {
    await pushWeb('web1');
    const answer = JSON.stringify(await askTool('pantavisor_outdatedImages'));
    assert.match(answer, /"moved"/);
  });

  it('tells what is not committed, and how a manifest differs', async () => {
    // The tasks have committed all; a patch is the one thing that isn't.
    await pushWeb('web2');
    await commands.executeCommand('pantavisor.updateAsPatch', { app: 'web' });
    const [checkout] = (await askTool('pantavisor_uncommitted')) as readonly Record<string, unknown>[];
    assert.ok(Number(checkout?.['deviceDownloadsBytes']) > 0);
    assert.match(JSON.stringify(checkout?.['files']), /"path":"web\/src\.json","standing":"changed"/);
    const { committed, present } = (await askTool('pantavisor_diff', { file: 'web/src.json' })) as Record<
      string,
      unknown
    >;
    assert.match(String(committed), /docker_name/);
    assert.notEqual(committed, present);
  });
});
