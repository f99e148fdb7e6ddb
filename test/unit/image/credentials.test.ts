import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  credentialSources,
  findCredentials,
  type Credentials,
  type CredentialSource,
} from '../../../src/core/image/credentials';
import { askCredentialHelper } from '../../../src/core/image/credentials/credential-helper';
import { parseReference, registryOf } from '../../../src/core/image/reference';
import type { Job } from '../../../src/core/job';
import type { ProcessEnvironment } from '../../../src/core/net/process-environment';
import { Secret } from '../../../src/core/net/secret';
import { hasNoRights, withoutRights } from '../checkout/without-rights';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Shows the secrets, for comparison. */
function revealed(credentials: Credentials): string {
  switch (credentials.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'basic':
      return `basic ${credentials.username} ${credentials.password.reveal()}`;
    case 'identity-token':
    case 'registry-token':
      return `${credentials.kind} ${credentials.token.reveal()}`;
  }
}

describe('credentials', () => {
  let home = '';
  let warnings: string[] = [];

  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'credentials-'));
    await mkdir(path.join(home, '.docker'));
    await mkdir(path.join(home, 'bin'));
  });
  beforeEach(() => {
    warnings = [];
  });
  after(() => rm(home, { recursive: true }));

  const job = (): Job => ({
    signal: new AbortController().signal,
    progress: () => undefined,
    warn: (message) => warnings.push(message),
  });
  const environment = (env: Record<string, string> = {}): ProcessEnvironment => ({
    env: { PATH: `${path.join(home, 'bin')}${path.delimiter}${process.env['PATH'] ?? ''}`, ...env },
    homeDirectory: home,
    platform: process.platform,
  });
  const dockerConfig = (config: unknown, folder = path.join(home, '.docker')) =>
    writeFile(path.join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  const found = async (
    image: string,
    options: {
      env?: Record<string, string>;
      given?: { username: string; password: Secret };
      extra?: CredentialSource[];
    } = {},
  ) =>
    revealed(
      await findCredentials(
        credentialSources(environment(options.env), options.given, options.extra),
        registryOf(parseReference(image)),
        job(),
      ),
    );

  describe('in docker config.json', () => {
    it('are found by the registry of an image', async () => {
      await dockerConfig({
        auths: {
          'https://index.docker.io/v1/': { auth: base64('hub:secret') },
          'registry.example:5000': { auth: base64('user:pass:with:colons') },
          'https://old.example/v1/': { username: 'old', password: 'way' },
          'https://other.example': { auth: base64('padded:word\0\0') },
        },
      });
      assert.equal(await found('nginx'), 'basic hub secret');
      assert.equal(await found('registry.example:5000/a'), 'basic user pass:with:colons');
      assert.equal(await found('old.example/a'), 'basic old way');
      assert.equal(await found('other.example/a'), 'basic padded word');
      assert.equal(await found('registry.example/a'), 'anonymous');
      assert.deepEqual(warnings, []);
    });

    it('may be tokens, which count before a password', async () => {
      await dockerConfig({
        auths: {
          'acr.example': { auth: base64('00000000-0000-0000-0000-000000000000:'), identitytoken: 'refresh' },
          'openshift.example': { registrytoken: 'bearer', identitytoken: 'refresh' },
          'empty.example': {},
          'junk.example': { auth: 'AAAA' },
        },
      });
      assert.equal(await found('acr.example/a'), 'identity-token refresh');
      assert.equal(await found('openshift.example/a'), 'registry-token bearer');
      assert.equal(await found('empty.example/a'), 'anonymous');
      assert.equal(await found('junk.example/a'), 'anonymous');
    });

    it('lie in the folder that DOCKER_CONFIG names', async () => {
      await dockerConfig({ auths: { 'a.example': { auth: base64('home:1') } } });
      const folder = await mkdtemp(path.join(home, 'config-'));
      await dockerConfig({ auths: { 'a.example': { auth: base64('elsewhere:2') } } }, folder);
      assert.equal(await found('a.example/a', { env: { DOCKER_CONFIG: folder } }), 'basic elsewhere 2');
      assert.equal(await found('a.example/a', { env: { DOCKER_CONFIG: '' } }), 'basic home 1');
    });

    it('count as none, with a warning that quotes nothing, when the file is broken', async () => {
      for (const config of ['{"auths": {"a.example": {"auth": "c2VjcmV0"', '[]', { auths: 'c2VjcmV0' }]) {
        warnings = [];
        await dockerConfig(config);
        assert.equal(await found('a.example/a'), 'anonymous');
        assert.equal(warnings.length, 1);
        assert.match(warnings[0] ?? '', /config\.json are not used/);
        assert.doesNotMatch(warnings[0] ?? '', /c2VjcmV0/);
      }
    });

    it('count as none without a word when there is no file, or nothing in it', async () => {
      const file = path.join(home, '.docker', 'config.json');
      await rm(file, { force: true });
      assert.equal(await found('a.example/a'), 'anonymous');
      for (const content of ['', ' \n', 'null']) {
        await dockerConfig(content);
        assert.equal(await found('a.example/a'), 'anonymous');
      }
      await rm(file);
      await mkdir(file);
      assert.equal(await found('a.example/a'), 'anonymous');
      await rm(file, { recursive: true });
      assert.deepEqual(warnings, []);
    });

    it('count each for itself, whatever the others are', async () => {
      await dockerConfig({
        auths: {
          'null.example': null,
          'text.example': 'c2VjcmV0',
          'number.example': { auth: 5 },
          'a.example': { auth: base64('u:p') },
        },
        credHelpers: { 'null.example': null },
      });
      assert.equal(await found('a.example/a'), 'basic u p');
      assert.equal(await found('null.example/a'), 'anonymous');
      assert.deepEqual(warnings, []);
      for (const host of ['text.example', 'number.example']) {
        warnings = [];
        assert.equal(await found(`${host}/a`), 'anonymous');
        const warning = warnings.at(-1) ?? '';
        assert.match(
          warning,
          new RegExp(`^The login for ${host} in .*config\\.json is not used: it is not as docker`),
        );
        assert.doesNotMatch(warning, /c2VjcmV0/);
      }
    });

    it('have names in any case, as for Go', async () => {
      await dockerConfig({ Auths: { 'a.example': { Auth: base64('u:p') } }, credSstore: '' });
      assert.equal(await found('a.example/a'), 'basic u p');
      await dockerConfig({ AUTHS: { 'a.example': { UserName: 'u', PASSWORD: 'q' } } });
      assert.equal(await found('a.example/a'), 'basic u q');
    });
  });

  describe('in DOCKER_AUTH_CONFIG', () => {
    it('count before those of config.json', async () => {
      await dockerConfig({
        auths: { 'a.example': { auth: base64('file:1') }, 'b.example': { auth: base64('file:2') } },
      });
      const env = {
        DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'a.example': { auth: base64('env:3') } } }),
      };
      assert.equal(await found('a.example/a', { env }), 'basic env 3');
      assert.equal(await found('b.example/a', { env }), 'basic file 2');
      assert.equal(await found('a.example/a', { env: { DOCKER_AUTH_CONFIG: '' } }), 'basic file 1');
    });

    it('count as none, with a warning that quotes nothing, when it is broken', async () => {
      await dockerConfig({});
      assert.equal(await found('a.example/a', { env: { DOCKER_AUTH_CONFIG: 'c2VjcmV0' } }), 'anonymous');
      assert.deepEqual(warnings, ['The logins in DOCKER_AUTH_CONFIG are not used: it is not a JSON object.']);
    });
  });

  describe('from several sources', () => {
    it('are taken from the command line, then the environment, then docker, then the rest', async () => {
      await dockerConfig({ auths: { 'a.example': { auth: base64('docker:3') } } });
      const given = { username: 'flag', password: new Secret('1') };
      const env = { PVR_REGISTRY_USERNAME: 'env', PVR_REGISTRY_PASSWORD: '2' };
      const extra: CredentialSource[] = [
        ({ host }) =>
          Promise.resolve(
            host === 'b.example' ? { kind: 'registry-token', token: new Secret('4') } : undefined,
          ),
      ];
      assert.equal(await found('a.example/a', { given, env, extra }), 'basic flag 1');
      assert.equal(await found('a.example/a', { env, extra }), 'basic env 2');
      assert.equal(await found('a.example/a', { extra }), 'basic docker 3');
      assert.equal(await found('b.example/a', { extra }), 'registry-token 4');
      assert.equal(await found('c.example/a', { extra }), 'anonymous');
    });
  });

  // Programs with a shebang; Windows runs the same code with .exe files.
  describe('from a credential helper', { skip: process.platform === 'win32' }, () => {
    const helper = async (name: string, script: string) => {
      const file = path.join(home, 'bin', `docker-credential-${name}`);
      await writeFile(file, `#!/bin/sh\n${script}\n`);
      await chmod(file, 0o755);
    };
    const notFound = 'echo "credentials not found in native keychain"; exit 1';
    const signal = new AbortController().signal;

    it('are asked for with the key on its input', async () => {
      const log = path.join(home, 'asked');
      await helper(
        'keys',
        `key=$(cat); echo "$1 $key" >> '${log}'; printf '{"ServerURL":"%s","Username":"u","Secret":"s of %s"}' "$key" "$key"`,
      );
      await dockerConfig({ credsStore: 'keys' });
      assert.equal(await found('nginx'), 'basic u s of https://index.docker.io/v1/');
      assert.equal(await found('a.example:5000/x'), 'basic u s of a.example:5000');
      assert.equal(await readFile(log, 'utf8'), 'get https://index.docker.io/v1/\nget a.example:5000\n');
    });

    it('come from the helper of the registry, if it has its own', async () => {
      await helper('general', `echo '{"Username":"general","Secret":"1"}'`);
      await helper('ecr', `echo '{"Username":"AWS","Secret":"2"}'`);
      await dockerConfig({ credsStore: 'general', credHelpers: { 'aws.example': 'ecr' } });
      assert.equal(await found('aws.example/a'), 'basic AWS 2');
      assert.equal(await found('a.example/a'), 'basic general 1');
    });

    it('are an identity token when the user is <token>', async () => {
      await helper('acr', `echo '{"Username":"<token>","Secret":"refresh"}'`);
      await dockerConfig({ credsStore: 'acr' });
      assert.equal(await found('a.example/a'), 'identity-token refresh');
    });

    it('are also looked up with the scheme, and then in config.json', async () => {
      await helper(
        'schemes',
        `key=$(cat); if [ "$key" = https://a.example ]; then echo '{"Username":"u","Secret":"s"}'; else ${notFound}; fi`,
      );
      await dockerConfig({ credsStore: 'schemes', auths: { 'b.example': { auth: base64('file:f') } } });
      assert.equal(await found('a.example/x'), 'basic u s');
      assert.equal(await found('b.example/x'), 'basic file f');
      assert.equal(await found('c.example/x'), 'anonymous');
      assert.deepEqual(warnings, []);
    });

    it('are none, with a warning, when the helper is missing or fails', async () => {
      await dockerConfig({ credsStore: 'not-installed' });
      assert.equal(await found('a.example/x'), 'anonymous');
      await helper('locked', 'echo "the key chain is locked"; exit 3');
      await dockerConfig({ credsStore: 'locked' });
      assert.equal(await found('a.example/x'), 'anonymous');
      assert.deepEqual(warnings, [
        "No credentials for a.example: docker's config asks for docker-credential-not-installed, which is not installed.",
        'No credentials for a.example: docker-credential-locked ended with code 3 (the key chain is locked).',
      ]);
    });

    it('tell the ways of failing apart', async () => {
      await helper('none', notFound);
      await helper('garbage', 'echo hello');
      await helper('empty', `echo '{"Username":"","Secret":""}'`);
      await helper('leaky', `echo '{"Secret":"hunter2"}'; echo "no access" >&2; exit 1`);
      await helper('deaf', 'exec <&-; exit 4');
      await helper('slow', 'exec sleep 60');
      const ask = (name: string, timeoutMs?: number) =>
        askCredentialHelper(name, 'k'.repeat(200_000), environment(), signal, timeoutMs);
      assert.deepEqual(await ask('none'), { kind: 'not-found' });
      assert.deepEqual(await ask('empty'), { kind: 'not-found' });
      assert.deepEqual(await ask('garbage'), {
        kind: 'failed',
        reason: 'docker-credential-garbage answered something else than credentials',
      });
      assert.deepEqual(await ask('leaky'), {
        kind: 'failed',
        reason: 'docker-credential-leaky ended with code 1 (no access)',
      });
      assert.deepEqual(await ask('deaf'), {
        kind: 'failed',
        reason: 'docker-credential-deaf ended with code 4',
      });
      assert.deepEqual(await ask('slow', 50), {
        kind: 'failed',
        reason: 'docker-credential-slow did not answer in 1 s',
      });
      assert.deepEqual(await ask('../../bin/sh'), {
        kind: 'failed',
        reason: 'docker\'s config names the credential helper "../../bin/sh"',
      });
    });

    it(
      'tell a helper that is not installed from one that may not be run',
      { skip: hasNoRights },
      async () => {
        const folder = await mkdtemp(path.join(tmpdir(), 'path-'));
        const [secluded, open] = [path.join(folder, 'secluded'), path.join(folder, 'open')];
        await mkdir(secluded);
        await mkdir(open);
        const ask = (name: string) =>
          askCredentialHelper(
            name,
            'a.example',
            environment({ PATH: [secluded, open].join(path.delimiter) }),
            signal,
          );
        try {
          await withoutRights(folder, async () => {
            await chmod(secluded, 0);
            assert.deepEqual(await ask('nowhere'), {
              kind: 'failed',
              reason: "docker's config asks for docker-credential-nowhere, which is not installed",
            });
            await writeFile(path.join(open, 'docker-credential-plain'), '', { mode: 0o644 });
            assert.deepEqual(await ask('plain'), {
              kind: 'failed',
              reason: 'docker-credential-plain could not be run (spawn docker-credential-plain EACCES)',
            });
          });
        } finally {
          await rm(folder, { recursive: true });
        }
      },
    );

    it('are waited for no longer than the job runs', async () => {
      await helper('slow', 'exec sleep 60');
      const stop = new AbortController();
      const asked = askCredentialHelper('slow', 'a.example', environment(), stop.signal);
      stop.abort(new Error('stopped by the user'));
      await assert.rejects(asked, /stopped by the user/);
    });
  });
});

describe('a secret', () => {
  it('shows itself only when asked to', () => {
    const credentials = { kind: 'basic', username: 'u', password: new Secret('hunter2') };
    assert.equal(credentials.password.reveal(), 'hunter2');
    for (const shown of [
      JSON.stringify(credentials),
      inspect(credentials, { showHidden: true, depth: 9 }),
      String(credentials.password),
      Object.values(credentials.password).join(),
    ]) {
      assert.doesNotMatch(shown, /hunter2/);
    }
  });
});
