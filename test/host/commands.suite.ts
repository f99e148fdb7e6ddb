import assert from 'node:assert/strict';
import { commands, window } from 'vscode';
import { app, askTool, checkout, eventually, exists, pushWeb, text } from './given';

interface ListedApp {
  readonly app: string;
  readonly overlayBytes?: number;
  readonly state: unknown;
}

async function listed(name: string): Promise<ListedApp | undefined> {
  const { apps } = (await askTool('pantavisor_listApps')) as { readonly apps: readonly ListedApp[] };
  return apps.find((one) => one.app === name);
}

describe('commands', () => {
  it('finds a moved image, builds its patch, and the model knows the overlay', async () => {
    await pushWeb('web2');
    const before = await text('web/src.json');
    await commands.executeCommand('pantavisor.updateAsPatch', app('web'));
    assert.ok(await exists('web/root.ovl.squashfs'));
    assert.notEqual(await text('web/src.json'), before);
    const overlay = await eventually(
      'the overlay is in the model',
      async () => (await listed('web'))?.overlayBytes,
    );
    assert.ok(overlay > 0);
  });

  it('lists what the overlay holds', async () => {
    const changes = (await askTool('pantavisor_overlayContents', { app: 'web', checkout })) as {
      readonly changes?: readonly { readonly path: string; readonly change: string }[];
    };
    const list = JSON.stringify(changes);
    assert.match(list, /www\/index\.html/);
    assert.match(list, /www\/old\.html/);
    await commands.executeCommand('pantavisor.showOverlay', app('web'));
    await eventually('a page for the overlay', () =>
      window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label.includes('web')),
    );
  });

  it('builds a new base, and the overlay of the app that extends it', async () => {
    const overlayBefore = await text('shop/src.json');
    await commands.executeCommand('pantavisor.buildNewBase', app('web'));
    assert.equal(await exists('web/root.ovl.squashfs'), false);
    assert.notEqual(await text('shop/src.json'), overlayBefore);
    await eventually('the model has no overlay of web', async () => {
      const web = await listed('web');
      return web !== undefined && web.overlayBytes === undefined ? web : undefined;
    });
  });

  it('refuses a new base of an extension app, and changes nothing', async () => {
    const before = await text('shop/src.json');
    await commands.executeCommand('pantavisor.buildNewBase', app('shop'));
    assert.equal(await text('shop/src.json'), before);
  });

  it('leaves nothing of its own in the checkout', async () => {
    assert.equal(await exists('.pvr/tmp'), false);
    assert.equal(await exists('.pvr/lock'), false);
  });
});
