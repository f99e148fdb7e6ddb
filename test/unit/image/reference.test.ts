import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDigest } from '../../../src/core/image/digest';
import {
  canonicalReference,
  familiarReference,
  logInTo,
  parseReference,
  pinnedName,
  registryOf,
  sentOnTo,
  withDigest,
} from '../../../src/core/image/reference';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';

const sha256 = `sha256:${'f'.repeat(64)}`;
const sha512 = `sha512:${'f'.repeat(128)}`;

interface Parts {
  readonly name: string;
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** After the tables of distribution/reference, reference_test.go and normalize_test.go. */
const valid: Readonly<Record<string, Parts>> = {
  nginx: { name: 'nginx', domain: 'docker.io', path: 'library/nginx', tag: 'latest' },
  'nginx:1.25': { name: 'nginx', domain: 'docker.io', path: 'library/nginx', tag: '1.25' },
  'test.com:5000': { name: 'test.com', domain: 'docker.io', path: 'library/test.com', tag: '5000' },
  test_com: { name: 'test_com', domain: 'docker.io', path: 'library/test_com', tag: 'latest' },
  'test_com/foo': { name: 'test_com/foo', domain: 'docker.io', path: 'test_com/foo', tag: 'latest' },
  'foo_bar.com:8080': { name: 'foo_bar.com', domain: 'docker.io', path: 'library/foo_bar.com', tag: '8080' },
  'foo/foo_bar.com:8080': {
    name: 'foo/foo_bar.com',
    domain: 'docker.io',
    path: 'foo/foo_bar.com',
    tag: '8080',
  },
  '192.168.1.1': { name: '192.168.1.1', domain: 'docker.io', path: 'library/192.168.1.1', tag: 'latest' },
  'docker.io/redis': { name: 'docker.io/redis', domain: 'docker.io', path: 'library/redis', tag: 'latest' },
  'docker.io/library/redis:7': {
    name: 'docker.io/library/redis',
    domain: 'docker.io',
    path: 'library/redis',
    tag: '7',
  },
  'index.docker.io/fooo/bar': {
    name: 'index.docker.io/fooo/bar',
    domain: 'docker.io',
    path: 'fooo/bar',
    tag: 'latest',
  },
  'library/foo/bar': {
    name: 'library/foo/bar',
    domain: 'docker.io',
    path: 'library/foo/bar',
    tag: 'latest',
  },
  'test.com/repo:tag': { name: 'test.com/repo', domain: 'test.com', path: 'repo', tag: 'tag' },
  'test:5000/repo:tag': { name: 'test:5000/repo', domain: 'test:5000', path: 'repo', tag: 'tag' },
  'localhost/app': { name: 'localhost/app', domain: 'localhost', path: 'app', tag: 'latest' },
  'localhost:5443/multi': {
    name: 'localhost:5443/multi',
    domain: 'localhost:5443',
    path: 'multi',
    tag: 'latest',
  },
  'Foo/bar': { name: 'Foo/bar', domain: 'Foo', path: 'bar', tag: 'latest' },
  'lowercase:Uppercase': {
    name: 'lowercase',
    domain: 'docker.io',
    path: 'library/lowercase',
    tag: 'Uppercase',
  },
  'b.gcr.io/test.example.com/my-app:test.example.com': {
    name: 'b.gcr.io/test.example.com/my-app',
    domain: 'b.gcr.io',
    path: 'test.example.com/my-app',
    tag: 'test.example.com',
  },
  'xn--n3h.com/myimage:xn--n3h.com': {
    name: 'xn--n3h.com/myimage',
    domain: 'xn--n3h.com',
    path: 'myimage',
    tag: 'xn--n3h.com',
  },
  'docker---rules/dock__er': {
    name: 'docker---rules/dock__er',
    domain: 'docker.io',
    path: 'docker---rules/dock__er',
    tag: 'latest',
  },
  '192.168.1.1:5000/repo:5050': {
    name: '192.168.1.1:5000/repo',
    domain: '192.168.1.1:5000',
    path: 'repo',
    tag: '5050',
  },
  '[2001:db8::1]/repo': {
    name: '[2001:db8::1]/repo',
    domain: '[2001:db8::1]',
    path: 'repo',
    tag: 'latest',
  },
  '[::1]:5000/repo:tag': { name: '[::1]:5000/repo', domain: '[::1]:5000', path: 'repo', tag: 'tag' },
  [`nginx@${sha256}`]: { name: 'nginx', domain: 'docker.io', path: 'library/nginx', digest: sha256 },
  [`reg.io:1/foo:1@${sha512}`]: {
    name: 'reg.io:1/foo',
    domain: 'reg.io:1',
    path: 'foo',
    tag: '1',
    digest: sha512,
  },
  [`${'a/'.repeat(120)}a:${'t'.repeat(128)}`]: {
    name: `${'a/'.repeat(120)}a`,
    domain: 'docker.io',
    path: `${'a/'.repeat(120)}a`,
    tag: 't'.repeat(128),
  },
};

const invalid: Readonly<Record<string, RegExp>> = {
  '': /it is empty/,
  ':justtag': /the name before the tag is missing/,
  [`@${sha256}`]: /a part of its name is empty/,
  [`repo@sha256:${'f'.repeat(34)}`]: /there must be 64/,
  [`repo@sha256:${'F'.repeat(64)}`]: /64 lower-case/,
  [`repo@md5:${'f'.repeat(32)}`]: /sha256 or sha512/,
  [sha256]: /only a digest/,
  ['f'.repeat(64)]: /only a digest/,
  'Uppercase:tag': /"Uppercase" has upper-case letters/,
  'docker/Docker': /"Docker" has upper-case letters/,
  'test:5000/Uppercase/lowercase:tag': /"Uppercase" has upper-case letters/,
  [`${'a/'.repeat(128)}a:tag`]: /255 is the limit/,
  'aa/asdf$$^/aa': /"asdf\$\$\^" is not a part of a name/,
  'https://github.com/docker/docker': /it is a URL/,
  'docker://nginx': /it is a URL/,
  'nginx latest': /contains a space/,
  '-docker': /"-docker" is not a part/,
  '-docker.io/docker/docker': /"-docker.io" is not a registry's host name/,
  'docker///docker': /a part of its name is empty/,
  'docker/': /a part of its name is empty/,
  'dock..er/docker': /"dock\.\.er"/,
  '_docker/_docker': /"_docker"/,
  'nginx:': /tag after ":" is missing/,
  'nginx:-x': /"-x" is not a tag/,
  [`nginx:${'t'.repeat(129)}`]: /128 is the limit/,
  '[2001:db8::1]': /a repository is missing/,
  '[2001:db8::1]:5000': /a repository is missing/,
  '[fe80::1%eth0]:5000/repo': /not a registry's host name/,
  '[2001:db8:3:4::192.0.2.33]:5000/debian': /not a registry's host name/,
  'fc00::1:5000/debian': /not a registry's host name/,
  'localhost:99999/app': /not a registry's host name/,
  ['a'.repeat(100_000)]: /100000 characters/,
};

describe('parseReference', () => {
  for (const [text, parts] of Object.entries(valid)) {
    it(`reads ${text.slice(0, 80)}`, () => {
      const expected = { tag: undefined, digest: undefined, ...parts };
      assert.deepEqual(parseReference(text), expected);
    });
  }

  for (const [text, found] of Object.entries(invalid)) {
    it(`says what is wrong with "${text.slice(0, 60)}", with an example`, () => {
      assert.throws(
        () => parseReference(text),
        (error) =>
          error instanceof Problem &&
          found.test(error.found) &&
          inTerminalWords(error.remedy).includes('nginx:1.25') &&
          error.message.length < 600,
      );
    });
  }
});

describe('a reference', () => {
  const digest = parseDigest(sha256);

  it('is shown the way docker shows it', () => {
    const shown = (text: string) => familiarReference(parseReference(text));
    assert.equal(shown('docker.io/library/redis'), 'redis:latest');
    assert.equal(shown('index.docker.io/fooo/bar:1'), 'fooo/bar:1');
    assert.equal(shown('library/foo/bar'), 'library/foo/bar:latest');
    assert.equal(shown(`example.com:8000/base:v1@${sha256}`), `example.com:8000/base:v1@${sha256}`);
  });

  it('has a canonical form that leaves nothing out', () => {
    assert.equal(canonicalReference(parseReference('redis')), 'docker.io/library/redis:latest');
    assert.equal(canonicalReference(parseReference(`redis@${sha256}`)), `docker.io/library/redis@${sha256}`);
  });

  it('keeps the typed name for docker_digest, also with a port and no tag', () => {
    assert.equal(pinnedName(parseReference('nginx:1.25'), digest), `nginx@${sha256}`);
    assert.equal(
      pinnedName(parseReference('localhost:5443/multi'), digest),
      `localhost:5443/multi@${sha256}`,
    );
  });

  it('can be bound to a digest', () => {
    assert.equal(familiarReference(withDigest(parseReference('nginx:1'), digest)), `nginx:1@${sha256}`);
  });

  it('knows where Docker Hub answers and where docker keeps its login', () => {
    assert.deepEqual(registryOf(parseReference('nginx')), {
      host: 'registry-1.docker.io',
      credentialKey: 'https://index.docker.io/v1/',
      isNamed: true,
    });
    assert.deepEqual(registryOf(parseReference('ghcr.io/a/b')), {
      host: 'ghcr.io',
      credentialKey: 'ghcr.io',
      isNamed: true,
    });
    const behind = sentOnTo('registry-1.docker.io', parseReference('front.example/library/nginx'));
    assert.equal(registryOf(behind).credentialKey, 'https://index.docker.io/v1/');
    assert.equal(inTerminalWords([logInTo(parseReference('nginx'))]), 'docker login');
    assert.equal(inTerminalWords([logInTo(parseReference('ghcr.io/a/b'))]), 'docker login ghcr.io');
  });
});

describe('a long reference', () => {
  it('may have 255 characters behind the host', () => {
    const path = `${'a'.repeat(120)}/${'b'.repeat(134)}`;
    assert.equal(parseReference(`registry.example.com:5000/${path}:v1`).path, path);
    assert.throws(
      () => parseReference(`registry.example.com:5000/${path}b:v1`),
      /has 256 characters, and 255/,
    );
  });
});
