import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { watchLocalImages } from '../../src/core/image/docker/watch-images';
import { fetchLayers } from '../../src/core/image/fetch-layers';
import type { Source } from '../../src/core/image/image';
import { silentJob } from '../../src/core/job';
import { Problem } from '../../src/core/problem';
import { dockerArchive } from '../image-maker/docker-archive';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { watchedJob } from '../unit/image/watched-job';
import { makeCertificates } from './certificates';
import { type DockerDaemon, startDockerDaemon } from './docker-daemon';
import { type DockerRegistry, run, startDockerRegistry } from './docker-registry';
import { newFinder, readLayers } from './image-finder';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);

const base = makeImage([makeLayer([{ path: 'etc', kind: 'directory' }])]);
const app = derive(base, [{ path: 'etc/app', kind: 'file', content: 'app '.repeat(100_000) }], {
  config: { Env: ['LANG=C'] },
});
const appLayers = app.layers.map(({ tar }) => tar);

const local: Source = { kind: 'local' };
const remote: Source = { kind: 'remote' };

describe('a real docker daemon', () => {
  let folder = '';
  let daemon: DockerDaemon;
  let registry: DockerRegistry;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'docker-test-'));
    [daemon, registry] = await Promise.all([startDockerDaemon(), startDockerRegistry()]);
    await daemon.load(dockerArchive([{ image: app, names: ['app:v1'] }]));
    await writeOciLayout(path.join(folder, 'layout'), { v1: app });
    await push('v1', 'team/app:v1');
  });
  after(async () => {
    await Promise.all([daemon.stop(), registry.stop()]);
    await rm(folder, { recursive: true });
  });

  const push = (tag: string, target: string) =>
    run('skopeo', [
      'copy',
      '--insecure-policy',
      '--dest-tls-verify=false',
      '--format=v2s2',
      `oci:${path.join(folder, 'layout')}:${tag}`,
      `docker://${registry.host}/${target}`,
    ]);

  let folders = 0;
  const finder = (env: Readonly<Record<string, string>> = { DOCKER_HOST: daemon.host }) => {
    folders += 1;
    return newFinder(path.join(folder, String(folders)), env);
  };

  const request = (reference: string, sources: readonly Source[] = [local], platforms = ['linux/arm64']) => ({
    reference,
    sources,
    platforms,
  });

  it('gives an image that it was given, with its layers transferred once', async () => {
    const images = finder();
    const job = watchedJob();
    const image = await images.find(request('app:v1'), job);
    assert.match(image.digest, /^sha256:[0-9a-f]{64}$/);
    assert.equal(await images.currentDigest(request('app:v1'), job), image.digest);
    assert.deepEqual(image.config.config['Env'], ['LANG=C']);
    assert.equal(image.config.created, Date.UTC(2024, 0, 2, 3, 4, 5) / 1000);
    assert.deepEqual(job.reports, []);
    assert.deepEqual(await readLayers(image), appLayers);
    assert.equal(job.reports.length, 0);

    const later = watchedJob();
    const again = await images.find(request('app:v1'), later);
    await fetchLayers(again.layers, later);
    assert.deepEqual(later.reports, []);
    await Promise.all([image[Symbol.asyncDispose](), again[Symbol.asyncDispose]()]);
  });

  it('gives an image that it pulled, with the digest that the registry knows', async () => {
    const name = `${registry.host}/team/app`;
    await daemon.pull(`${name}:v1`);
    const images = finder();
    const image = await images.find(request(`${name}:v1`), silentJob());
    const fromRegistry = await images.find(request(`${name}:v1`, [remote]), silentJob());
    assert.equal(image.digest, fromRegistry.digest);
    assert.match(image.digest, /team\/app@sha256:/);
    assert.deepEqual(await readLayers(image), appLayers);
    const pinned = await images.find(request(image.digest), silentJob());
    assert.deepEqual([pinned.tag, pinned.digest], [undefined, image.digest]);
    // The same image under another name has no digest there.
    assert.match((await images.find(request('app:v1'), silentJob())).digest, /^sha256:/);
  });

  it('is asked in the order of the sources', async () => {
    const images = finder();
    const name = `${registry.host}/only/here`;
    await daemon.tag('app:v1', name, 'v1');
    const job = watchedJob();
    const onlyLocal = await images.find(request(`${name}:v1`, [remote, local]), job);
    assert.equal(onlyLocal.source, 'local');
    assert.match(job.warnings[0] ?? '', /^Not from the registry: .*\(404\)/);
    assert.equal(
      (await images.find(request(`${registry.host}/team/app:v1`, [remote, local]), job)).source,
      'remote',
    );
    await daemon.tag('app:v1', `${registry.host}/team/app`, 'v1');
    assert.equal(
      (await images.find(request(`${registry.host}/team/app:v1`, [local, remote]), job)).source,
      'local',
    );
    assert.equal(job.warnings.length, 1);
  });

  it('is never believed to have another platform', async () => {
    await assert.rejects(
      finder().find(request('app:v1', [local], ['linux/amd64']), silentJob()),
      problem(/built for linux\/arm64, and linux\/amd64 is wanted/),
    );
  });

  it('says what it does not have', async () => {
    await assert.rejects(
      finder().find(request('nothing/like:this'), silentJob()),
      problem(/docker does not have the image nothing\/like:this\./),
    );
  });

  it('is found through a context', async () => {
    const config = path.join(folder, 'docker-config');
    const context = path.join(config, 'contexts', 'meta', createHash('sha256').update('mine').digest('hex'));
    mkdirSync(context, { recursive: true });
    const endpoints = { docker: { Host: daemon.host, SkipTLSVerify: false } };
    writeFileSync(
      path.join(context, 'meta.json'),
      JSON.stringify({ Name: 'mine', Metadata: {}, Endpoints: endpoints }),
    );
    writeFileSync(path.join(config, 'config.json'), JSON.stringify({ currentContext: 'mine' }));
    const image = await finder({ DOCKER_CONFIG: config }).find(request('app:v1'), silentJob());
    assert.deepEqual(await readLayers(image), appLayers);
  });

  it('is talked to with TLS and certificates', async () => {
    const certificates = path.join(folder, 'certificates');
    await makeCertificates(certificates);
    const file = (name: string) => readFileSync(path.join(certificates, name));
    const server = createServer(
      {
        key: file('key.pem'),
        cert: file('cert.pem'),
        ca: file('ca.pem'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (client) => {
        const docker = connect(daemon.host.replace('unix://', ''));
        client.pipe(docker).pipe(client);
        client.on('error', () => docker.destroy());
        docker.on('error', () => client.destroy());
      },
    ).on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const DOCKER_HOST = `tcp://localhost:${(server.address() as AddressInfo).port}`;
    try {
      const env = { DOCKER_HOST, DOCKER_CERT_PATH: certificates, DOCKER_TLS_VERIFY: '1' };
      const image = await finder(env).find(request('app:v1'), silentJob());
      assert.deepEqual(await readLayers(image), appLayers);
      // Neither without a certificate, nor to a server that shows one of somebody else.
      const strange = path.join(folder, 'strange');
      await makeCertificates(strange);
      for (const other of [
        { DOCKER_HOST, DOCKER_TLS: '1' },
        { ...env, DOCKER_CERT_PATH: strange },
      ]) {
        await assert.rejects(finder(other).find(request('app:v1'), silentJob()), problem(/docker at tcp:/));
      }
    } finally {
      server.close();
    }
  });

  it('tells of new images', async () => {
    const stop = new AbortController();
    const environment = {
      env: { DOCKER_HOST: daemon.host },
      homeDirectory: folder,
      platform: process.platform,
    };
    let changes = 0;
    const watching = watchLocalImages(environment, () => (changes += 1), stop.signal);
    // There is no telling when it has begun to listen.
    for (let attempt = 0; changes === 0; attempt += 1) {
      await daemon.tag('app:v1', 'watched', `v${attempt}`);
      await delay(50);
    }
    const before = changes;
    const image = await finder().find(request('app:v1'), silentJob());
    await readLayers(image);
    await daemon.load(dockerArchive([{ image: derive(app, []), names: ['built:v1'] }]));
    while (changes === before) await delay(20);
    stop.abort();
    await watching;
  });

  describe('that transfers a large image', () => {
    let victim: DockerDaemon;
    before(async () => {
      victim = await startDockerDaemon();
      const large = makeImage([
        makeLayer([{ path: 'noise', kind: 'file', content: randomBytes(60_000_000) }]),
      ]);
      await victim.load(dockerArchive([{ image: large, names: ['large:v1'] }]));
    });
    after(() => victim.stop());

    const partials = (at: string) => readdirSync(path.join(at, 'cache', 'partial'));

    it('is left alone when the job is stopped', async () => {
      const images = finder({ DOCKER_HOST: victim.host });
      const home = path.join(folder, String(folders));
      const job = watchedJob();
      const image = await images.find(request('large:v1'), job);
      const fetching = fetchLayers(image.layers, job);
      while (job.reports.length === 0) await delay(1);
      job.abort();
      await assert.rejects(fetching, { name: 'AbortError' });
      assert.deepEqual(partials(home), []);
    });

    it('may die in the middle', async () => {
      const images = finder({ DOCKER_HOST: victim.host });
      const home = path.join(folder, String(folders));
      const job = watchedJob();
      const image = await images.find(request('large:v1'), job);
      const fetching = fetchLayers(image.layers, job);
      fetching.catch(() => undefined);
      while (job.reports.length === 0) await delay(1);
      await victim.kill();
      await assert.rejects(
        fetching,
        problem(/ended the connection before its answer did.*docker still runs/),
      );
      assert.deepEqual(partials(home), []);
      await assert.rejects(
        images.find(request('large:v1'), silentJob()),
        problem(/no docker daemon answers at unix:/),
      );
    });
  });
});
