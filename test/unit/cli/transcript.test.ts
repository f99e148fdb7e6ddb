import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { HubPlace } from '../../hub/hub-place';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';

const file = (name: string, content: string) => ({ path: name, kind: 'file', content }) as const;
const v1 = makeImage([makeLayer([file('usr/bin/app', 'a'.repeat(5000))])]);
const v2 = derive(v1, [file('etc/conf', 'two')]);
const v3 = derive(v2, [file('etc/conf', 'three')]);
const shop = derive(v3, [file('opt/shop', 'shop')]);

interface Source {
  readonly docker_tag?: string;
  readonly docker_digest?: string;
  readonly docker_ovl_digest?: string;
  readonly base?: string;
}

describe('what somebody types who comes from pvr', () => {
  it('works as typed, from a clone to posts of a patch, a new base and an extension app', async () => {
    await using place = await HubPlace.open();
    const layout = path.join(place.folder, 'layout');
    await writeOciLayout(layout, { v1, v2, v3, shop });
    const at = path.join(place.folder, 'kitchen');
    const source = ['--source', `archive:${layout}`];
    const pvr = (line: string, folder = at) => place.pvx.run(folder, ...line.split(' '));
    const built = (line: string) => place.pvx.run(at, ...line.split(' '), ...source);
    const sourceOf = async (app: string) =>
      JSON.parse(await readFile(path.join(at, app, 'src.json'), 'utf8')) as Source;
    const posted = async (message: string) => {
      await pvr('add .');
      await place.pvx.run(at, 'commit', '-m', message);
      await pvr('post --no-wait');
      const { state } = place.trail.steps.at(-1) ?? {};
      return Object.keys(state ?? {}).sort();
    };

    await pvr('clone kitchen', place.folder);
    await built('app add --from localhost/app:v1 --group root nginx');
    assert.match((await posted('v1')).join(' '), /nginx\/root\.squashfs/);

    // Only what changed, as pvr's options are written with one dash, too.
    await built('app update -patch --from localhost/app:v2 nginx');
    const patched = await sourceOf('nginx');
    assert.ok(patched.docker_ovl_digest !== undefined && patched.docker_tag === 'v2');
    assert.match(await pvr('app ls'), /^nginx .* patched/m);
    assert.deepEqual(JSON.parse(await pvr('app info nginx')), patched);
    assert.match(await pvr('s'), /nginx\/root\.ovl\.squashfs/);
    assert.match((await posted('v2')).join(' '), /nginx\/root\.ovl\.squashfs/);

    // A fresh base, without an overlay.
    await built('ap au --newbase --from localhost/app:v3 nginx');
    assert.equal((await sourceOf('nginx')).docker_ovl_digest, undefined);
    assert.doesNotMatch((await posted('v3')).join(' '), /ovl/);

    // An app that is only an overlay over another one's base, and the names alone.
    await built('ap aa --base nginx --from localhost/app:shop shop');
    assert.equal((await sourceOf('shop')).base, 'nginx');
    const keys = await posted('shop');
    assert.ok(keys.includes('shop/root.ovl.squashfs') && !keys.includes('shop/root.squashfs'));
    assert.match(await pvr('app ls -q'), /^nginx\nshop\n/m);
    assert.equal(await pvr('d'), '{}\n');
    assert.equal(place.trail.steps.length, 5);
  });
});
