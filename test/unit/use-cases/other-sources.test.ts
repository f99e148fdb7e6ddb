import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, link, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { initCheckout } from '../../../src/core/checkout/init';
import { parseJson } from '../../../src/core/json/parse';
import { isJsonObject, type JsonObject } from '../../../src/core/json/value';
import { Problem } from '../../../src/core/problem';
import { readFolder } from '../../../src/core/rootfs/folder';
import { walk } from '../../../src/core/rootfs/tree';
import { SquashfsReader } from '../../../src/core/squashfs/reader';
import { addApp, type AddAppRequest } from '../../../src/core/use-cases/add-app';
import { commit } from '../../../src/core/use-cases/commit';
import { exportState } from '../../../src/core/use-cases/export-state';
import { installApp } from '../../../src/core/use-cases/install-app';
import { trackFiles } from '../../../src/core/use-cases/track-files';
import { updateApp, type UpdateAppRequest } from '../../../src/core/use-cases/update-app';
import type { Entry } from '../../image-maker/entry';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { tarArchive } from '../../image-maker/tar-archive';
import { Workshop } from './workshop';

const entries: readonly Entry[] = [
  { path: 'bin', kind: 'directory' },
  { path: 'bin/sh', kind: 'file', content: 'shell\n', mode: 0o4755 },
  { path: 'bin/ash', kind: 'hardlink', target: 'bin/sh' },
  { path: 'bin/l', kind: 'symlink', target: 'sh' },
  { path: 'dev', kind: 'directory' },
  { path: 'dev/null', kind: 'char', major: 1, minor: 3, mode: 0o666 },
  { path: 'etc', kind: 'directory' },
  { path: 'etc/.wh.hosts', kind: 'file', content: 'a name like others\n' },
  { path: 'etc/shadow', kind: 'file', content: 'root\n', mode: 0o640, gid: 42 },
  { path: 'usr', kind: 'directory' },
  { path: 'usr/data', kind: 'file', content: 'x'.repeat(200_000) },
];
const newer: readonly Entry[] = [
  ...entries.filter(({ path: name }) => name !== 'etc/shadow'),
  { path: 'etc/new', kind: 'file', content: 'new\n' },
];
const alpine = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'app\n', mode: 0o755 }])]);
const onAlpine = derive(alpine, [{ path: 'shop', kind: 'file', content: 'shop\n' }]);

const isProblem = (found: RegExp) => (error: unknown) =>
  error instanceof Problem && found.test(error.message);

function object(text: string): JsonObject {
  const value = parseJson(text, 'test');
  if (!isJsonObject(value)) throw new Error(text);
  return value;
}

describe('apps that come from no image', () => {
  let workshop: Workshop;
  let folder: string;
  let sources: string;
  const add = (request: AddAppRequest) =>
    addApp(workshop.checkout, request, workshop.environment, workshop.job());
  const update = (app: string, more: Partial<UpdateAppRequest> = {}) =>
    updateApp(workshop.checkout, { app, kind: 'automatic', ...more }, workshop.environment, workshop.job());
  const install = (app: string) =>
    installApp(workshop.checkout, { app }, workshop.environment, workshop.job());
  const place = (name: string) => path.join(folder, name);
  const sha256 = async (file: string) =>
    createHash('sha256')
      .update(await readFile(path.join(workshop.checkout, file)))
      .digest('hex');
  /** What the checkout has to say against any of its apps. */
  const contradictions = async (directory = workshop.checkout) =>
    (await readCheckout(directory)).apps.flatMap((app) => app.contradictions);

  beforeEach(async () => {
    workshop = await Workshop.open();
    folder = await mkdtemp(path.join(tmpdir(), 'sources-'));
    sources = await workshop.layout('images', { alpine, onalpine: onAlpine });
    await writeFile(place('fs.tar'), tarArchive(entries));
    await writeFile(place('fs.tar.gz'), gzipSync(tarArchive(entries)));
    await writeFile(place('newer.tar'), tarArchive(newer));
  });
  afterEach(async () => {
    await workshop.close();
    await rm(folder, { recursive: true });
  });

  describe('a root file system', () => {
    it('is taken from a tar archive as it is there, with the src.json and digest that pvr writes', async () => {
      const report = await add({
        ...{ app: 'os', type: 'rootfs', reference: place('fs.tar.gz'), group: 'root' },
        config: object('{"Entrypoint": ["/bin/sh"], "Env": ["A=1"]}'),
        volumes: { '/var': 'permanent' },
        formatOptions: '-comp gzip',
      });
      const digest = `sha256:${await sha256('os/root.squashfs')}`;
      assert.equal(report.image, digest);
      assert.equal(await workshop.text('os/root.squashfs.rootfs-digest'), digest);
      assert.equal(await workshop.text('os/root.squashfs.docker-digest'), undefined);
      const lines = [
        '{',
        '  "#spec": "service-manifest-src@1",',
        '  "template": "builtin-lxc-docker",',
        '  "args": {',
        '   "PV_GROUP": "root"',
        '  },',
        '  "docker_config": {',
        '   "Entrypoint": [',
        '    "/bin/sh"',
        '   ],',
        '   "Env": [',
        '    "A=1"',
        '   ]',
        '  },',
        '  "format_options": "-comp gzip",',
        `  "rootfs_url": "${place('fs.tar.gz')}",`,
        `  "rootfs_digest": "${digest}",`,
        '  "persistence": {',
        '   "/var": "permanent"',
        '  }',
        ' }',
      ];
      assert.equal(await workshop.text('os/src.json'), lines.join('\n'));
      assert.match((await workshop.text('os/lxc.container.conf')) ?? '', /^lxc\.init\.cmd = \/bin\/sh$/m);
      const view = await workshop.view('os/root.squashfs');
      assert.deepEqual(Object.keys(view), entries.map((entry) => entry.path).sort());
      assert.equal(view['bin/sh'], 'file 4755 0:0 shell\n');
      assert.equal(view['bin/ash'], view['bin/sh']);
      assert.equal(view['etc/shadow'], 'file 640 0:42 root\n');
      assert.equal(view['dev/null'], 'char 666 0:0');
      assert.deepEqual(await contradictions(), []);
    });

    it('starts with /sbin/init where nobody says with what', async () => {
      await add({ app: 'os', type: 'rootfs', reference: place('fs.tar') });
      assert.match((await workshop.text('os/lxc.container.conf')) ?? '', /^lxc\.init\.cmd = \/sbin\/init$/m);
    });

    it('is taken from a folder with owners, modes, links and times as they are there', async () => {
      const root = place('fs');
      await mkdir(path.join(root, 'etc'), { recursive: true });
      await writeFile(path.join(root, 'etc/a'), 'a\n');
      await chmod(path.join(root, 'etc/a'), 0o4750);
      await link(path.join(root, 'etc/a'), path.join(root, 'etc/b'));
      await symlink('../nowhere', path.join(root, 'etc/link'));
      await mkdir(path.join(root, 'tmp'));
      await chmod(path.join(root, 'tmp'), 0o1777);
      await add({ app: 'os', type: 'rootfs', reference: 'fs', folder });
      assert.equal((await workshop.manifest('os')).fields.rootfs_url, path.relative(workshop.checkout, root));

      await using reader = await SquashfsReader.open(
        path.join(workshop.checkout, 'os/root.squashfs'),
        path.resolve('dist'),
      );
      const made = new Map(walk(await reader.readTree(workshop.job())));
      const there = new Map(walk(await readFolder(root, workshop.job())));
      assert.deepEqual([...made.keys()], [...there.keys()]);
      for (const [name, node] of made) {
        assert.deepEqual(
          { ...node.attributes, xattrs: 0 },
          { ...there.get(name)?.attributes, xattrs: 0 },
          name,
        );
        assert.equal(node.kind, there.get(name)?.kind);
      }
      assert.equal(made.get('etc/a'), made.get('etc/b'));
      assert.equal(there.get('etc/a'), there.get('etc/b'));
      const { uid } = await lstat(path.join(root, 'etc/a'));
      const isToldOf = workshop.warnings.some((warning) => warning.includes('belongs to you'));
      assert.equal(isToldOf, uid !== 0);
    });

    it('is taken from a SquashFS file, and from the web', async () => {
      await add({ app: 'os', type: 'rootfs', reference: place('fs.tar') });
      await add({ app: 'again', type: 'rootfs', reference: 'os/root.squashfs' });
      assert.equal(await sha256('again/root.squashfs'), await sha256('os/root.squashfs'));

      const server = await served(await readFile(place('fs.tar.gz')));
      try {
        const { port } = server.address() as AddressInfo;
        const reference = `http://127.0.0.1:${port}/fs.tar.gz`;
        await add({ app: 'web', type: 'rootfs', reference });
        assert.equal((await workshop.manifest('web')).fields.rootfs_url, reference);
        assert.equal(await sha256('web/root.squashfs'), await sha256('os/root.squashfs'));
        await assert.rejects(
          add({ app: 'gone', type: 'rootfs', reference: `http://127.0.0.1:${port}/none` }),
          isProblem(/answered 404/),
        );
      } finally {
        server.close();
      }
    });

    it('is patched, found unchanged, and packed anew', async () => {
      await add({ app: 'os', type: 'rootfs', reference: place('fs.tar') });
      const base = await sha256('os/root.squashfs');
      assert.equal((await update('os')).outcome, 'unchanged');

      const patched = await update('os', { kind: 'patch', reference: place('newer.tar') });
      assert.deepEqual(
        patched.built.map((file) => file.path),
        ['os/root.ovl.squashfs'],
      );
      const { fields } = await workshop.manifest('os');
      assert.equal(fields.rootfs_digest, `sha256:${base}`);
      assert.equal(fields.docker_ovl_digest, `sha256:${await sha256('os/root.ovl.squashfs')}`);
      assert.equal(await workshop.text('os/root.ovl.squashfs.rootfs-digest'), fields.docker_ovl_digest);
      assert.match(
        (await workshop.text('os/lxc.container.conf')) ?? '',
        /overlayfs:\/volumes\/os\/root\.ovl\.squashfs:\/volumes\/os\/root\.squashfs:/,
      );
      const shown = await workshop.view('os/root.ovl.squashfs', 'os/root.squashfs');
      assert.equal(shown['etc/shadow'], undefined);
      assert.equal(shown['etc/new'], 'file 644 0:0 new\n');
      assert.deepEqual(await contradictions(), []);
      assert.equal((await update('os')).outcome, 'unchanged');

      await update('os', { kind: 'new-base' });
      assert.equal(await workshop.text('os/root.ovl.squashfs'), undefined);
      assert.equal(await workshop.text('os/root.ovl.squashfs.rootfs-digest'), undefined);
      const after = await workshop.manifest('os');
      assert.equal(after.fields.docker_ovl_digest, undefined);
      assert.equal(after.fields.rootfs_digest, `sha256:${await sha256('os/root.squashfs')}`);
      assert.deepEqual(await workshop.view('os/root.squashfs'), shown);
      assert.deepEqual(await contradictions(), []);
    });

    it('is the base of an app from an image, and lies over the base of one', async () => {
      await add({ app: 'os', type: 'rootfs', reference: place('fs.tar'), group: 'root' });
      await add({ app: 'shop', base: 'os', reference: 'localhost:1/x:alpine', sources });
      const { fields } = await workshop.manifest('shop');
      assert.equal(fields.docker_digest, `sha256:${await sha256('os/root.squashfs')}`);
      await add({ app: 'alpine', reference: 'localhost:1/x:alpine', sources, group: 'root' });
      await add({ app: 'over', type: 'rootfs', base: 'alpine', reference: place('fs.tar') });
      const over = (await workshop.manifest('over')).fields;
      assert.equal(over.docker_digest, (await workshop.manifest('alpine')).fields.docker_digest);
      assert.equal(over.rootfs_digest, `sha256:${await sha256('over/root.ovl.squashfs')}`);
      assert.equal(over.docker_ovl_digest, over.rootfs_digest);
      assert.deepEqual(await contradictions(), []);

      const before = [
        await workshop.view('shop/root.ovl.squashfs', 'os/root.squashfs'),
        await workshop.view('over/root.ovl.squashfs', 'alpine/root.squashfs'),
      ];
      const renewed = await update('os', { reference: place('newer.tar') });
      assert.ok(renewed.built.some((file) => file.path === 'shop/root.ovl.squashfs'));
      await update('alpine', { reference: 'localhost:1/x:onalpine', sources });
      assert.deepEqual(
        [
          await workshop.view('shop/root.ovl.squashfs', 'os/root.squashfs'),
          await workshop.view('over/root.ovl.squashfs', 'alpine/root.squashfs'),
        ],
        before,
      );
      assert.deepEqual(await contradictions(), []);
      assert.equal((await update('over')).outcome, 'unchanged');
    });

    it('is the base of others also where nothing says what it was made from', async () => {
      await add({ app: 'os', type: 'rootfs', reference: place('fs.tar'), group: 'root' });
      for (const file of ['src.json', 'root.squashfs.rootfs-digest'])
        await rm(path.join(workshop.checkout, 'os', file));
      await add({ app: 'shop', base: 'os', reference: 'localhost:1/x:alpine', sources });
      const { fields } = await workshop.manifest('shop');
      assert.equal(fields.docker_digest, `sha256:${await sha256('os/root.squashfs')}`);
    });

    it('is built again where it is missing, and nothing is told of an image', async () => {
      await add({ app: 'os', type: 'rootfs', reference: place('fs.tar') });
      const before = await workshop.text('os/src.json');
      await rm(path.join(workshop.checkout, 'os/root.squashfs'));
      assert.equal((await install('os')).outcome, 'installed');
      assert.equal(await workshop.text('os/src.json'), before);
      assert.equal((await install('os')).outcome, 'unchanged');

      await rm(path.join(workshop.checkout, 'os/root.squashfs'));
      await writeFile(place('fs.tar'), tarArchive(newer));
      await install('os');
      assert.ok(
        workshop.warnings.some((warning) => warning.includes('is not what it was when src.json was written')),
      );
      assert.deepEqual(await contradictions(), []);
    });

    it('takes the place of an app only where that is asked for, and then nothing of that stays', async () => {
      await add({ app: 'os', reference: 'localhost:1/x:alpine', sources });
      await writeFile(path.join(workshop.checkout, 'os/mdev.json'), '{}');
      const request: AddAppRequest = { app: 'os', type: 'rootfs', reference: place('fs.tar') };
      await assert.rejects(add(request), isProblem(/there is os already/));
      await add({ ...request, isForced: true });
      assert.equal(await workshop.text('os/mdev.json'), undefined);
      assert.equal(await workshop.text('os/root.squashfs.docker-digest'), undefined);
      assert.equal((await workshop.manifest('os')).fields.docker_name, undefined);
      await add({ ...request, isForced: true });
      assert.deepEqual(await contradictions(), []);
    });

    it('takes the place of the image that an app was made from, as a new base', async () => {
      await add({ app: 'os', reference: 'localhost:1/x:alpine', sources });
      const wanted = { type: 'rootfs', reference: place('fs.tar') } as const;
      await assert.rejects(update('os', { ...wanted, kind: 'patch' }), isProblem(/another kind/));
      await update('os', wanted);
      const { fields } = await workshop.manifest('os');
      assert.equal(fields.docker_name, undefined);
      assert.equal(await workshop.text('os/root.squashfs.docker-digest'), undefined);
      assert.deepEqual(await contradictions(), []);
    });

    it('is told from an image, whose program may be another one, too, which updates leave alone', async () => {
      const config = object('{"Cmd": ["/bin/other"]}');
      await add({ app: 'web', reference: 'localhost:1/x:alpine', sources, config });
      await update('web', { reference: 'localhost:1/x:onalpine', sources });
      assert.equal((await workshop.manifest('web')).fields.config?.size, 1);
      const conf = await workshop.text('web/lxc.container.conf');
      assert.match(conf ?? '', /^lxc\.init\.cmd = \/bin\/other$/m);
    });

    it('is refused where it is something else, and said how that is meant', async () => {
      const refused = async (name: string, found: RegExp) => {
        const request: AddAppRequest = { app: 'os', type: 'rootfs', reference: place(name) };
        await assert.rejects(add(request), isProblem(found));
      };
      await refused('nothing', /nothing lies there/);
      await writeFile(place('text'), 'no archive\n'.repeat(100));
      await refused('text', /reading .*text/);
      await writeFile(place('layout.tar'), tarArchive([{ path: 'oci-layout', kind: 'file', content: '{}' }]));
      await refused('layout.tar', /archive of an image, .*--source archive:PATH/);
      await initCheckout(place('other'), { objectsDirectory: place('objects') });
      await refused('other', /it is a checkout, .*--type pvr/);
      await assert.rejects(add({ app: 'os', reference: place('fs.tar') }), isProblem(/--type rootfs/));
      await assert.rejects(add({ app: 'os', type: 'rootfs', reference: 'ssh://x/y' }), isProblem(/http/));
    });
  });

  describe('an app of another checkout', () => {
    let other: string;
    const commitAll = async (directory: string) => {
      const { pool } = workshop.environment;
      await trackFiles(directory, { patterns: [], isRaw: false }, pool, workshop.job());
      await commit(directory, { message: 'x' }, pool, workshop.job());
    };
    const addThere = (request: AddAppRequest) => addApp(other, request, workshop.environment, workshop.job());
    const updateThere = (app: string, more: Partial<UpdateAppRequest>) =>
      updateApp(other, { app, kind: 'automatic', ...more }, workshop.environment, workshop.job());

    beforeEach(async () => {
      other = place('other');
      await initCheckout(other, { objectsDirectory: place('objects') });
      await addThere({ app: 'os', type: 'rootfs', reference: place('fs.tar'), group: 'root' });
      await addThere({ app: 'shop', base: 'os', reference: 'localhost:1/x:alpine', sources });
      await commitAll(other);
    });

    it('comes with the very bytes of its file system, under another name', async () => {
      await add({ app: 'system', type: 'pvr', reference: `${other}#os`, group: 'app' });
      assert.equal(
        await sha256('system/root.squashfs'),
        createHash('sha256')
          .update(await readFile(path.join(other, 'os/root.squashfs')))
          .digest('hex'),
      );
      const { fields } = await workshop.manifest('system');
      assert.equal(fields.pvr, `${other}#os`);
      assert.equal(fields.rootfs_url, undefined);
      assert.equal(fields.args?.get('PV_GROUP'), 'app');
      assert.match((await workshop.text('system/run.json')) ?? '', /"name":"system"/);
      assert.match(
        (await workshop.text('system/lxc.container.conf')) ?? '',
        /\/volumes\/system\/root\.squashfs/,
      );
      assert.deepEqual(await contradictions(), []);
      assert.equal((await readCheckout(workshop.checkout)).apps[0]?.source.kind, 'pvr');
    });

    it('is brought up to date from there, whole or as a patch, or is found unchanged', async () => {
      await add({ app: 'os', type: 'pvr', reference: path.relative(folder, other), folder });
      assert.equal(
        (await workshop.manifest('os')).fields.pvr,
        `${path.relative(workshop.checkout, other)}#os`,
      );
      assert.equal((await update('os')).outcome, 'unchanged');
      const old = await sha256('os/root.squashfs');

      await updateThere('os', { reference: place('newer.tar') });
      await commitAll(other);
      await update('os', { kind: 'patch' });
      assert.equal(await sha256('os/root.squashfs'), old);
      const shown = await workshop.view('os/root.ovl.squashfs', 'os/root.squashfs');
      assert.equal(shown['etc/new'], 'file 644 0:0 new\n');
      assert.deepEqual(await contradictions(), []);
      assert.equal((await update('os')).outcome, 'unchanged');

      await update('os', { kind: 'new-base' });
      assert.equal(await workshop.text('os/root.ovl.squashfs'), undefined);
      assert.deepEqual(await workshop.view('os/root.squashfs'), shown);
      assert.deepEqual(await contradictions(), []);
    });

    it('has a base of its own here where it extended another app there, or lies over one that is here', async () => {
      await add({ app: 'shop', type: 'pvr', reference: `${path.join(other, '.pvr')}#shop` });
      const { fields } = await workshop.manifest('shop');
      assert.equal(fields.base, undefined);
      const view = await workshop.view('shop/root.squashfs');
      assert.equal(view['bin/app'], 'file 755 0:0 app\n');
      await add({ app: 'os', type: 'pvr', reference: `${other}#os`, group: 'root' });
      await add({ app: 'small', type: 'pvr', base: 'os', reference: `${other}#shop` });
      assert.deepEqual(await workshop.view('small/root.ovl.squashfs', 'os/root.squashfs'), view);
      assert.deepEqual(await contradictions(), []);
    });

    it('comes out of an export', async () => {
      const file = place('out.tgz');
      await exportState(other, { file, parts: [] }, workshop.job());
      await add({ app: 'os', type: 'pvr', reference: `${file}#os` });
      await rm(path.join(workshop.checkout, 'os/root.squashfs'));
      assert.equal((await install('os')).outcome, 'installed');
      assert.deepEqual(await contradictions(), []);
    });

    it('has to be named where there are several', async () => {
      await assert.rejects(
        add({ app: 'new', type: 'pvr', reference: other }),
        isProblem(/there are os, shop.*PATH#APP/s),
      );
      await assert.rejects(
        add({ app: 'new', type: 'pvr', reference: `${other}#nobody` }),
        isProblem(/it has no such part/),
      );
    });
  });
});

/** A server of one file. */
async function served(bytes: Buffer): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/fs.tar.gz') response.end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}
