import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { checkoutFiles } from '../../device-view/checkout-files';
import { Pvx } from '../../device-view/pvx';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';

const v1 = makeImage([makeLayer([{ path: 'usr/bin/app', kind: 'file', content: '1'.repeat(5000) }])]);
const v2 = derive(v1, [{ path: 'usr/bin/app', kind: 'file', content: '2'.repeat(7000) }]);

/** Linux' user of that name. */
const nobody = 65_534;

interface Source {
  readonly docker_tag: string;
  readonly docker_ovl_digest?: string;
  readonly base?: string;
  readonly format_options?: string;
  readonly args?: Record<string, unknown>;
  readonly persistence?: Record<string, string>;
}

describe("the command line in pvr's grammar", () => {
  let folder: string;
  let checkout: string;
  let archive: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pvr-grammar-'));
    const layout = path.join(folder, 'layout');
    await writeOciLayout(layout, { v1, v2 });
    archive = `archive:${layout}`;
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    checkout = await mkdtemp(path.join(folder, 'checkout-'));
    await pvx().run(checkout, 'init');
  });

  /** @param environment pvr's variables. */
  const pvx = (environment: NodeJS.ProcessEnv = {}) => new Pvx(path.join(folder, 'home'), environment);
  const run = (...words: readonly string[]) => pvx().run(checkout, ...words);

  async function sourceOf(app: string): Promise<Source> {
    return JSON.parse(await readFile(path.join(checkout, app, 'src.json'), 'utf8')) as Source;
  }

  async function addWeb(): Promise<void> {
    await run('app', 'add', 'web', '--from', 'localhost/app:v1', '--source', archive);
  }

  it('knows the short names and short options', async () => {
    const from = ['--from', 'localhost/app:v1', '--source', archive];
    await run('ap', 'aa', ...from, '-o', '-comp gzip', 'web');
    assert.equal((await sourceOf('web')).format_options, '-comp gzip');
    await run('ap', 'au', '--from', 'localhost/app:v2', '--source', archive, '--patch', 'web');
    assert.equal((await sourceOf('web')).docker_tag, 'v2');
    await run('ap', 'ai', 'web', '--source', archive);
    assert.match(await run('ap', 'l'), /^web .*patched/m);
    await run('ap', 'r', 'web');
    assert.equal(await run('ap', 'l', '-q'), '');
  });

  it('takes long options with one dash, and leaves other words as they are', async () => {
    await run(
      'app',
      'add',
      '-from=localhost/app:v1',
      '-source',
      archive,
      '-format-options',
      '-comp gzip',
      'web',
    );
    assert.equal((await sourceOf('web')).format_options, '-comp gzip');
    await run('app', 'update', '-patch', '-from', 'localhost/app:v2', '-source', archive, 'web');
    assert.ok((await sourceOf('web')).docker_ovl_digest);
    await assert.rejects(run('app', 'update', '-newbases', 'web'), {
      code: 2,
      stderr: /unknown option '-newbases'/,
    });
  });

  it('prints src.json as it lies there, and all that is known of an app on demand', async () => {
    await addWeb();
    const source = await readFile(path.join(checkout, 'web', 'src.json'), 'utf8');
    assert.equal((await run('app', 'info', 'web')).trimEnd(), source.trimEnd());
    assert.match(await run('app', 'i', 'web', '--table'), /^app: +web$/m);
    await assert.rejects(run('app', 'info', 'nowhere'), { code: 1, stderr: /nowhere.*there is no such app/ });
  });

  it('lists names alone for scripts', async () => {
    await addWeb();
    await run('app', 'add', 'shop', '--from', 'localhost/app:v2', '--source', archive);
    assert.equal(await run('app', 'ls', '-q'), 'shop\nweb\n');
    assert.equal(
      await run('app', 'ls', '--quiet', '--json'),
      `${JSON.stringify(['shop', 'web'], undefined, 2)}\n`,
    );
  });

  it("takes what wasn't typed from pvr's variables", async () => {
    const variables = {
      PVR_FROM: 'localhost/app:v1',
      PVR_SOURCE: archive,
      PVR_STATUS_GOAL: 'STARTED',
      PVR_RESTART_POLICY: 'container',
      PVR_TEMPLATE_ARG: 'PV_DEBUG_MODE=yes,LXC_TTY_MAX=4',
      PVR_PERSISTENCE_VOLUME: '/data:permanent,/tmp/x:boot',
      PVR_FORMAT_OPTIONS: '-comp gzip',
    };
    await pvx(variables).run(checkout, 'app', 'add', 'web');
    const { args, persistence, format_options } = await sourceOf('web');
    assert.deepEqual(args, {
      PV_STATUS_GOAL: 'STARTED',
      PV_RESTART_POLICY: 'container',
      PV_DEBUG_MODE: 'yes',
      LXC_TTY_MAX: '4',
    });
    assert.deepEqual(persistence, { '/data': 'permanent', '/tmp/x': 'boot' });
    assert.equal(format_options, '-comp gzip');
    // What is typed wins.
    await pvx(variables).run(
      checkout,
      'app',
      'add',
      'shop',
      '--arg',
      'PV_DEBUG_MODE=a,b',
      '--status-goal',
      'READY',
    );
    assert.deepEqual((await sourceOf('shop')).args, {
      PV_STATUS_GOAL: 'READY',
      PV_RESTART_POLICY: 'container',
      PV_DEBUG_MODE: 'a,b',
    });
    const odd = { ...variables, PVR_TEMPLATE_ARG: 'nonsense' };
    await assert.rejects(pvx(odd).run(checkout, 'app', 'add', 'odd'), {
      code: 2,
      stderr: /PVR_TEMPLATE_ARG is "nonsense". Write it as KEY=VALUE/,
    });
  });

  it("reads switches in variables as Go does, and doesn't let them contradict what is typed", async () => {
    await addWeb();
    const from = ['--from', 'localhost/app:v2', '--source', archive, 'web'];
    const update = (variables: NodeJS.ProcessEnv, ...more: string[]) =>
      pvx(variables).run(checkout, 'app', 'update', ...from, ...more);
    await assert.rejects(update({ PVR_APP_UPDATE_PATCH: 'yes' }), {
      code: 2,
      stderr: /PVR_APP_UPDATE_PATCH is "yes". Write 1 or 0/,
    });
    await update({ PVR_APP_UPDATE_PATCH: '1' }, '--newbase');
    assert.equal((await sourceOf('web')).docker_ovl_digest, undefined);
    await pvx({ PVR_APP_UPDATE_PATCH: 'true' }).run(
      ...([checkout, 'app', 'update', '--from', 'localhost/app:v1', '--source', archive, 'web'] as const),
    );
    assert.ok((await sourceOf('web')).docker_ovl_digest);
  });

  it('takes runlevels, and arguments of any type from a file', async () => {
    const file = path.join(folder, 'args.json');
    await writeFile(file, '{"PV_LXC_CAP_DROP": ["SYS_ADMIN"], "LXC_TTY_MAX": "2"}');
    const from = ['--from', 'localhost/app:v1', '--source', archive];
    await run(
      'app',
      'add',
      'web',
      ...from,
      '--runlevel',
      'root',
      '--arg-json',
      file,
      '--arg',
      'LXC_TTY_MAX=3',
    );
    assert.deepEqual((await sourceOf('web')).args, {
      PV_LXC_CAP_DROP: ['SYS_ADMIN'],
      LXC_TTY_MAX: '3',
      PV_RUNLEVEL: 'root',
    });
    const run1 = JSON.parse(await readFile(path.join(checkout, 'web', 'run.json'), 'utf8')) as {
      runlevel?: string;
    };
    assert.equal(run1.runlevel, 'root');
    await assert.rejects(run('app', 'add', 'b', ...from, '--runlevel', 'root', '--group', 'app'), {
      code: 2,
    });
    await writeFile(file, '["PV_LXC_CAP_DROP"]');
    await assert.rejects(run('app', 'add', 'b', ...from, '--arg-json', file), {
      code: 1,
      stderr: /args\.json: it is no JSON object\. Name a file/,
    });
    await assert.rejects(run('app', 'add', 'b', ...from, '--arg-json', `${file}.gone`), {
      code: 1,
      stderr: /there is no such file/,
    });
  });

  it('patches over the base that is named, where it is the right one', async () => {
    await addWeb();
    const from = ['--from', 'localhost/app:v2', '--source', archive];
    await assert.rejects(run('app', 'update', 'web', ...from, '--base', 'shop'), {
      code: 1,
      stderr: /web has a base of its own.*Name web/,
    });
    await run('app', 'update', 'web', ...from, '--base', 'web/');
    assert.ok((await sourceOf('web')).docker_ovl_digest);
    await run('app', 'add', 'shop', ...from, '--base', 'web');
    await assert.rejects(run('app', 'install', 'shop', '--source', archive, '--base', 'shop'), {
      code: 1,
      stderr: /shop extends web, not shop/,
    });
    await run('app', 'install', 'shop', '--source', archive, '--base', 'web');
  });

  it('tells of progress in lines of JSON, or not at all', async () => {
    const add = (app: string, ...more: string[]) =>
      pvx().runBoth(checkout, 'app', 'add', app, '--from', 'localhost/app:v1', '--source', archive, ...more);
    assert.match((await add('web')).stderr, /^Compressing/m);
    assert.equal((await add('quiet', '-q')).stderr, '');
    const { stderr } = await add('shop', '--progress', 'json');
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { phase?: string; done?: number });
    for (const phase of ['resolve', 'compress', 'install'])
      assert.ok(
        lines.some((line) => line.phase === phase && typeof line.done === 'number'),
        phase,
      );
  });

  it(
    'previews a patch in a checkout that one may only read',
    { skip: process.platform === 'win32' },
    async () => {
      await addWeb();
      const home = await mkdtemp(path.join(folder, 'home-'));
      // Root may write everywhere.
      const isRoot = process.getuid?.() === 0;
      if (isRoot) await chown(home, nobody, nobody);
      await chmod(folder, 0o755);
      const folders = [checkout, path.join(checkout, '.pvr'), path.join(checkout, 'web')];
      for (const one of folders) await chmod(one, 0o555);
      const before = await checkoutFiles(checkout);
      try {
        const line = [
          'app',
          'update',
          'web',
          '--patch',
          '--dry-run',
          '--from',
          'localhost/app:v2',
          '--source',
          archive,
        ];
        const { stdout } = await promisify(execFile)(
          process.execPath,
          [path.resolve('dist/cli.js'), ...line],
          {
            cwd: checkout,
            env: { ...process.env, HOME: home, PVX_CACHE_DIR: path.join(home, 'cache'), TMPDIR: home },
            ...(isRoot && { uid: nobody, gid: nobody }),
          },
        );
        assert.match(stdout, /root\.ovl\.squashfs/);
      } finally {
        for (const one of folders) await chmod(one, 0o755);
      }
      assert.deepEqual(await checkoutFiles(checkout), before);
      assert.deepEqual(
        (await readdir(home)).filter((name) => name.startsWith('pvx-preview-')),
        [],
      );
    },
  );

  describe('logins to registries', () => {
    let server: Server;
    let asked: string[];
    let reference: string;

    before(async () => {
      server = createServer((request, response) => {
        asked.push(request.headers.authorization ?? '');
        response.writeHead(401, { 'www-authenticate': 'Basic realm="here"' }).end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      reference = `127.0.0.1:${(server.address() as AddressInfo).port}/app:v1`;
    });
    after(() => server.close());
    beforeEach(() => (asked = []));

    const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;

    /** @returns what it wrote to stderr. */
    async function tryToAdd(
      words: readonly string[],
      { stdin = '', environment = {} }: { stdin?: string; environment?: NodeJS.ProcessEnv } = {},
    ): Promise<string> {
      const line = ['app', 'add', 'web', '--from', reference, '--source', 'remote', ...words];
      const home = path.join(folder, 'home');
      const child = spawn(process.execPath, [path.resolve('dist/cli.js'), ...line], {
        cwd: checkout,
        env: { ...process.env, HOME: home, PVX_CACHE_DIR: path.join(home, 'cache'), ...environment },
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      child.stdin.end(stdin);
      return text(child.stderr);
    }

    it('take the password from stdin, a variable or behind -p, of which they warn', async () => {
      await tryToAdd(['-u', 'ann', '--password-stdin'], { stdin: 'from stdin\n' });
      assert.ok(asked.includes(basic('ann:from stdin')), String(asked));
      const quiet = await tryToAdd(['-u', 'ann'], {
        environment: { PVR_REGISTRY_PASSWORD: 'from variable' },
      });
      assert.ok(asked.includes(basic('ann:from variable')), String(asked));
      assert.doesNotMatch(quiet, /can see/);
      const warned = await tryToAdd(['-u', 'ann', '-p', 'typed']);
      assert.ok(asked.includes(basic('ann:typed')), String(asked));
      assert.match(warned, /others on this machine can see a password/);
      for (const said of [quiet, warned]) assert.doesNotMatch(said, /typed\b(?! behind)|from variable/);
    });

    it('say what is missing where nobody can be asked', async () => {
      assert.match(
        await tryToAdd(['-u', 'ann']),
        /no terminal to ask for the password of ann.*--password-stdin/,
      );
      assert.match(await tryToAdd(['-p', 'x']), /nobody whose it is.*--username/);
      assert.deepEqual(asked, []);
    });
  });
});
