import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Pvx } from '../device-view/pvx';
import { makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { run } from './docker-registry';

const v1 = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'one', mode: 0o755 }])]);
const v2 = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'two', mode: 0o755 }])]);

/** A FAT has no modes, no links, and finds a name however it is capitalized: as on a memory stick, or a Windows folder. */
const skip = !existsSync('/dev/fuse') && 'this machine has no /dev/fuse';

describe('a checkout on a FAT file system', { skip }, () => {
  let folder: string;
  let mounted: string;
  let source: string;
  let pvx: Pvx;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'fat-'));
    mounted = path.join(folder, 'mounted');
    source = `archive:${path.join(folder, 'layout')}`;
    pvx = new Pvx(path.join(folder, 'home'));
    await writeOciLayout(path.join(folder, 'layout'), { 'localhost:1/web:v1': v1, 'localhost:1/web:v2': v2 });
    const disk = path.join(folder, 'disk');
    await writeFile(disk, '');
    await truncate(disk, 32_000_000);
    await run('/usr/sbin/mkfs.vfat', [disk]);
    await mkdir(mounted);
    await run('fusefat', [disk, mounted, '-o', 'rw+']);
  });
  after(async () => {
    await run('umount', [mounted]);
    await rm(folder, { recursive: true });
  });

  /** By hand: fusefat loses what is in a folder that is renamed, as `pvx init` does. */
  async function newCheckout(parent: string): Promise<string> {
    const checkout = path.join(parent, 'checkout');
    await mkdir(path.join(checkout, '.pvr'), { recursive: true });
    await writeFile(path.join(checkout, '.pvr', 'json'), '{"#spec":"pantavisor-service-system@1"}');
    return checkout;
  }

  it('gets the same files as anywhere else', async () => {
    const checkouts = [await newCheckout(mounted), await newCheckout(path.join(folder, 'elsewhere'))];
    const files = ['root.squashfs', 'root.ovl.squashfs', 'run.json', 'src.json', 'lxc.container.conf'];
    const [onFat, elsewhere] = await Promise.all(
      checkouts.map(async (checkout) => {
        await pvx.run(checkout, 'app', 'add', 'web', '--from', 'localhost:1/web:v1', '--source', source);
        const patch = ['--patch', '--from', 'localhost:1/web:v2', '--source', source];
        await pvx.run(checkout, 'app', 'update', 'web', ...patch);
        return Promise.all(files.map((file) => readFile(path.join(checkout, 'web', file))));
      }),
    );
    assert.deepEqual(onFat, elsewhere);
  });

  it('knows apps by their exact names only, as pvr and devices do', async () => {
    const checkout = path.join(mounted, 'checkout');
    const state = () => readFile(path.join(checkout, '.pvr', 'new'), 'utf8');
    const before = await state();
    assert.ok(existsSync(path.join(checkout, 'WEB', 'src.json')), 'it finds it under another name');
    for (const command of [
      ['update', 'WEB'],
      ['install', 'WEB'],
      ['files', 'WEB'],
      ['rm', 'WEB'],
      ['info', 'WEB'],
    ])
      await assert.rejects(pvx.run(checkout, 'app', ...command), /no (such )?app/);
    await assert.rejects(
      pvx.run(checkout, 'app', 'add', 'Web', '--from', 'localhost:1/web:v1', '--source', source),
      /there is an app web already, and not every system tells upper from lower case/,
    );
    assert.equal(await state(), before);
    const { apps } = JSON.parse(await pvx.run(checkout, 'app', 'ls', '--json')) as {
      apps: readonly unknown[];
    };
    assert.equal(apps.length, 1);
  });
});
