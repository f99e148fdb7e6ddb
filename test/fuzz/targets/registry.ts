import path from 'node:path';
import { BlobCache } from '../../../src/core/image/blob-cache';
import type { Credentials } from '../../../src/core/image/credentials';
import { readableImage } from '../../../src/core/image/layer';
import { parseRequest } from '../../../src/core/image/parsed-request';
import { createRegistryClient } from '../../../src/core/image/registry';
import { openRemoteImage } from '../../../src/core/image/remote-image';
import { Secret } from '../../../src/core/net/secret';
import { createRegistryTransport } from '../../../src/core/image/registry/registry-transport';
import { sha256 } from '../../image-maker/layer';
import { smallImages } from '../hostile/images';
import { type ImageFiles, layoutFiles, varyImage } from '../image-files';
import { readWholeImage } from '../read-image';
import { type Answer, type Script, ScriptedServer } from '../scripted-server';
import type { Seeds, Target } from '../target';
import { varyJson } from '../vary-json';

const { base, derived, forAmd64 } = smallImages;
const codecs = path.resolve('dist');
const server = new ScriptedServer();
const login: Credentials = { kind: 'basic', username: 'somebody', password: new Secret('secret') };

/** One for all inputs: it takes longer to know whom to trust than to ask. */
const transport = createRegistryTransport({
  environment: { env: {}, homeDirectory: '/nowhere', platform: process.platform },
  retry: { attempts: 1 },
  timeouts: { connect: 1000, headers: 1000, body: 1000 },
});

export const target: Target = {
  seeds,
  vary(input, _, random) {
    if (random.chance(0.4)) return Buffer.from(varyJson(input.toString('utf8'), random), 'utf8');
    const script = scriptIn(input);
    const bodies = new Map(
      Object.entries(script.answers).map(([name, { body = '' }]) => [name, Buffer.from(body, 'latin1')]),
    );
    return textOf({ ...script, answers: answersOf(varyImage(bodies, random), script.answers) });
  },
  async read(input, folder, job) {
    const host = await server.play(scriptIn(input));
    const cache = new BlobCache(path.join(folder, 'cache'), 2 ** 30);
    const wish = parseRequest({ reference: `${host}/app:latest`, sources: [], platforms: ['linux/arm64'] });
    const registry = createRegistryClient(transport, [() => Promise.resolve(login)]);
    await readWholeImage(readableImage(await openRemoteImage(wish, registry, cache, job), codecs), job);
  },
  async close() {
    await transport.close();
    await server.close();
  },
};

async function seeds(): Promise<Seeds> {
  const one = answersOf(urlsOf(await layoutFiles({ latest: derived })));
  const multi = answersOf(
    urlsOf(await layoutFiles({ latest: [base, forAmd64] }, { mediaTypes: 'docker', compression: 'gzip' })),
  );
  const token = {
    headers: { 'content-type': 'application/json' },
    body: '{"token":"a token","expires_in":300}',
  };
  const challenge = 'Bearer realm="http://$HOST/token",service="test",scope="repository:app:pull"';
  const only = (answer: Answer): Script => ({ answers: { 'manifests/latest': answer } });
  const redirected = { status: 307, headers: { location: 'http://$HOST/v2/app/moved' } };
  const scripts: Readonly<Record<string, Script>> = {
    'an image': { answers: one },
    'an index': { answers: multi },
    'a login': { challenge, answers: { ...one, '/token': token } },
    'a login by password': { challenge: 'Basic realm="x"', answers: one },
    'challenges in a circle': {
      challenge,
      answers: { '/token': { status: 401, headers: { 'www-authenticate': challenge } } },
    },
    'a redirect': {
      answers: { ...one, moved: one['manifests/latest'] ?? {}, 'manifests/latest': redirected },
    },
    'redirects in a circle': { answers: { 'manifests/latest': redirected, moved: redirected } },
    'a redirect to a file': only({ status: 302, headers: { location: 'file:///etc/passwd' } }),
    'no such thing': only({ status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}' }),
    'too many requests': only({ status: 429, headers: { 'retry-after': '999999999999' } }),
    'a page': only({ headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' }),
    'a length that lies': only({ headers: { 'content-length': '99999999999' }, body: '{}' }),
    'a negative length': only({ headers: { 'content-length': '-1' }, body: '{}' }),
    'a digest that is none': only({ headers: { 'docker-content-digest': 'sha256:../../x' }, body: '{}' }),
    'no HTTP': only({ raw: 'SSH-2.0-OpenSSH\r\n' }),
    'half a header': only({ raw: 'HTTP/1.1 200 OK\r\nContent-Le' }),
    'headers without end': only({ raw: `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(50_000)}` }),
    'a chunk that lies': only({ raw: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n{}' }),
    silence: only({ raw: '' }),
  };
  return Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, textOf(script)]));
}

/** Paths of a layout as paths of a repository. */
function urlsOf(files: ImageFiles): ImageFiles {
  const index = JSON.parse(files.get('index.json')?.toString() ?? '') as { manifests: { digest: string }[] };
  const top = index.manifests[0]?.digest ?? '';
  const urls = new Map<string, Buffer>();
  for (const [name, content] of files) {
    const hex = path.basename(name);
    const isManifest = content.includes('"schemaVersion"');
    if (name.startsWith('blobs')) urls.set(`${isManifest ? 'manifests' : 'blobs'}/sha256:${hex}`, content);
    if (sha256(content) === top) urls.set('manifests/latest', content);
  }
  return urls;
}

/** @param known whose headers stay. */
function answersOf(bodies: ImageFiles, known: Readonly<Record<string, Answer>> = {}): Record<string, Answer> {
  const answers = [...bodies].map(
    ([name, body]) => [name, { ...known[name], body: body.toString('latin1') }] as const,
  );
  return Object.fromEntries(answers);
}

function textOf(script: Script): Buffer {
  return Buffer.from(JSON.stringify(script, undefined, 1), 'utf8');
}

/** Whatever is no script, or no answer, says nothing. */
function scriptIn(input: Buffer): Script {
  try {
    const script = JSON.parse(input.toString('utf8')) as Partial<Script> | null;
    const answers = Object.entries(script?.answers ?? {}).filter(([, answer]) => isAnswer(answer));
    return { ...script, answers: Object.fromEntries(answers) };
  } catch {
    return { answers: {} };
  }
}

function isAnswer(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  const { body, raw } = answer as Partial<Record<keyof Answer, unknown>>;
  return [body, raw].every((text) => text === undefined || typeof text === 'string');
}
