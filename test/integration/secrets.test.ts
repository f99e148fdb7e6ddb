import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { BackendClient } from '../../src/backend/client';
import type { RegistryCredentials } from '../../src/backend/protocol';
import { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { Evidence } from './secrets/evidence';
import { startGuardedRegistry } from './secrets/guarded-registry';
import { identityToken, login, password, registryToken, username } from './secrets/known';

const image = makeImage([
  makeLayer([{ path: 'bin/app', kind: 'file', content: new Random(1).bytes(400_000) }]),
]);

/** What makes a build fail after it has shown who it is. */
const faults = ['refuses', 'echoes', 'breaks'] as const;

const basic = Buffer.from(login).toString('base64');

/** How credentials are given to the command line; `home` is where docker's config lies, `host` the registry. */
type Giver = (home: string, host: string) => Promise<NodeJS.ProcessEnv>;

const config =
  (entries: (host: string) => object): Giver =>
  async (home, host) => {
    await writeFile(path.join(home, '.docker', 'config.json'), JSON.stringify(entries(host)));
    return {};
  };

/** A program `docker-credential-test` that knows one login, and takes its time, so that it is seen. */
const helper =
  (entries: (host: string) => object, login: { Username: string; Secret: string }): Giver =>
  async (home, host) => {
    const bin = path.join(home, 'bin');
    await mkdir(bin);
    await writeFile(path.join(bin, 'login.json'), JSON.stringify(login));
    const program = path.join(bin, 'docker-credential-test');
    await writeFile(program, `#!/bin/sh\nread -r key\nsleep 0.2\ncat ${path.join(bin, 'login.json')}\n`);
    await chmod(program, 0o755);
    await config(entries)(home, host);
    return { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  };

const givers: Readonly<Record<string, { readonly give: Giver; readonly scheme: 'Basic' | 'Bearer' }>> = {
  'a login in config.json': {
    give: config((host) => ({ auths: { [host]: { auth: basic } } })),
    scheme: 'Basic',
  },
  'a login in config.json, for a token': {
    give: config((host) => ({ auths: { [host]: { username, password } } })),
    scheme: 'Bearer',
  },
  'an identity token in config.json': {
    give: config((host) => ({ auths: { [host]: { identitytoken: identityToken } } })),
    scheme: 'Bearer',
  },
  'a registry token in config.json': {
    give: config((host) => ({ auths: { [host]: { registrytoken: registryToken } } })),
    scheme: 'Bearer',
  },
  'a credential store': {
    give: helper(() => ({ credsStore: 'test' }), { Username: username, Secret: password }),
    scheme: 'Basic',
  },
  'a credential helper of the registry': {
    give: helper((host) => ({ credHelpers: { [host]: 'test' } }), { Username: username, Secret: password }),
    scheme: 'Bearer',
  },
  'an identity token of a credential helper': {
    give: helper((host) => ({ credHelpers: { [host]: 'test' } }), {
      Username: '<token>',
      Secret: identityToken,
    }),
    scheme: 'Bearer',
  },
  "pvr's variables": {
    give: () => Promise.resolve({ PVR_REGISTRY_USERNAME: username, PVR_REGISTRY_PASSWORD: password }),
    scheme: 'Basic',
  },
};

describe('credentials', { concurrency: 2 }, () => {
  let folder: string;
  let layout: string;
  let tags: ReadonlyMap<string, string>;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'secrets-'));
    layout = path.join(folder, 'layout');
    tags = await writeOciLayout(layout, { latest: image });
  });
  after(() => rm(folder, { recursive: true }));

  it('are found wherever they are written', async () => {
    const evidence = new Evidence();
    const place = path.join(folder, 'leaks');
    await mkdir(place);
    await writeFile(path.join(place, 'a.gz'), gzipSync(`Authorization: Basic ${basic}`));
    await writeFile(path.join(place, 'b.json'), JSON.stringify({ password }));
    await evidence.lookInto(place);
    // Others look at all processes, too, and must not find theirs.
    const own = 'a secret that nobody else looks for';
    evidence.lookFor(own);
    const child = spawn('sleep', ['60'], { argv0: own });
    await evidence.watchProcesses(() => evidence.leaks.some((leak) => leak.startsWith('process')));
    child.kill();
    assert.deepEqual(
      new Set(evidence.leaks.map((leak) => leak.replace(/:.*/s, ''))),
      new Set([path.join(place, 'a.gz'), path.join(place, 'b.json'), 'process arguments']),
    );
  });

  const place = async () => {
    const home = await mkdtemp(path.join(folder, 'home-'));
    const checkout = path.join(home, 'checkout');
    await mkdir(checkout);
    await mkdir(path.join(home, '.docker'));
    await new Pvx(home).run(checkout, 'init');
    return { home, checkout };
  };

  for (const [kind, { give, scheme }] of Object.entries(givers)) {
    it(`show themselves only to who asks for them: ${kind}`, async () => {
      const registry = await startGuardedRegistry(layout, tags, scheme);
      const { home, checkout } = await place();
      const pvx = new Pvx(home, { PVX_DEBUG: '1', ...(await give(home, registry.host)) });
      const evidence = new Evidence();
      const build = async (app: string) => {
        const child = pvx.start(
          checkout,
          'app',
          'add',
          app,
          '--from',
          `${registry.host}/app`,
          '--source',
          'remote',
        );
        const [[code], errors] = await Promise.all([
          once(child, 'exit') as Promise<[number | null]>,
          text(child.stderr),
          evidence.watchProcesses(() => child.exitCode !== null),
        ]);
        evidence.note('stderr', errors);
        return { code, errors };
      };
      const { code, errors } = await build('web');
      assert.equal(code, 0, errors);
      assert.doesNotMatch(errors, /^warning: /m);
      for (const fault of faults) {
        registry.fault = fault;
        await evidence.lookInto(pvx.cache);
        await rm(pvx.cache, { recursive: true, force: true });
        const { code, errors } = await build(fault);
        assert.equal(code, 1, errors);
      }
      await evidence.lookInto(checkout);
      await registry.close();
      assert.deepEqual(evidence.leaks, []);
      assert.deepEqual(registry.strays, []);
      assert.ok(registry.logins > 0);
      assert.ok([...evidence.commands].some((command) => command.includes('cli.js')));
    });
  }

  const kept: Readonly<Record<string, RegistryCredentials>> = {
    'a password': { username, password },
    'an identity token': { identityToken },
  };
  for (const [kind, credentials] of Object.entries(kept)) {
    it(`show themselves only to who asks for them: ${kind} from the editor's secret storage`, async () => {
      const registry = await startGuardedRegistry(layout, tags, 'Bearer');
      const { home, checkout } = await place();
      const cacheDirectory = path.join(home, 'cache');
      const evidence = new Evidence();
      const asked = new Set<string>();
      const client = new BackendClient({
        entry: path.resolve('dist', 'backend.js'),
        settings: { cacheDirectory },
        credentials: ({ host }) => {
          asked.add(host);
          return Promise.resolve(credentials);
        },
        log: ({ message }) => evidence.note('log', message),
      });
      const build = (app: string) =>
        client.request(
          'addApp',
          {
            checkoutDirectory: checkout,
            request: { app, reference: `${registry.host}/app`, sources: 'remote' },
          },
          { onWarning: (message) => evidence.note('warning', message) },
        );
      const watched = { isOver: false };
      const watching = evidence.watchProcesses(() => watched.isOver);
      await build('web');
      for (const fault of faults) {
        registry.fault = fault;
        await evidence.lookInto(cacheDirectory);
        await rm(cacheDirectory, { recursive: true, force: true });
        await assert.rejects(build(fault), (error: Error) => {
          evidence.note('error', `${inspect(error)} ${JSON.stringify(error)}`);
          return true;
        });
      }
      watched.isOver = true;
      await watching;
      await client.dispose();
      await evidence.lookInto(checkout);
      await registry.close();
      assert.deepEqual(evidence.leaks, []);
      assert.deepEqual(registry.strays, []);
      assert.deepEqual([...asked], [registry.host]);
      assert.ok([...evidence.commands].some((command) => command.includes('backend.js')));
    });
  }
});
