import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { askTool, pushWeb } from './given';

describe('language-model tools', () => {
  it('lists the apps with what extends what', async () => {
    const apps = (await askTool('pantavisor_listApps')) as readonly Record<string, unknown>[];
    const web = apps.find(({ app }) => app === 'web');
    const shop = apps.find(({ app }) => app === 'shop');
    assert.deepEqual(web?.['extendedBy'], ['shop']);
    assert.equal(shop?.['extends'], 'web');
    assert.ok(Number(web['baseBytes']) > 1_000_000);
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
