import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fetchLayers } from '../../src/core/image/fetch-layers';
import { silentJob } from '../../src/core/job';
import { Problem } from '../../src/core/problem';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { watchedJob } from '../unit/image/watched-job';
import { makeCertificates } from './certificates';
import { run, startDockerRegistry, type DockerRegistry } from './docker-registry';
import { newFinder, readLayers } from './image-finder';
import { startTokenServer } from './token-server';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);

const base = makeImage([makeLayer([{ path: 'etc', kind: 'directory' }])]);
const app = derive(base, [{ path: 'noise', kind: 'file', content: randomBytes(3_000_000) }]);
const forAmd64 = { ...base, platform: { os: 'linux', architecture: 'amd64' } };
const forArmV6 = { ...base, platform: { os: 'linux', architecture: 'arm', variant: 'v6' } };
const forArmV7 = { ...app, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } };
const appLayers = app.layers.map(({ tar }) => tar);

/** bcrypt of "hunter2", the only kind of sum that the registry takes. */
const htpasswd = 'pantavisor:$2y$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8.\n';

describe('images in a real registry', () => {
  let folder = '';
  const at = (name: string) => path.join(folder, name);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'image-registry-'));
    const tags = { multi: [forAmd64, forArmV6, forArmV7, app], single: app };
    for (const compression of ['none', 'gzip', 'zstd'] as const) {
      await writeOciLayout(at(compression), tags, { compression });
    }
  });
  after(() => rm(folder, { recursive: true }));

  const push = (layout: string, tag: string, target: string, ...options: string[]) =>
    run('skopeo', [
      ...['copy', '--insecure-policy', '--dest-tls-verify=false', '--all', ...options],
      `oci:${at(layout)}:${tag}`,
      `docker://${target}`,
    ]);

  let finders = 0;
  const finder = (env: Readonly<Record<string, string>> = {}, home?: string) => {
    finders += 1;
    return newFinder(home ?? at(`home-${finders}`), env, at(`cache-${finders}`));
  };

  const request = (reference: string, platforms: readonly string[] = ['linux/arm64']) => ({
    reference,
    platforms,
    sources: [{ kind: 'remote' }] as const,
  });

  describe('open to all', () => {
    let registry: DockerRegistry;
    before(async () => {
      registry = await startDockerRegistry();
    });
    after(() => registry.stop());

    for (const [format, compression] of [
      ['oci', 'none'],
      ['oci', 'gzip'],
      ['oci', 'zstd'],
      ['v2s2', 'none'],
      ['v2s2', 'gzip'],
    ] as const) {
      it(`are found by platform, tag and digest (${format}, layers: ${compression})`, async () => {
        const name = `${registry.host}/team/${format}-${compression}`;
        await push(compression, 'multi', `${name}:v1`, `--format=${format}`);
        const images = finder();
        const image = await images.find(
          request(`${name}:v1`, ['linux/riscv64', 'arm64', 'arm']),
          silentJob(),
        );
        assert.deepEqual([image.name, image.tag, image.matchedPlatform], [name, 'v1', 'arm64']);
        assert.deepEqual(await readLayers(image), appLayers);
        assert.equal(await images.currentDigest(request(`${name}:v1`), silentJob()), image.digest);

        const pinned = await finder().find(request(image.digest), silentJob());
        assert.equal(pinned.digest, image.digest);
        assert.deepEqual(await readLayers(pinned), appLayers);
        await assert.rejects(
          finder().find(request(image.digest, ['linux/amd64']), silentJob()),
          problem(/built for linux\/arm64, and linux\/amd64 is wanted/),
        );
        // The best variant, not the first of the list as pvr takes it.
        const best = await images.find(request(`${name}:v1`, ['linux/arm']), silentJob());
        assert.deepEqual(best.platform, { os: 'linux', architecture: 'arm', variant: 'v7' });
      });
    }

    it('move on with their tag', async () => {
      const name = `${registry.host}/moving`;
      const images = finder();
      const check = () => images.currentDigest(request(`${name}:latest`, []), silentJob());
      await push('gzip', 'single', `${name}:latest`);
      const first = await check();
      assert.equal(await check(), first);
      await push('none', 'single', `${name}:latest`);
      const second = await check();
      assert.notEqual(second, first);
      assert.equal((await images.find(request(name, []), silentJob())).digest, second);
    });

    it('are downloaded through connections that break again and again', async () => {
      await push('gzip', 'single', `${registry.host}/fragile:v1`);
      const connection = await startFragileConnection(registry.host, 1_200_000);
      try {
        const images = finder();
        const image = await images.find(request(`${connection.host}/fragile:v1`), silentJob());
        assert.deepEqual(await readLayers(image), appLayers);
        assert.ok(connection.breaks() >= 2);
      } finally {
        await connection.stop();
      }
    });

    it('are left at once when the job is stopped, without a partial file', async () => {
      await push('gzip', 'single', `${registry.host}/slow:v1`);
      const connection = await startFragileConnection(registry.host, Infinity, 200_000);
      try {
        const images = finder();
        const partial = path.join(at(`cache-${finders}`), 'partial');
        const job = watchedJob();
        const image = await images.find(request(`${connection.host}/slow:v1`), job);
        const fetching = fetchLayers(image.layers, job);
        while (job.reports.length === 0) await delay(5);
        assert.notDeepEqual(readdirSync(partial), []);
        job.abort();
        await assert.rejects(fetching, { name: 'AbortError' });
        assert.deepEqual(readdirSync(partial), []);
      } finally {
        await connection.stop();
      }
    });
  });

  describe('behind a login', () => {
    let registry: DockerRegistry;
    before(async () => {
      writeFileSync(at('htpasswd'), htpasswd);
      registry = await startDockerRegistry({ auth: { htpasswd: { realm: 'test', path: at('htpasswd') } } });
      await push('gzip', 'single', `${registry.host}/private/app:v1`, '--dest-creds', 'pantavisor:hunter2');
    });
    after(() => registry.stop());

    const image = () => request(`${registry.host}/private/app:v1`);

    /** A home with docker's config, and a folder for PATH with a credential helper. */
    function homeWith(config: object, helper: string): { home: string; env: Record<string, string> } {
      finders += 1;
      const home = at(`login-${finders}`);
      mkdirSync(path.join(home, '.docker'), { recursive: true });
      writeFileSync(path.join(home, '.docker', 'config.json'), JSON.stringify(config));
      writeFileSync(path.join(home, 'docker-credential-vault'), `#!/bin/sh\n${helper}\n`, { mode: 0o755 });
      return { home, env: { PATH: `${home}:${process.env['PATH'] ?? ''}` } };
    }

    const giving = `read -r server
      echo "$1 $server" >> "$(dirname "$0")/asked"
      echo '{"ServerURL":"'"$server"'","Username":"pantavisor","Secret":"hunter2"}'`;

    for (const [what, config] of [
      ['the general credential helper', () => ({ credsStore: 'vault', auths: { [registry.host]: {} } })],
      [
        'the credential helper of this registry',
        () => ({ credsStore: 'absent', credHelpers: { [registry.host]: 'vault' } }),
      ],
    ] as const) {
      it(`are found with ${what}`, async () => {
        const { home, env } = homeWith(config(), giving);
        const found = await finder(env, home).find(image(), silentJob());
        assert.deepEqual(await readLayers(found), appLayers);
        assert.equal(readFileSync(path.join(home, 'asked'), 'utf8'), `get ${registry.host}\n`);
      });
    }

    it("are found with pvr's variables", async () => {
      const env = { PVR_REGISTRY_USERNAME: 'pantavisor', PVR_REGISTRY_PASSWORD: 'hunter2' };
      assert.deepEqual(await readLayers(await finder(env).find(image(), silentJob())), appLayers);
    });

    it('are not found with a helper that fails, and both are said', async () => {
      const { home, env } = homeWith({ credsStore: 'vault' }, 'echo "the vault is locked"; exit 1');
      const job = watchedJob();
      await assert.rejects(
        finder(env, home).find(image(), job),
        problem(/does not let you read .*docker login localhost:/),
      );
      assert.match(
        job.warnings[0] ?? '',
        /docker-credential-vault ended with code 1 \(the vault is locked\)/,
      );
    });
  });

  it('are found with an identity token', async () => {
    await makeCertificates(folder);
    const tokens = await startTokenServer({
      key: readFileSync(at('key.pem'), 'utf8'),
      certificate: readFileSync(at('cert.pem'), 'utf8'),
      certificateFile: at('cert.pem'),
      allow: ({ login, refreshToken }) =>
        login === 'pusher:p' ? ['pull', 'push'] : refreshToken === 'the identity' ? ['pull'] : [],
    });
    const registry = await startDockerRegistry({ auth: tokens.auth });
    try {
      const image = `${registry.host}/team/app:v1`;
      await push('gzip', 'single', image, '--dest-creds', 'pusher:p');
      await assert.rejects(
        finder().find(request(image), silentJob()),
        problem(/gives no token without a login/),
      );

      const home = at('identity');
      mkdirSync(path.join(home, '.docker'), { recursive: true });
      const auths = { [registry.host]: { identitytoken: 'the identity' } };
      writeFileSync(path.join(home, '.docker', 'config.json'), JSON.stringify({ auths }));
      const asked = tokens.requests.length;
      const found = await finder({}, home).find(request(image), silentJob());
      assert.deepEqual(await readLayers(found), appLayers);
      // One token serves for all that is asked of the repository.
      assert.deepEqual(tokens.requests.slice(asked), ['POST repository:team/app:pull']);
    } finally {
      await registry.stop();
      await tokens.stop();
    }
  });
});

/**
 * A way to a server on which every connection breaks after so many bytes, and which lets no more than so many through at a
 * time.
 */
async function startFragileConnection(host: string, breakAfter: number, stopAfter = Infinity) {
  let breaks = 0;
  const clients = new Set<{ destroy(): void }>();
  const server = createServer((client) => {
    const upstream = connect(Number(host.split(':')[1]), '127.0.0.1');
    let bytes = 0;
    upstream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > stopAfter) {
        upstream.pause();
        return;
      }
      client.write(chunk);
      if (bytes <= breakAfter) return;
      breaks += 1;
      // Not reset: that would take along what lies on its way, which is all of it where this process is slow to read.
      client.end();
      upstream.destroy();
    });
    client.pipe(upstream);
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.end());
    clients.add(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    breaks: () => breaks,
    async stop() {
      clients.forEach((client) => client.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
