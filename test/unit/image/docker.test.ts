import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { BlobCache } from '../../../src/core/image/blob-cache';
import { defaultSockets, findDockerEndpoint } from '../../../src/core/image/docker/endpoint';
import { watchLocalImages } from '../../../src/core/image/docker/watch-images';
import { fetchLayers } from '../../../src/core/image/fetch-layers';
import { createImageFinder } from '../../../src/core/image/find-image';
import type { ProcessEnvironment } from '../../../src/core/net/process-environment';
import { Problem } from '../../../src/core/problem';
import { dockerArchive, dockerArchiveEntries } from '../../image-maker/docker-archive';
import type { Entry } from '../../image-maker/entry';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer, sha256 } from '../../image-maker/layer';
import { tarArchive } from '../../image-maker/tar-archive';
import { temporaryFolder, writeFiles } from '../checkout/temporary-folder';
import { serve, type TestServer } from './http-server';
import { watchedJob } from './watched-job';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);

const image = derive(
  makeImage([makeLayer([{ path: 'etc', kind: 'directory' }])]),
  [{ path: 'etc/app', kind: 'file', content: 'app '.repeat(100_000) }],
  { compression: 'gzip' },
);
const layers = image.layers.map(({ tar }) => tar);
const id = sha256(Buffer.from('the image'));
const repoDigest = sha256(Buffer.from('the manifest'));

/** The part of an answer to `docker inspect` that counts, and some of the rest. */
const inspected = {
  Id: id,
  RepoTags: ['app:v1'],
  RepoDigests: [] as string[],
  Created: '2024-01-02T03:04:05.999Z',
  Config: { Hostname: '', Cmd: ['/bin/app'], Env: null, Labels: null, OnBuild: null, AttachStdin: false },
  Architecture: 'arm',
  Variant: 'v7',
  Os: 'linux',
  Size: 400_000,
  RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
};

const saved = dockerArchive([{ image, names: ['app:v1'] }]);

type Answer = (url: URL, response: ServerResponse, request: IncomingMessage) => void;

const json = (response: ServerResponse, status: number, document: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));

const usual: Answer = (url, response) => {
  if (/^\/images\/app:v1\/json$/.test(url.pathname)) json(response, 200, inspected);
  else if (url.pathname === `/images/${id}/get`) response.end(saved);
  else json(response, 404, { message: `No such image: ${url.pathname}` });
};

async function daemon(answer: Answer = usual): Promise<TestServer> {
  const server = await serve((request, response) =>
    answer(new URL(request.url ?? '', 'http://docker'), response, request),
  );
  after(() => server.close());
  return server;
}

const newCache = () => new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30);

function finderFor(host: string, cache = newCache()) {
  const environment = {
    env: { DOCKER_HOST: `tcp://${host}`, PATH: process.env['PATH'] },
    homeDirectory: temporaryFolder(),
    platform: process.platform,
  };
  return createImageFinder({ environment, cache, codecs: path.resolve('dist') });
}

const wanted = (reference = 'app:v1', ...platforms: readonly string[]) => ({
  reference,
  sources: [{ kind: 'local' }] as const,
  platforms,
});

describe('an image in docker', () => {
  it('is known without being transferred', async () => {
    const { host, requests } = await daemon();
    const opened = await finderFor(host).find(wanted('app:v1', 'linux/arm64', 'armhf'), watchedJob());
    await opened[Symbol.asyncDispose]();
    const { name, tag, digest, source, platform, matchedPlatform, config } = opened;
    assert.deepEqual(
      { name, tag, digest, source, platform, matchedPlatform, config },
      {
        name: 'app',
        tag: 'v1',
        digest: id,
        source: 'local',
        platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
        matchedPlatform: 'armhf',
        config: {
          created: Date.UTC(2024, 0, 2, 3, 4, 5) / 1000,
          config: { Hostname: '', Cmd: ['/bin/app'], AttachStdin: false },
        },
      },
    );
    assert.deepEqual(
      opened.layers.map(({ diffId }) => diffId),
      inspected.RootFS.Layers,
    );
    assert.ok(requests.every((request) => request.includes('/json')));
  });

  it('has the digest of the repository that it was asked for from', async () => {
    const other = sha256(Buffer.from('other'));
    const RepoDigests = [
      `mirror.example/app@${other}`,
      'not a digest',
      `docker.io/library/app@${repoDigest}`,
      `app@${other}`,
    ];
    const { host } = await daemon((url, response) => {
      const isPinned = url.pathname === `/images/mirror.example/app@${other}/json`;
      json(response, isPinned || url.pathname === '/images/app:v1/json' ? 200 : 404, {
        ...inspected,
        RepoDigests,
      });
    });
    const finder = finderFor(host);
    assert.equal(await finder.currentDigest(wanted(), watchedJob()), `app@${repoDigest}`);
    assert.equal((await finder.find(wanted(), watchedJob())).digest, `app@${repoDigest}`);
    const pinned = `mirror.example/app@${other}`;
    assert.equal(await finder.currentDigest(wanted(pinned), watchedJob()), pinned);
    assert.equal(await finder.currentDigest(wanted(`mirror.example/app:v1@${other}`), watchedJob()), pinned);
  });

  it('is transferred once, all layers at a time, however many want them', async () => {
    const { host, requests } = await daemon();
    const cache = newCache();
    const finder = finderFor(host, cache);
    const transfers = () => requests.filter((request) => request.endsWith('/get')).length;
    const job = watchedJob();
    const found = await Promise.all([finder.find(wanted(), job), finder.find(wanted(), watchedJob())]);
    await Promise.all(found.map(({ layers: each }) => fetchLayers(each, job)));
    assert.equal(transfers(), 1);
    const [one, other] = found;
    assert.deepEqual(await Promise.all(one.layers.map((layer) => buffer(layer.open(watchedJob())))), layers);
    assert.equal(job.reports.at(-1)?.done, job.reports.at(-1)?.total);

    const again = await finderFor(host, new BlobCache(cache.directory, 2 ** 30)).find(wanted(), watchedJob());
    assert.deepEqual(
      await Promise.all(again.layers.map((layer) => buffer(layer.open(watchedJob())))),
      layers,
    );
    assert.equal(transfers(), 1);
    await Promise.all([one, other, again].map((each) => each[Symbol.asyncDispose]()));
  });

  it('may come with compressed layers, from daemons that keep images in containerd', async () => {
    const entries = dockerArchiveEntries([{ image, names: ['app:v1'] }]).map((entry): Entry =>
      entry.kind === 'file' && entry.path.endsWith('layer.tar')
        ? { ...entry, content: gzipSync(entry.content) }
        : entry,
    );
    const { host, requests } = await daemon((url, response, request) => {
      if (url.pathname === `/images/${id}/get`) response.end(tarArchive(entries));
      else usual(url, response, request);
    });
    const cache = newCache();
    const found = await finderFor(host, cache).find(wanted(), watchedJob());
    await fetchLayers(found.layers, watchedJob());
    for (const times of [1, 2]) {
      const read = await Promise.all(found.layers.map((layer) => buffer(layer.open(watchedJob()))));
      assert.deepEqual(read, layers, `read for time ${times}`);
    }
    const again = await finderFor(host, new BlobCache(cache.directory, 2 ** 30)).find(wanted(), watchedJob());
    await fetchLayers(again.layers, watchedJob());
    assert.equal(requests.filter((request) => request.includes('/get')).length, 1);
  });

  it('is never taken for another platform', async () => {
    const { host } = await daemon();
    await assert.rejects(
      finderFor(host).find(wanted('app:v1', 'linux/amd64', 'linux/arm/v6'), watchedJob()),
      problem(
        /platform of app:v1 in docker: .*built for linux\/arm\/v7, and linux\/amd64 or linux\/arm\/v6 is wanted/,
      ),
    );
  });

  it('is asked for by platform, for daemons that keep several', async () => {
    const { host, requests } = await daemon((url, response, request) => {
      const platform = url.searchParams.get('platform');
      if (!url.pathname.endsWith('/json')) usual(url, response, request);
      else if (platform === null) json(response, 200, { ...inspected, Architecture: 'amd64', Variant: '' });
      else if (platform === '{"os":"linux","architecture":"arm","variant":"v7"}')
        json(response, 200, inspected);
      else
        json(response, 404, {
          message: 'image with reference app:v1 was found but does not match the platform',
        });
    });
    const found = await finderFor(host).find(wanted('app:v1', 'linux/riscv64', 'linux/arm/v7'), watchedJob());
    assert.equal(found.matchedPlatform, 'linux/arm/v7');
    await fetchLayers(found.layers, watchedJob());
    const platform = encodeURIComponent('{"os":"linux","architecture":"arm","variant":"v7"}');
    assert.equal(requests.at(-1), `GET /images/${id}/get?platform=${platform}`);
  });

  it('may come with those for other platforms', async () => {
    const other = makeImage([makeLayer([{ path: 'other', kind: 'directory' }]), ...image.layers.slice(1)]);
    const both = dockerArchive([
      { image: other, names: [] },
      { image, names: [] },
    ]);
    const { host } = await daemon((url, response, request) => {
      if (url.pathname === `/images/${id}/get`) response.end(both);
      else usual(url, response, request);
    });
    const found = await finderFor(host).find(wanted(), watchedJob());
    assert.deepEqual(
      await Promise.all(found.layers.map((layer) => buffer(layer.open(watchedJob())))),
      layers,
    );
  });

  it('is missed in words', async () => {
    const { host } = await daemon();
    await assert.rejects(
      finderFor(host).find(wanted('nothing:v1'), watchedJob()),
      problem(/^asking docker for nothing:v1: docker does not have the image nothing:v1\. Build or pull it/),
    );
  });

  describe('whose daemon fails', () => {
    const failing = async (get: Answer, found: RegExp) => {
      const { host } = await daemon((url, response, request) =>
        url.pathname.endsWith('/get') ? get(url, response, request) : usual(url, response, request),
      );
      const cache = newCache();
      const opened = await finderFor(host, cache).find(wanted(), watchedJob());
      await assert.rejects(fetchLayers(opened.layers, watchedJob()), problem(found));
      await opened[Symbol.asyncDispose]();
      return cache;
    };
    const blobsOf = ({ directory }: BlobCache) => {
      const folder = path.join(directory, 'blobs', 'sha256');
      return existsSync(folder)
        ? readdirSync(folder).map((name) => readFileSync(path.join(folder, name)))
        : [];
    };

    for (const status of [404, 500]) {
      it(`with an error (${status}) leaves nothing of it in the cache`, async () => {
        const cache = await failing(
          (_, response) => json(response, status, { message: 'the disk is\nbroken' }),
          status === 404
            ? /docker does not have app:v1/
            : /transferring app:v1 from docker: docker answered 500: the disk is broken/,
        );
        assert.deepEqual(blobsOf(cache), []);
      });
    }

    it('in the middle of its answer is quoted', async () => {
      const report = {
        errorDetail: { message: 'open layer: input/output error' },
        error: 'input/output error',
      };
      const cache = await failing((_, response) => {
        response.write(saved.subarray(0, 10_000));
        response.end(`${JSON.stringify(report)}\r\n`);
      }, /transferring app:v1 from docker: docker failed: open layer: input\/output error\./);
      assert.ok(blobsOf(cache).every((blob) => !blob.includes('errorDetail')));
    });

    it('by going away in the middle of its answer is told apart', async () => {
      const cache = await failing((_, response) => {
        response.writeHead(200, { 'content-length': String(saved.length) });
        response.write(saved.subarray(0, 10_000), () => response.socket?.destroy());
      }, /docker at tcp:\/\/127\.0\.0\.1:\d+ ended the connection before its answer did/);
      assert.deepEqual(readdirSync(path.join(cache.directory, 'partial')), []);
    });

    it('with an answer that is cut or something else is told apart', async () => {
      await failing(
        (_, response) => response.end(saved.subarray(0, 10_000)),
        /docker's answer is no image: it ends early/,
      );
      await failing(
        (_, response) => response.end('<html>proxy</html>'),
        /docker's answer is no image: it is not a tar/,
      );
      await failing((_, response) => response.end(tarArchive([])), /docker's answer has no manifest\.json/);
      const other = dockerArchive([{ image: makeImage(image.layers.slice(1)), names: [] }]);
      await failing(
        (_, response) => response.end(other),
        /docker's answer holds another image than it was asked for/,
      );
    });

    it('with an answer that is no document is told apart', async () => {
      for (const answer of ['<html>', '{}', '[]', '{"Id":"x","RootFS":{}}']) {
        const { host } = await daemon((_, response) => response.end(answer));
        await assert.rejects(
          finderFor(host).find(wanted(), watchedJob()),
          problem(/^asking docker for app:v1: /),
        );
      }
    });
  });

  it('is given up with the job, and leaves no partial file', async () => {
    const started: ServerResponse[] = [];
    const { host } = await daemon((url, response, request) => {
      if (!url.pathname.endsWith('/get')) usual(url, response, request);
      else {
        response.write(saved.subarray(0, 100_000));
        started.push(response);
      }
    });
    const cache = newCache();
    const finder = finderFor(host, cache);
    const job = watchedJob();
    const found = await finder.find(wanted(), job);
    const fetching = fetchLayers(found.layers, job);
    while (job.reports.length === 0) await delay(5);
    job.abort();
    await assert.rejects(fetching, { name: 'AbortError' });
    assert.deepEqual(readdirSync(path.join(cache.directory, 'partial')), []);
    const [response] = started;
    assert.ok(response);
    if (!response.destroyed) await once(response, 'close');
    await assert.rejects(finder.find(wanted(), job), { name: 'AbortError' });
  });

  it('is not waited for when docker is silent and the job is stopped', async () => {
    const { host } = await daemon(() => undefined);
    const job = watchedJob();
    const finding = finderFor(host).find(wanted(), job);
    setTimeout(() => job.abort(), 20);
    await assert.rejects(finding, { name: 'AbortError' });
  });
});

describe('a docker that can not be asked', () => {
  const unused = new BlobCache('unused', 0);
  const asking = (env: Record<string, string>, homeDirectory = temporaryFolder()) =>
    createImageFinder({
      environment: { env, homeDirectory, platform: process.platform },
      cache: unused,
      codecs: path.resolve('dist'),
    }).find(wanted(), watchedJob());

  it('is said not to run', async () => {
    const closed = await daemon();
    await closed.close();
    for (const host of [`unix://${temporaryFolder()}/none.sock`, `tcp://${closed.host}`]) {
      await assert.rejects(
        asking({ DOCKER_HOST: host }),
        (error) =>
          problem(/no docker daemon answers at .* Start docker/)(error) && String(error).includes(host),
      );
    }
  });

  it(
    'is said to refuse a user who may not use its socket',
    { skip: process.platform === 'win32' },
    async () => {
      const folder = temporaryFolder();
      chmodSync(folder, 0o755);
      const socket = path.join(folder, 'docker.sock');
      const server = createServer().listen(socket);
      await once(server, 'listening');
      chmodSync(socket, 0);
      // Nothing refuses root; what asking needs of it is loaded by now.
      const isRoot = process.getuid?.() === 0;
      if (isRoot) process.seteuid?.(65_534);
      try {
        await assert.rejects(
          asking({ DOCKER_HOST: `unix://${socket}` }, folder),
          problem(
            /you may not use docker's socket, unix:.*docker\.sock\. Become a member of the group docker/,
          ),
        );
      } finally {
        if (isRoot) process.seteuid?.(0);
        server.close();
      }
    },
  );

  it('is said to be named in a way that nobody knows', async () => {
    for (const host of ['ftp://somewhere', 'tcp://', 'unix://', 'a b']) {
      await assert.rejects(
        asking({ DOCKER_HOST: host }),
        problem(/DOCKER_HOST: it is not an address that docker knows/),
      );
    }
    await assert.rejects(
      asking({ DOCKER_CONTEXT: 'gone' }),
      problem(/reading the docker context "gone": there is no such context/),
    );
  });

  it('is said to lack its certificates', async (test) => {
    // docker-modem looks into the environment of the process itself.
    const before = { ...process.env };
    test.after(() => (process.env = before));
    const DOCKER_CERT_PATH = temporaryFolder();
    Object.assign(process.env, { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_CERT_PATH });
    await assert.rejects(
      asking({ DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_CERT_PATH }),
      problem(/environment says of docker can't be used \(ENOENT.*ca\.pem.*DOCKER_CERT_PATH/),
    );
  });
});

describe('the docker that is asked', () => {
  const found = async (environment: Partial<ProcessEnvironment>) =>
    findDockerEndpoint({ env: {}, homeDirectory: temporaryFolder(), platform: 'linux', ...environment });

  it('is the one of DOCKER_HOST, in all the ways to write one', async () => {
    for (const [host, address] of [
      ['unix:///run/docker.sock', { kind: 'socket', path: '/run/docker.sock' }],
      ['npipe:////./pipe/docker_engine', { kind: 'socket', path: '//./pipe/docker_engine' }],
      ['tcp://box.example:2375', { kind: 'tcp', host: 'box.example', port: 2375 }],
      ['tcp://[::1]:2376', { kind: 'tcp', host: '::1', port: 2376 }],
      ['https://box.example', { kind: 'tcp', host: 'box.example', port: undefined }],
      ['box.example:99', { kind: 'tcp', host: 'box.example', port: 99 }],
      ['ssh://box', { kind: 'ssh', host: 'box', port: undefined, user: undefined, socket: undefined }],
      [
        'ssh://me%40home@box:22/run/docker.sock',
        { kind: 'ssh', host: 'box', port: 22, user: 'me@home', socket: '/run/docker.sock' },
      ],
    ] as const) {
      const env = { DOCKER_HOST: host, DOCKER_CONTEXT: 'of no account' };
      assert.deepEqual(await found({ env }), { host, address, tls: undefined });
    }
  });

  it('is talked to by TLS when the environment says so', async () => {
    const homeDirectory = temporaryFolder();
    const certificates = path.join(homeDirectory, '.docker');
    writeFiles(homeDirectory, {
      '.docker/ca.pem': 'home ca',
      'elsewhere/ca.pem': 'ca',
      'elsewhere/cert.pem': 'cert',
      'elsewhere/key.pem': 'key',
    });
    assert.ok(existsSync(certificates));
    const elsewhere = path.join(homeDirectory, 'elsewhere');
    for (const [env, tls] of [
      [{ DOCKER_TLS_VERIFY: '1' }, { ca: 'home ca', cert: undefined, key: undefined, verify: true }],
      [{ DOCKER_TLS: '1' }, { ca: 'home ca', cert: undefined, key: undefined, verify: false }],
      [{ DOCKER_CERT_PATH: elsewhere }, { ca: 'ca', cert: 'cert', key: 'key', verify: false }],
      [
        { DOCKER_CERT_PATH: elsewhere, DOCKER_TLS_VERIFY: '1' },
        { ca: 'ca', cert: 'cert', key: 'key', verify: true },
      ],
    ] as const) {
      const endpoint = await found({ homeDirectory, env: { DOCKER_HOST: 'tcp://box:2376', ...env } });
      assert.deepEqual(endpoint.tls, tls);
      assert.equal(
        (await found({ homeDirectory, env: { DOCKER_HOST: 'unix:///x', ...env } })).tls,
        undefined,
      );
    }
  });

  describe('may be that of a context', () => {
    /** The folder's name is the sha256 of the context's, `remote`. */
    const id = 'b71199ebd070b36beab7317920c2c2f1d777df8d05e5527d8458fda57cb17a7a';
    /** As `docker context create` writes it. */
    const context = (Host: string, SkipTLSVerify = false) => ({
      [`contexts/meta/${id}/meta.json`]: JSON.stringify({
        Name: 'remote',
        Metadata: { Description: 'a test' },
        Endpoints: { docker: { Host, SkipTLSVerify } },
      }),
    });
    const home = (files: Readonly<Record<string, string>>) => {
      const homeDirectory = temporaryFolder();
      writeFiles(path.join(homeDirectory, '.docker'), files);
      return homeDirectory;
    };
    const remote = { kind: 'tcp', host: 'box', port: 2376 };

    it('which DOCKER_CONTEXT or config.json names', async () => {
      const files = context('tcp://box:2376');
      const env = { DOCKER_CONTEXT: 'remote' };
      assert.deepEqual((await found({ homeDirectory: home(files), env })).address, remote);
      const chosen = { ...files, 'config.json': '{"currentContext":"remote"}' };
      assert.deepEqual((await found({ homeDirectory: home(chosen) })).address, remote);
      const DOCKER_CONFIG = path.join(home(chosen), '.docker');
      assert.deepEqual((await found({ env: { DOCKER_CONFIG } })).address, remote);
      const byDefault = await found({ homeDirectory: home(chosen), env: { DOCKER_CONTEXT: 'default' } });
      assert.deepEqual(byDefault.address, { kind: 'socket', path: '/var/run/docker.sock' });
    });

    it('with its own certificates', async () => {
      const files = { [`contexts/tls/${id}/docker/ca.pem`]: 'ca' };
      const env = { DOCKER_CONTEXT: 'remote' };
      for (const skip of [false, true]) {
        const homeDirectory = home({ ...files, ...context('tcp://box:2376', skip) });
        assert.deepEqual((await found({ homeDirectory, env })).tls, {
          ca: 'ca',
          cert: undefined,
          key: undefined,
          verify: !skip,
        });
      }
      assert.equal((await found({ homeDirectory: home(context('tcp://box:2376')), env })).tls, undefined);
    });

    it('which must be there and whole', async () => {
      const env = { DOCKER_CONTEXT: 'remote' };
      const missing = 'reading the docker context "remote": there is no such context\\. Choose another one';
      await assert.rejects(
        found({ env }),
        problem(new RegExp(`^${missing} as DOCKER_CONTEXT, or unset that`)),
      );
      const chosen = home({ 'config.json': '{"currentContext":"remote"}' });
      await assert.rejects(
        found({ homeDirectory: chosen }),
        problem(new RegExp(`^${missing} with docker context use, or`)),
      );
      const folder = home({ [`contexts/meta/${id}/meta.json/file`]: '' });
      await assert.rejects(
        found({ homeDirectory: folder, env }),
        problem(/"remote": it can't be read \(EISDIR/),
      );
      for (const [text, what] of [
        ['{', /it is not JSON/],
        ['{"Endpoints":{}}', /"Endpoints\.docker"/],
      ] as const) {
        const homeDirectory = home({ [`contexts/meta/${id}/meta.json`]: text });
        await assert.rejects(found({ homeDirectory, env }), problem(what));
      }
      const homeDirectory = home(context('smtp://box'));
      await assert.rejects(found({ homeDirectory, env }), problem(/context "remote": it is not an address/));
    });
  });

  it("is this machine's own without any of that, wherever it listens", async () => {
    assert.deepEqual(defaultSockets({ env: {}, homeDirectory: 'C:\\Users\\me', platform: 'win32' }), [
      '//./pipe/docker_engine',
    ]);
    const env = { XDG_RUNTIME_DIR: '/run/user/1000' };
    assert.deepEqual(defaultSockets({ env, homeDirectory: '/home/me', platform: 'linux' }), [
      '/var/run/docker.sock',
      '/run/user/1000/docker.sock',
      '/home/me/.docker/run/docker.sock',
      '/home/me/.docker/desktop/docker.sock',
    ]);
    assert.equal((await found({ platform: 'win32' })).host, 'npipe:////./pipe/docker_engine');
  });

  it('may be on another machine, through ssh', { skip: process.platform === 'win32' }, async () => {
    const { host } = await daemon();
    const folder = temporaryFolder();
    const connect = `
      const socket = require('node:net').connect(${host.split(':')[1] ?? ''}, '127.0.0.1');
      process.stdin.pipe(socket).pipe(process.stdout);`;
    const program = (text: string) =>
      writeFileSync(path.join(folder, 'ssh'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const env = {
      DOCKER_HOST: 'ssh://me@box:2222',
      PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}`,
    };
    const environment = { env, homeDirectory: folder, platform: process.platform };
    const finder = createImageFinder({ environment, cache: newCache(), codecs: path.resolve('dist') });

    program(`echo "$@" >> ${folder}/calls\nexec '${process.execPath}' -e '${connect.replaceAll("'", '"')}'`);
    const opened = await finder.find(wanted(), watchedJob());
    assert.deepEqual(
      await Promise.all(opened.layers.map((layer) => buffer(layer.open(watchedJob())))),
      layers,
    );
    const [call] = readFileSync(path.join(folder, 'calls'), 'utf8').split('\n');
    assert.equal(call, '-o ConnectTimeout=30 -T -l me -p 2222 -- box docker system dial-stdio');

    program('echo "me@box: Permission denied (publickey)." >&2; exit 255');
    await assert.rejects(
      finder.find(wanted(), watchedJob()),
      problem(/docker at ssh:\/\/me@box:2222 can't be asked \(me@box: Permission denied \(publickey\)\.\)/),
    );
    const without = createImageFinder({
      environment: { ...environment, env: { ...env, PATH: folder } },
      cache: newCache(),
      codecs: path.resolve('dist'),
    });
    rmSync(path.join(folder, 'ssh'));
    await assert.rejects(
      without.find(wanted(), watchedJob()),
      problem(/ssh can't be run: it is not installed/),
    );
  });
});

describe('watching docker', () => {
  it('tells of each change, and once of what may have been missed', async () => {
    const open: ServerResponse[] = [];
    const asked: string[] = [];
    const server = await daemon((url, response) => {
      asked.push(url.searchParams.get('filters') ?? '');
      response.writeHead(200).flushHeaders();
      open.push(response);
    });
    const stop = new AbortController();
    let changes = 0;
    const told = async (expected: number) => {
      while (changes < expected) await delay(5);
      assert.equal(changes, expected);
    };
    const environment = {
      env: { DOCKER_HOST: `tcp://${server.host}` },
      homeDirectory: temporaryFolder(),
      platform: process.platform,
    };
    const watching = watchLocalImages(environment, () => (changes += 1), stop.signal, {
      first: 10,
      longest: 40,
    });
    const connected = async (times: number) => {
      while (open.length < times) await delay(5);
      return open.at(-1);
    };
    (await connected(1))?.write('{"Type":"image","Action":"tag"}\n');
    await told(1);
    open[0]?.write('{"Type":"image","Action":"pull"}\n');
    await told(2);
    open[0]?.socket?.destroy();
    await connected(2);
    await told(3);
    stop.abort();
    await watching;
    const filters = JSON.parse(asked[0] ?? '') as { type: string[]; event: string[] };
    assert.deepEqual(filters.type, ['image']);
    // Its own transfers must not wake it.
    assert.ok(filters.event.includes('tag') && !filters.event.includes('save'));
  });

  it('waits for a docker that does not run', async () => {
    const stop = new AbortController();
    const environment = {
      env: { DOCKER_HOST: `unix://${temporaryFolder()}/none.sock` },
      homeDirectory: temporaryFolder(),
      platform: process.platform,
    };
    const changed = () => assert.fail('nothing changed');
    const watching = watchLocalImages(environment, changed, stop.signal, { first: 1, longest: 5 });
    await delay(30);
    stop.abort();
    await watching;
  });
});
