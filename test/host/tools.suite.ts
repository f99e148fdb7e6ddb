import assert from 'node:assert/strict';
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
});
