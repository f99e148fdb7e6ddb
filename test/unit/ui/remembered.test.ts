import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageCheck } from '../../../src/core/use-cases/check-images';
import { ImageChecks } from '../../../src/ui/images/image-checks';
import { MutedApps } from '../../../src/ui/images/muted-apps';
import { RecentImages } from '../../../src/ui/images/recent-images';
import { registryHost, RegistryLogins } from '../../../src/ui/images/registry-logins';
import { CheckoutModel } from '../../../src/ui/model/checkout-model';
import { ADisk } from './a-disk';
import { AStorage } from './a-storage';
import { anApp, digest } from './an-app';

describe('recent images', () => {
  it('are ten, the last one first, each once', async () => {
    const images = new RecentImages(new AStorage());
    for (let i = 0; i < 12; i++) await images.add(`image:${i}`);
    await images.add('image:5');
    assert.equal(images.all.length, 10);
    assert.deepEqual(images.all.slice(0, 3), ['image:5', 'image:11', 'image:10']);
    assert.equal(images.all.filter((one) => one === 'image:5').length, 1);
  });
});

describe('muted apps', () => {
  it('are those of one checkout, until that is taken back', async () => {
    const storage = new AStorage();
    const muted = new MutedApps(storage);
    await muted.add({ checkout: '/a', app: 'web' });
    await muted.add({ checkout: '/a', app: 'web' });
    assert.ok(new MutedApps(storage).has({ checkout: '/a', app: 'web' }));
    assert.ok(!muted.has({ checkout: '/b', app: 'web' }));
    assert.equal(muted.all.length, 1);
    await muted.remove({ checkout: '/a', app: 'web' });
    assert.deepEqual(muted.all, []);
  });
});

describe('logins', () => {
  const secrets = new Map<string, string>();
  const keychain = {
    get: (key: string) => Promise.resolve(secrets.get(key)),
    store: (key: string, value: string) => Promise.resolve(void secrets.set(key, value)),
    delete: (key: string) => Promise.resolve(void secrets.delete(key)),
  };
  const question = (host: string) => ({ host, credentialKey: host });

  it('answer the registry that they are for, and nobody else', async () => {
    const storage = new AStorage();
    const logins = new RegistryLogins(keychain, storage);
    const login = { username: 'me', password: 'secret' };
    await logins.add('registry.example:5000', login);
    assert.deepEqual(await logins.answer(question('registry.example:5000')), login);
    assert.equal(await logins.answer(question('registry.example')), undefined);
    assert.deepEqual(logins.hosts, ['registry.example:5000']);
    assert.ok(!JSON.stringify(storage.get('pantavisor.registries')).includes('secret'));
    await logins.remove('registry.example:5000');
    assert.deepEqual(logins.hosts, []);
    assert.equal(secrets.size, 0);
  });

  it('are for the host that somebody means, however it is written', () => {
    for (const text of ['ghcr.io', ' https://GHCR.io ', 'ghcr.io/team', 'http://ghcr.io/']) {
      assert.equal(registryHost(text), 'ghcr.io');
    }
    assert.equal(registryHost('Registry.example:5000/a/b'), 'registry.example:5000');
    assert.equal(registryHost('[::1]:5000'), '[::1]:5000');
    assert.equal(registryHost('https://index.docker.io/v1/'), 'docker.io');
    for (const text of ['', 'https://', 'a b', 'ghcr.io:port', '@'])
      assert.equal(registryHost(text), undefined);
  });

  it('know Docker Hub by all its names', async () => {
    const logins = new RegistryLogins(keychain, new AStorage());
    await logins.add('docker.io', { username: 'me', password: 'secret' });
    assert.ok(await logins.answer(question('registry-1.docker.io')));
    await logins.remove('index.docker.io');
    assert.equal(secrets.size, 0);
  });
});

describe('answers about images', () => {
  const model = new CheckoutModel('/a', new ADisk());
  const web = { model, app: anApp('web') };
  const plain = { model, app: { ...anApp('plain'), source: { kind: 'none' } as const } };
  const answer: ImageCheck = {
    app: 'web',
    reference: 'example/web:1',
    installed: digest('a'),
    state: 'moved',
    current: digest('b'),
  };

  it('are asked only for apps that are made from images, and outlive the window', async () => {
    const storage = new AStorage();
    const asked: unknown[] = [];
    const images = new ImageChecks(storage, (checkout, apps) => {
      asked.push([checkout, apps]);
      return Promise.resolve([answer]);
    });
    const changed: string[] = [];
    images.onDidChange((checkout) => changed.push(checkout));
    assert.equal(images.stateOf(web).kind, 'unknown');
    assert.equal(images.lastCheck, undefined);
    await images.check([web, plain], new AbortController().signal);
    assert.deepEqual(asked, [['/a', ['web']]]);
    assert.deepEqual(changed, ['/a']);

    const later = new ImageChecks(storage, () => Promise.reject(new Error('not asked')));
    assert.equal(later.stateOf(web).kind, 'moved');
    assert.equal(later.stateOf(plain).kind, 'unknown');
    assert.equal(later.checkedAt({ checkout: '/a', app: 'web' }), later.lastCheck);
  });

  it('stay as they were when nobody could be asked', async () => {
    const images = new ImageChecks(new AStorage(), () => Promise.reject(new Error('no backend')));
    await assert.rejects(images.check([web], new AbortController().signal), /no backend/);
    assert.equal(images.stateOf(web).kind, 'unknown');
  });
});
