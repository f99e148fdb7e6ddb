import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { silentJob } from '../../../src/core/job';
import { Secret } from '../../../src/core/net/secret';
import { AuthFile } from '../../../src/core/remote/pantahub/logins';
import { createRemotes } from '../../../src/core/remote/remotes';
import { type Hub, startHub } from '../../hub/hub';
import { addAccount, addDevice } from '../../hub/world';

const quick = { attempts: 3, firstPauseMs: 5, longestPauseMs: 2_000 };

describe('dealings with a hub', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hub-session-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function begun(tokenLife: number, isThere = true) {
    const hub = await startHub({ tokenLife });
    const alice = addAccount(hub.world, 'alice');
    addDevice(hub.world, alice.prn, { nick: 'kitchen' });
    const home = await mkdtemp(path.join(folder, 'home-'));
    const account = { name: 'alice', password: new Secret(alice.password) };
    const remotes = createRemotes({
      environment: { env: { PVR_BASEURL: hub.url }, homeDirectory: home, platform: process.platform },
      logins: new AuthFile(home),
      ask: () => Promise.resolve(isThere ? account : undefined),
      retry: quick,
    });
    return { hub, home, remotes };
  }

  const logins = ({ requests }: Hub) => requests.filter((request) => request.endsWith('/auth/login'));

  it('ask for a password once, however many requests wait for it', async () => {
    const { hub, remotes } = await begun(3600);
    await using _ = hub;
    await using _remotes = remotes;
    await Promise.all(Array.from({ length: 8 }, () => remotes.hub().devices(silentJob())));
    assert.deepEqual(logins(hub), ['POST /auth/login']);
  });

  it('renew a token at half of its life, and keep the new one', async () => {
    const { hub, home, remotes } = await begun(20);
    await using _ = hub;
    await using _remotes = remotes;
    await remotes.hub().devices(silentJob());
    const before = await readFile(path.join(home, 'auth.json'), 'utf8');
    const late = Date.now() + 10_500;
    const { now } = Date;
    Date.now = () => late;
    try {
      await remotes.hub().devices(silentJob());
    } finally {
      Date.now = now;
    }
    assert.deepEqual(logins(hub).length, 2);
    assert.notEqual(await readFile(path.join(home, 'auth.json'), 'utf8'), before);
  });

  it('ask for a password once where this machine’s clock is hours ahead, or behind', async () => {
    for (const behind of [3 * 3600, -3 * 3600]) {
      const { hub, home, remotes } = await begun(3600);
      await using _ = hub;
      await using _remotes = remotes;
      hub.tokens.behind = behind;
      await remotes.hub().devices(silentJob());
      await remotes.hub().devices(silentJob());
      assert.deepEqual(logins(hub), ['POST /auth/login']);
      // The next command has the token from the file, and nobody to ask.
      await using later = createRemotes({
        environment: { env: { PVR_BASEURL: hub.url }, homeDirectory: home, platform: process.platform },
        logins: new AuthFile(home),
        ask: () => Promise.resolve(undefined),
      });
      assert.equal((await later.hub().devices(silentJob())).length, 1);
    }
  });

  it('log in again when the token is refused, and say so where nobody can', async () => {
    const { hub, remotes } = await begun(3600);
    await using _ = hub;
    await using _remotes = remotes;
    await remotes.hub().devices(silentJob());
    hub.tokens.expireAll();
    await remotes.hub().devices(silentJob());
    assert.equal(logins(hub).length, 2);
    const alone = await begun(3600, false);
    await using _alone = alone.hub;
    await using _others = alone.remotes;
    await assert.rejects(alone.remotes.hub().devices(silentJob()), { message: /nobody is logged in/ });
  });

  it('wait as long as the hub asks for, and give up on one that is broken', async () => {
    const { hub, remotes } = await begun(3600);
    await using _ = hub;
    await using _remotes = remotes;
    const matches = (_method: string, place: string) => place === '/devices/';
    hub.faults.push({ matches, what: 429, times: 1, retryAfter: 1 }, { matches, what: 'cut', times: 1 });
    const begin = Date.now();
    assert.equal((await remotes.hub().devices(silentJob())).length, 1);
    assert.ok(Date.now() - begin >= 900);
    hub.faults.push({ matches, what: 500 });
    await assert.rejects(remotes.hub().devices(silentJob()), {
      message: /does not say why.*answered 500.*REST-ERR-ID-\d+/,
    });
  });

  it('keep what others have put into auth.json, and never tell what is in a broken one', async () => {
    const home = await mkdtemp(path.join(folder, 'home-'));
    const file = path.join(home, 'auth.json');
    const others = {
      spec: '1',
      tokens: { 'https://x/auth realm=y': { Name: '', 'access-token': 'x' } },
      more: 1,
    };
    await writeFile(file, JSON.stringify(others));
    const store = new AuthFile(home);
    await store.write(new URL('https://hub.example'), new Secret('s3cret'));
    const { tokens, more } = JSON.parse(await readFile(file, 'utf8')) as typeof others;
    assert.deepEqual([Object.keys(tokens).length, more], [2, 1]);
    assert.ok(!inspect(await store.read(new URL('https://hub.example'))).includes('s3cret'));
    await writeFile(file, '{"tokens":{"a":"s3cret');
    await assert.rejects(
      store.read(new URL('https://hub.example')),
      (error: Error) => !error.message.includes('s3cret'),
    );
  });
});
