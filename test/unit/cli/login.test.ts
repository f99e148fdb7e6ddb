import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { Secret } from '../../../src/core/net/secret';
import { logInByBrowser } from '../../../src/core/remote/pantahub/browser-login';
import { AuthFile } from '../../../src/core/remote/pantahub/logins';
import { createRemotes } from '../../../src/core/remote/remotes';
import { startHub } from '../../hub/hub';
import { HubPlace } from '../../hub/hub-place';
import { addAccount, addDevice } from '../../hub/world';

const clientId = 'prn:pantahub.com:apis:/checkouts';

describe('logging in', () => {
  it('asks for one hub after the other, and names it', async () => {
    await using one = await startHub();
    await using other = await startHub();
    for (const { world } of [one, other])
      addDevice(world, addAccount(world, 'alice').prn, { nick: 'kitchen' });
    await using place = await HubPlace.open();
    const asked: string[] = [];
    let open = 0;
    await using remotes = createRemotes({
      environment: { env: {}, homeDirectory: place.folder, platform: process.platform },
      logins: new AuthFile(path.join(place.folder, 'logins')),
      ask: async ({ origin }) => {
        asked.push(origin);
        open += 1;
        assert.equal(open, 1, 'two questions at once');
        await new Promise((resolve) => setTimeout(resolve, 20));
        open -= 1;
        return { name: 'alice', password: new Secret('alice-pass') };
      },
    });
    const urls = [one.url, other.url];
    const both = urls.map((url) => remotes.hub(new URL(url)).devices(silentJob()));
    assert.deepEqual(
      (await Promise.all(both)).map((devices) => devices.length),
      [1, 1],
    );
    assert.deepEqual(asked.sort(), urls.sort());
  });

  it('is not needed to clone what is public, nor to get what is new of it', async () => {
    await using place = await HubPlace.open();
    const { kitchen, hub, folder } = place;
    const stranger = place.pvxAs({}, path.join(folder, 'stranger'));
    await assert.rejects(stranger.run(folder, 'clone', 'alice/kitchen', 'private'), {
      stderr: /nobody is logged in/,
    });
    kitchen.isPublic = true;
    assert.match(await stranger.run(folder, 'clone', 'alice/kitchen', 'public'), /^Cloned revision 0 /);
    const checkout = path.join(folder, 'public');
    assert.equal(await readFile(path.join(checkout, 'web/conf'), 'utf8'), 'conf of web');
    const theirs = await place.cloned('theirs', { 'web/conf': 'newer' });
    await place.pvx.run(theirs, 'post', '--no-wait');
    assert.match(await stranger.run(checkout, 'get'), /goes on from revision 1 now/);
    await assert.rejects(stranger.run(checkout, 'post', '--no-wait'), { stderr: /nobody is logged in/ });
    await assert.rejects(stranger.run(folder, 'ps'), { stderr: /nobody is logged in/ });
    await assert.rejects(readFile(path.join(folder, 'stranger', '.pvr', 'auth.json')), { code: 'ENOENT' });
    assert.ok(hub.requests.length > 0);
  });

  it('goes by the page of the hub, with a client id, and the token is changed for a lasting one', async () => {
    await using place = await HubPlace.open();
    const { hub, alice, folder } = place;
    const home = path.join(folder, 'by-browser');
    await mkdir(home);
    const logins = new AuthFile(home);
    await using remotes = createRemotes({
      environment: { env: { PVR_BASEURL: hub.url }, homeDirectory: home, platform: process.platform },
      logins,
      ask: () => Promise.resolve(undefined),
    });
    const { session } = remotes.hub();
    const pages: string[] = [];
    /** The hub's page, with somebody who logs in there. */
    const page = async (url: URL) => {
      pages.push(url.href);
      const { status } = await fetch(url, { redirect: 'manual' });
      assert.equal(status, 307);
      const redirect = url.searchParams.get('redirect_uri') ?? '';
      assert.match(redirect, /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
      // Others on this machine end nothing.
      assert.equal((await fetch(`${redirect}?code=x&state=wrong`)).status, 404);
      assert.equal((await fetch(new URL('/', redirect))).status, 404);
      const answer = await fetch(`${hub.url}/auth/code`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.tokens.forUser(alice, 'alice')}` },
        body: JSON.stringify({
          service: clientId,
          scopes: url.searchParams.get('scope'),
          redirect_uri: redirect,
          state: url.searchParams.get('state'),
          response_type: 'code',
        }),
      });
      const { redirect_uri: back } = (await answer.json()) as { redirect_uri: string };
      assert.match(await (await fetch(back)).text(), /can be closed/);
    };
    const claims = await logInByBrowser(session, { clientId, open: page }, silentJob());
    assert.equal(claims.nick, 'alice');
    assert.ok(claims.expires > Date.now() + 30 * 60_000);
    assert.equal((await remotes.hub().devices(silentJob())).length, 1);
    assert.ok((await logins.read(new URL(hub.url))) !== undefined);
    assert.equal(pages.length, 1);
    await assert.rejects(fetch(new URL(new URL(pages[0] ?? '').searchParams.get('redirect_uri') ?? '')));
  });

  it('by the page ends when it is stopped', async () => {
    await using place = await HubPlace.open();
    await using remotes = createRemotes({
      environment: {
        env: { PVR_BASEURL: place.hub.url },
        homeDirectory: place.folder,
        platform: process.platform,
      },
      logins: new AuthFile(place.folder),
      ask: () => Promise.resolve(undefined),
    });
    const stop = new AbortController();
    const job = { ...silentJob(), signal: stop.signal };
    const open = () => stop.abort();
    await assert.rejects(logInByBrowser(remotes.hub().session, { clientId, open }, job), {
      name: 'AbortError',
    });
  });
});
