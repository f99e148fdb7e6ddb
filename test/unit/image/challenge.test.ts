import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChallenges } from '../../../src/core/image/registry/token';

const parsed = (header: string | string[] | undefined) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('parseChallenges', () => {
  it("reads Docker Hub's", () => {
    assert.deepEqual(
      parsed(
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push"',
      ),
      [
        [
          'bearer',
          {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:library/nginx:pull,push',
          },
        ],
      ],
    );
  });

  it('reads several in one header, and in several headers', () => {
    const bearer = ['bearer', { realm: 'https://a/t' }];
    const basic = ['basic', { realm: 'a, "b"' }];
    assert.deepEqual(parsed('Bearer realm="https://a/t", Basic realm="a, \\"b\\""'), [bearer, basic]);
    assert.deepEqual(parsed(['Bearer realm="https://a/t"', 'Basic realm="a, \\"b\\""']), [bearer, basic]);
  });

  it('reads names and schemes in any case, bare values, spaces and empty elements', () => {
    assert.deepEqual(parsed('BASIC  Realm = registry , ,charset=UTF-8'), [
      ['basic', { realm: 'registry', charset: 'UTF-8' }],
    ]);
  });

  it('passes over a token, and schemes without parameters', () => {
    assert.deepEqual(parsed('Negotiate YWJj==, NTLM, Basic realm="x"'), [
      ['negotiate', {}],
      ['ntlm', {}],
      ['basic', { realm: 'x' }],
    ]);
  });

  it('ends at what it can not read, quickly', () => {
    assert.deepEqual(parsed(undefined), []);
    assert.deepEqual(parsed(''), []);
    assert.deepEqual(parsed('Basic realm="open'), [['basic', {}]]);
    assert.deepEqual(parsed(`Basic realm="${'\\'.repeat(16_000)}`), [['basic', {}]]);
    assert.equal(parsed('a '.repeat(8_000)).length > 0, true);
  });
});
