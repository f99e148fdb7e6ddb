import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { credentialSources } from '../../src/core/image/credentials';
import { digestOf } from '../../src/core/image/digest';
import { parseImageConfig } from '../../src/core/image/image-config';
import { parseManifest } from '../../src/core/image/manifest';
import { mediaTypes } from '../../src/core/image/media-type';
import { choosePlatform, parsePlatform, requirePlatform } from '../../src/core/image/platform';
import { parseReference, withDigest } from '../../src/core/image/reference';
import { createRegistryClient, type RegistryClient } from '../../src/core/image/registry';
import { registryRemedies } from '../../src/core/image/remote-image';
import { silentJob } from '../../src/core/job';
import { Secret } from '../../src/core/net/secret';
import { createRegistryTransport } from '../../src/core/image/registry/registry-transport';
import type { Transport } from '../../src/core/net/transport';
import { Problem } from '../../src/core/problem';
import { makeCertificates } from './certificates';
import { makeImage, run, startDockerRegistry, type DockerRegistry } from './docker-registry';
import { startTokenServer } from './token-server';

const job = silentJob();
const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);

describe('a real registry', () => {
  let folder = '';
  const transports: Transport[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'registry-test-'));
    await makeImage(path.join(folder, 'arm64'), { architecture: 'arm64', files: { 'etc/arch': 'arm64\n' } });
    await makeImage(path.join(folder, 'amd64'), { architecture: 'amd64', files: { 'etc/arch': 'amd64\n' } });
  });
  after(async () => {
    for (const transport of transports) await transport.close();
    await rm(folder, { recursive: true });
  });

  const client = (
    options: {
      env?: Record<string, string>;
      home?: string;
      login?: { username: string; password: Secret };
    } = {},
  ) => {
    const environment = {
      env: { PATH: process.env['PATH'], ...options.env },
      homeDirectory: options.home ?? folder,
      platform: process.platform,
    };
    const transport = createRegistryTransport({ environment, retry: { attempts: 1 } });
    transports.push(transport);
    return createRegistryClient(transport, credentialSources(environment, options.login));
  };

  const push = (layout: string, target: string, ...options: string[]) =>
    run('skopeo', [
      'copy',
      '--insecure-policy',
      '--dest-tls-verify=false',
      ...options,
      `oci:${path.join(folder, layout)}:image`,
      `docker://${target}`,
    ]);

  /** The content of `etc/arch` in an image with one layer, and the image's own words on its platform and command. */
  async function look(registry: RegistryClient, text: string) {
    const reference = parseReference(text);
    const manifest = parseManifest(
      (await registry.getManifest(reference, job)).bytes,
      text,
      registryRemedies,
    );
    assert.ok(manifest.kind === 'image');
    const config = parseImageConfig(await registry.getBlob(reference, manifest.config, job), text);
    const [layer] = manifest.layers;
    assert.ok(layer !== undefined);
    const tar = gunzipSync(await buffer(registry.openBlob(reference, layer, job)));
    assert.deepEqual(config.diffIds, [digestOf(tar)]);
    return {
      mediaType: manifest.mediaType,
      platform: config.platform,
      command: config.config['Cmd'],
      content: /(?:arm64|amd64)\n/.exec(tar.toString('latin1'))?.[0],
    };
  }

  describe('open to all, without TLS', () => {
    let registry: DockerRegistry;
    before(async () => {
      registry = await startDockerRegistry();
    });
    after(() => registry.stop());

    for (const [kind, format, mediaType] of [
      ['an OCI manifest', 'oci', mediaTypes.ociManifest],
      ["docker's manifest, schema 2", 'v2s2', mediaTypes.dockerManifest],
    ] as const) {
      it(`gives an image with ${kind}`, async () => {
        const image = `${registry.host}/team/app:${format}`;
        await push('arm64', image, '--format', format);
        assert.deepEqual(await look(client(), image), {
          mediaType,
          platform: { os: 'linux', architecture: 'arm64', variant: '' },
          command: ['/bin/app'],
          content: 'arm64\n',
        });
      });
    }

    for (const [kind, format, indexType, manifestType] of [
      ['an OCI index', 'oci', mediaTypes.ociIndex, mediaTypes.ociManifest],
      ["docker's manifest list", 'v2s2', mediaTypes.dockerManifestList, mediaTypes.dockerManifest],
    ] as const) {
      it(`gives one of the images in ${kind}`, async () => {
        const remote = client();
        const image = parseReference(`${registry.host}/multi-${format}:v1`);
        const entries = [];
        for (const architecture of ['amd64', 'arm64']) {
          await push(architecture, `${image.name}:${architecture}`, '--format', format);
          const { digest, bytes } = await remote.getManifest(
            parseReference(`${image.name}:${architecture}`),
            job,
          );
          const platform = { os: 'linux', architecture };
          entries.push({ mediaType: manifestType, digest, size: bytes.length, platform });
        }
        const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: entries });
        const pushed = await fetch(`http://${registry.host}/v2/${image.path}/manifests/v1`, {
          method: 'PUT',
          headers: { 'content-type': indexType },
          body: index,
        });
        assert.equal(pushed.status, 201);

        const fetched = await remote.getManifest(image, job);
        assert.equal(fetched.digest, digestOf(Buffer.from(index)));
        assert.equal(await remote.headManifest(image, job), fetched.digest);
        const manifest = parseManifest(fetched.bytes, image.name, registryRemedies);
        assert.ok(manifest.kind === 'index');
        const wishes = [parsePlatform('linux/riscv64'), parsePlatform('linux/arm64')];
        const chosen = choosePlatform(manifest.manifests, wishes, 'choosing');
        assert.equal(chosen.digest, entries[1]?.digest);
        const { platform, content } = await look(remote, `${image.name}@${chosen.digest}`);
        requirePlatform(platform, wishes, 'checking');
        assert.equal(content, 'arm64\n');
      });
    }

    it('says what it does not have', async () => {
      const missing = parseReference(`${registry.host}/no/such:thing`);
      await assert.rejects(
        client().getManifest(missing, job),
        problem(/does not have .*no\/such:thing \(404\): .*unknown/),
      );
      await push('arm64', `${registry.host}/known:v1`);
      const absent = withDigest(parseReference(`${registry.host}/known`), digestOf(Buffer.from('absent')));
      await assert.rejects(client().headManifest(absent, job), problem(/\(404\)/));
    });
  });

  it('asks for a password (htpasswd)', async () => {
    const htpasswd = path.join(folder, 'htpasswd');
    // bcrypt of "hunter2", the only kind of sum that the registry takes.
    await writeFile(htpasswd, 'pantavisor:$2y$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8.\n');
    const registry = await startDockerRegistry({ auth: { htpasswd: { realm: 'test', path: htpasswd } } });
    try {
      const image = `${registry.host}/private/app:v1`;
      await push('arm64', image, '--dest-creds', 'pantavisor:hunter2');

      const login = (password: string) => ({ username: 'pantavisor', password: new Secret(password) });
      assert.equal((await look(client({ login: login('hunter2') }), image)).content, 'arm64\n');
      for (const wrong of [client(), client({ login: login('wrong') })]) {
        await assert.rejects(look(wrong, image), problem(/does not let you read .*docker login localhost:/));
      }

      const home = path.join(folder, 'logged-in');
      await mkdir(path.join(home, '.docker'), { recursive: true });
      const auth = Buffer.from('pantavisor:hunter2').toString('base64');
      await writeFile(
        path.join(home, '.docker', 'config.json'),
        JSON.stringify({ auths: { [registry.host]: { auth } } }),
      );
      assert.equal((await look(client({ home }), image)).content, 'arm64\n');
    } finally {
      await registry.stop();
    }
  });

  describe('with a certificate of a private authority', () => {
    const file = (name: string) => path.join(folder, name);

    before(() => makeCertificates(folder));

    it('is used with TLS, also on this machine', async () => {
      const registry = await startDockerRegistry({
        tls: { certificate: file('cert.pem'), key: file('key.pem') },
      });
      try {
        const image = `${registry.host}/app:v1`;
        await push('amd64', image);
        assert.equal((await look(client(), image)).content, 'amd64\n');
      } finally {
        await registry.stop();
      }
    });

    it('is trusted only when its authority is known', async () => {
      const registry = await startDockerRegistry({
        tls: { certificate: file('cert.pem'), key: file('key.pem') },
      });
      const proxy = await startProxyTo(registry.host);
      try {
        await push('amd64', `${registry.host}/app:v1`);
        const image = 'registry.test/app:v1';
        const env = { HTTPS_PROXY: proxy.url };
        await assert.rejects(
          look(client({ env }), image),
          problem(/certificate of registry\.test can't be trusted .*certs\.d\/registry\.test\/ca\.crt/),
        );

        const home = path.join(folder, 'trusting');
        await mkdir(path.join(home, '.docker', 'certs.d', 'registry.test'), { recursive: true });
        await copyFile(file('ca.pem'), path.join(home, '.docker', 'certs.d', 'registry.test', 'ca.crt'));
        for (const trusting of [
          client({ env, home }),
          client({ env: { ...env, SSL_CERT_FILE: file('ca.pem') } }),
          client({ env: { ...env, NODE_EXTRA_CA_CERTS: file('ca.pem') } }),
        ]) {
          assert.equal((await look(trusting, image)).content, 'amd64\n');
        }
        assert.ok(proxy.targets.every((target) => target === 'registry.test:443'));
      } finally {
        await proxy.stop();
        await registry.stop();
      }
    });

    it("is shown the client's own certificate, if it has one for this registry", async () => {
      const registry = await startDockerRegistry({
        tls: { certificate: file('cert.pem'), key: file('key.pem'), clientcas: [file('ca.pem')] },
      });
      const proxy = await startProxyTo(registry.host);
      try {
        const home = path.join(folder, 'certified');
        const certificates = path.join(home, '.docker', 'certs.d', 'registry.test');
        await mkdir(certificates, { recursive: true });
        await copyFile(file('ca.pem'), path.join(certificates, 'ca.crt'));
        const env = { HTTPS_PROXY: proxy.url };
        const missing = parseReference('registry.test/app:v1');
        await assert.rejects(
          client({ env, home }).getManifest(missing, job),
          problem(/broke|refused to speak TLS/),
        );
        await copyFile(file('cert.pem'), path.join(certificates, 'client.cert'));
        await copyFile(file('key.pem'), path.join(certificates, 'client.key'));
        await assert.rejects(
          client({ env, home }).getManifest(missing, job),
          problem(/does not have .*\(404\)/),
        );
        await writeFile(path.join(certificates, 'client.key'), 'no key');
        await assert.rejects(
          client({ env, home }).getManifest(missing, job),
          problem(/certificate or key in .* can't be used/),
        );
      } finally {
        await proxy.stop();
        await registry.stop();
      }
    });

    it('is not left for an address without TLS', async () => {
      const registry = createHttpsServer(
        { cert: await readFile(file('cert.pem')), key: await readFile(file('key.pem')) },
        (_, response) => response.writeHead(307, { location: 'http://storage.test/blob' }).end(),
      );
      registry.listen(0, '127.0.0.1');
      await once(registry, 'listening');
      const proxy = await startProxyTo(`127.0.0.1:${portOf(registry)}`);
      const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, SSL_CERT_FILE: file('ca.pem') };
      await assert.rejects(
        client({ env }).getManifest(parseReference('registry.test/app'), job),
        problem(/registry\.test redirects to storage\.test without TLS/),
      );
      assert.deepEqual(proxy.targets, ['registry.test:443']);
      await proxy.stop();
      registry.closeAllConnections();
      registry.close();
    });

    it('gives tokens from a token server', async () => {
      const tokens = await startTokenServer({
        key: await readFile(file('key.pem'), 'utf8'),
        certificate: await readFile(file('cert.pem'), 'utf8'),
        certificateFile: file('cert.pem'),
        allow: ({ login }) => (login === 'pusher:p' ? ['pull', 'push'] : ['pull']),
      });
      const registry = await startDockerRegistry({ auth: tokens.auth });
      try {
        const image = `${registry.host}/team/app:v1`;
        await push('arm64', image, '--dest-creds', 'pusher:p');
        assert.equal((await look(client(), image)).content, 'arm64\n');
      } finally {
        await registry.stop();
        await tokens.stop();
      }
    });
  });
});

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

/** A proxy that leads every connection to one address, whatever it was asked for: all names are names of that server. */
async function startProxyTo(host: string) {
  const targets: string[] = [];
  const proxy = createServer().on('connect', (request, client) => {
    targets.push(request.url ?? '');
    const server = connect(Number(host.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(proxy)}`,
    targets,
    async stop() {
      proxy.closeAllConnections();
      proxy.close();
      await Promise.resolve();
    },
  };
}
