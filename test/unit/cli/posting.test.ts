import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HubPlace, runOfApp } from '../../hub/hub-place';
import { writeFiles } from '../checkout/temporary-folder';
import { testFile } from '../revision/recorded';

const json = (value: unknown) => JSON.stringify(value);

describe('before anything is posted', () => {
  it('signatures are judged as a device does, over the state that goes out', async () => {
    await using place = await HubPlace.open();
    const { pvx } = place;
    const checkout = await place.cloned('signed');
    const key = ['--key', testFile('rsa.key'), '--x5c', testFile('rsa.crt')];
    await pvx.run(checkout, 'sig', ...key, 'add', '--part', 'web');
    await place.commit(checkout, {});
    await pvx.run(checkout, 'post', '--no-wait');
    await place.commit(checkout, { 'web/conf': 'newer' });
    // What lies there fits again, and isn't committed.
    await pvx.run(checkout, 'sig', ...key, 'update');
    await assert.rejects(pvx.run(checkout, 'post', '--no-wait'), {
      code: 1,
      stderr: /a device that checks signatures refuses the state for _sigs\/web\.json: it is not one over/,
    });
    assert.equal(place.trail.steps.length, 2);
    await place.commit(checkout, {});
    await pvx.run(checkout, 'post', '--no-wait');
    assert.equal(place.trail.steps.length, 3);
  });

  it('starts and groups are those of the state that goes out', async () => {
    await using place = await HubPlace.open();
    const { pvx } = place;
    const checkout = await place.cloned('late', {
      'shop/run.json': json(runOfApp('shop', { group: 'root' })),
      'shop/src.json': json({ '#spec': 'service-manifest-src@1', base: 'web' }),
      'web/run.json': json(runOfApp('web', { group: 'app' })),
    });
    await assert.rejects(pvx.run(checkout, 'post', '--no-wait'), {
      stderr: /shop never starts: it extends web/,
    });
    await place.commit(checkout, { 'web/run.json': json(runOfApp('web', { group: 'nowhere' })) });
    await assert.rejects(pvx.run(checkout, 'post', '--no-wait'), {
      stderr: /web is in the group "nowhere", which does not exist/,
    });
    assert.equal(place.trail.steps.length, 1);
    assert.deepEqual(place.uploads, []);
  });

  it('an app for another processor stops it, unless it is forced', async () => {
    await using place = await HubPlace.open();
    const { pvx, kitchen, trail } = place;
    kitchen.deviceMeta = { 'pantavisor.arch': 'aarch64/64/EL' };
    const source = (docker_platform: string) => json({ '#spec': 'service-manifest-src@1', docker_platform });
    const checkout = await place.cloned('wrong', { 'web/src.json': source('linux/amd64') });
    await assert.rejects(pvx.run(checkout, 'post', '--no-wait'), {
      stderr: /web is made for amd64, and the device has arm64/,
    });
    await place.commit(checkout, { 'web/src.json': source('linux/arm/v7') });
    await assert.rejects(pvx.run(checkout, 'post', '--no-wait'), { stderr: /^(?!.*made for)/ });
    await pvx.run(checkout, 'post', '--no-wait', '--force');
    assert.equal(trail.steps.length, 2);
  });

  it('what is not committed is told of, before and after', async () => {
    await using place = await HubPlace.open();
    const { pvx } = place;
    const checkout = await place.cloned('edited', { 'web/conf': 'committed' });
    writeFiles(checkout, { 'web/conf': 'edited since' });
    const note = /note: web\/conf is not committed like that, and not posted\. Commit it first/;
    assert.match(await pvx.run(checkout, 'post', '--dry-run'), note);
    const { stderr } = await pvx.runBoth(checkout, 'post', '--no-wait');
    assert.match(stderr, note);
  });

  it('a dry run counts what was registered and never sent as missing, and registers nothing', async () => {
    await using place = await HubPlace.open();
    const { pvx, hub } = place;
    const checkout = await place.cloned('new', {
      'web/conf': 'one',
      'web/more': 'another',
      'web/third': '3',
    });
    await pvx.run(checkout, 'post', '--no-wait');
    await pvx.run(checkout, 'cancel');
    // As after a post that was killed: one is registered alone, one has gone, one is there.
    const of = (name: string) => [...hub.world.objects.values()].find((one) => one.name === name);
    const [registered, gone] = [of('web/conf'), of('web/more')];
    const more = [...hub.world.objects.values()].filter(({ content }) => String(content) === 'one');
    for (const one of more) one.content = undefined;
    assert.ok(registered !== undefined && gone !== undefined);
    for (const [key, one] of hub.world.objects) if (one === gone) hub.world.objects.delete(key);
    // The newest revision names none of them.
    const { steps } = place.trail;
    if (steps[0] !== undefined) steps.push({ ...steps[0], rev: 2 });
    hub.requests.length = 0;
    const count = hub.world.objects.size;
    assert.match(await pvx.run(checkout, 'post', '--dry-run'), /to send +2 objects, 10 B/);
    assert.equal(hub.world.objects.size, count);
    assert.deepEqual(
      hub.requests.filter((request) => !request.startsWith('GET')),
      [],
    );
  });

  it('every device is looked at before any of several is sent something', async () => {
    await using place = await HubPlace.open();
    const { pvx, kitchen } = place;
    kitchen.deviceMeta = { 'pantavisor.arch': 'aarch64/64/EL' };
    const porch = place.addDevice('porch', place.stateOf({ 'cam/conf': 'cam' }));
    porch.device.deviceMeta = { 'pantavisor.arch': 'x86_64/64/EL' };
    const shop = {
      'shop/run.json': runOfApp('shop', { group: 'root' }),
      'shop/src.json': { '#spec': 'service-manifest-src@1', base: 'web' },
    };
    const garden = place.addDevice('garden', { ...place.stateOf({ 'web/conf': 'x' }), ...shop });
    const checkout = await place.cloned('parts', {
      'web/src.json': json({ '#spec': 'service-manifest-src@1', docker_platform: 'linux/arm64' }),
      'web/run.json': json(runOfApp('web', { group: 'app' })),
    });
    await assert.rejects(pvx.run(checkout, 'post', '--to', 'kitchen,porch,garden'), {
      code: 1,
      stderr:
        /nothing was sent: posting to alice\/porch: web is made for arm64, and the device has amd64; posting to alice\/garden: shop never starts/,
    });
    for (const { steps } of [place.trail, porch.trail, garden.trail]) assert.equal(steps.length, 1);
    assert.deepEqual(place.uploads, []);
  });

  it('several devices go on where somebody was stopped, and a table says who runs what', async () => {
    await using place = await HubPlace.open();
    const { pvx, hub, kitchen } = place;
    const porch = place.addDevice('porch', place.stateOf({ 'web/conf': 'x' }));
    const checkout = await place.cloned('resumed', { 'web/conf': 'newer' });
    const child = pvx.start(checkout, 'post', '--to', 'kitchen,porch');
    while (place.trail.steps.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    const sent = place.uploads.length;
    place.play(kitchen);
    place.play(porch.device);
    const { stdout, stderr } = await pvx.runBoth(checkout, 'post', '--to', 'kitchen,porch');
    assert.match(stdout, /^DEVICE +RUNS +SENT +STATUS/m);
    assert.match(stdout, /kitchen +1 +1 +DONE .*\n.*porch +1 +1 +DONE +runs it/);
    assert.match(stderr, /note: alice\/porch: nobody knows which processor/);
    assert.equal(place.trail.steps.length, 2);
    assert.equal(place.uploads.length, sent, hub.requests.join('\n'));
  });

  it('get says where it has looked for a bare name', async () => {
    await using place = await HubPlace.open();
    const checkout = await place.cloned('looking');
    await assert.rejects(place.pvx.run(checkout, 'get', 'nobody'), {
      stderr:
        /looking for nobody: nothing of this name lies in .*looking, and as a device: alice has no device of this name/,
    });
    const stranger = place.pvxAs({});
    await assert.rejects(stranger.run(checkout, 'get', 'web_tgz#web'), {
      stderr: /looking for web_tgz: nothing of this name lies in .*, and as a device: nobody is logged in/,
    });
  });
});
