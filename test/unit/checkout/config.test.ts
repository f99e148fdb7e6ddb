import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { configFile, configText, readConfig } from '../../../src/core/checkout/config';
import { initCheckout } from '../../../src/core/checkout/init';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { temporaryCheckout, temporaryFolder } from './temporary-folder';

const configOf = (text: string) => readConfig(new OpenedCheckout(temporaryCheckout({ [configFile]: text })));

describe('the configuration of a checkout', () => {
  it('says where objects lie, from the checkout where it is no absolute path', async () => {
    assert.equal((await configOf('{"ObjectsDir":"/pool"}')).objectsDirectory, '/pool');
    const checkout = new OpenedCheckout(temporaryCheckout({ [configFile]: '{"ObjectsDir":"../pool"}' }));
    const { objectsDirectory } = await readConfig(checkout);
    assert.equal(objectsDirectory, path.join(path.dirname(checkout.directory), 'pool'));
  });

  it('may be missing, or say nothing', async () => {
    for (const files of [{}, { [configFile]: '{}' }, { [configFile]: '{"ObjectsDir":""}' }]) {
      const checkout = new OpenedCheckout(temporaryCheckout(files));
      const { objectsDirectory } = await readConfig(checkout);
      assert.equal(objectsDirectory, path.join(checkout.directory, '.pvr', 'objects'));
    }
  });

  it('keeps what nobody here knows, and the order of all of it', async () => {
    const text = '{\n\t"Later": [\n\t\t1.0\n\t],\n\t"ObjectsDir": "/pool",\n\t"AccessTokens": {}\n}';
    assert.equal(configText((await configOf(text)).document), text);
  });

  it('is read as it is written', async () => {
    const folder = path.join(temporaryFolder(), 'device');
    await initCheckout(folder, { objectsDirectory: path.join(folder, 'pool') });
    const { document } = await readConfig(new OpenedCheckout(folder));
    assert.equal(configText(document), readFileSync(path.join(folder, configFile), 'utf8'));
  });

  it('that is broken is a Problem', async () => {
    await assert.rejects(
      configOf('[]'),
      /reading \.pvr\/config: it holds a list instead of an object.*ObjectsDir/,
    );
    await assert.rejects(configOf('{'), /\.pvr\/config/);
  });
});
