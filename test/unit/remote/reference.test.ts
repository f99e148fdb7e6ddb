import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseReference } from '../../../src/core/remote/reference';

const environment = { env: {}, homeDirectory: '/home/a', platform: 'linux' } as const;
const parse = (text: string) => {
  const meant = parseReference(text, environment);
  return 'hub' in meant ? { ...meant, hub: meant.hub.origin } : meant;
};
const id = '6b0cda33686c8238cc34e523';
const usual = 'https://api.pantahub.com';
const none = { revision: undefined, parts: undefined };

describe('references to devices', () => {
  it('are nicks, of oneself or somebody, with a revision and parts', () => {
    const kitchen = { kind: 'pantahub', hub: usual, device: { nick: 'kitchen', user: undefined }, ...none };
    assert.deepEqual(parse('kitchen'), kitchen);
    assert.deepEqual(parse('kitchen#web,-db'), { ...kitchen, parts: 'web,-db' });
    assert.deepEqual(parse('alice/kitchen/7'), {
      ...kitchen,
      device: { user: 'alice', nick: 'kitchen' },
      revision: '7',
    });
    assert.deepEqual(parse(`prn:::devices:/${id}`), { ...kitchen, device: { id } });
  });

  it('are URLs of trails, of steps, and as pvr has them', () => {
    const trail = { kind: 'pantahub', hub: 'http://127.0.0.1:12365', device: { id }, ...none };
    assert.deepEqual(parse(`http://127.0.0.1:12365/trails/${id}`), trail);
    assert.deepEqual(parse(`http://127.0.0.1:12365/trails/${id}/steps/3#web`), {
      ...trail,
      revision: '3',
      parts: 'web',
    });
    const named = { kind: 'pantahub', hub: usual, device: { user: 'alice', nick: 'kitchen' }, ...none };
    assert.deepEqual(parse('https://pvr.pantahub.com/alice/kitchen'), named);
    assert.deepEqual(parse('https://pvr.pantahub.com/alice/kitchen/4/'), { ...named, revision: '4' });
    assert.deepEqual(parse('https://pvr.hub.example/alice/kitchen'), {
      ...named,
      hub: 'https://api.hub.example',
    });
  });

  it('are addresses, ssh, and paths, which never become names', () => {
    assert.deepEqual(parse('10.0.0.7:12368#web'), { kind: 'address', host: '10.0.0.7:12368', parts: 'web' });
    assert.equal(parse('ssh://root@10.0.0.7:8222').kind, 'ssh');
    for (const path of ['../other', './x', '/a/b', 'x.tgz#web', 'a/.pvr', 'C:\\x'])
      assert.deepEqual(parse(path), { kind: 'path', path });
  });

  it('hold no password, and nothing that is no name', () => {
    assert.throws(
      () => parse('https://a:secret@pvr.pantahub.com/alice/kitchen'),
      (error: Error) => !error.message.includes('secret'),
    );
    for (const text of ['a b', 'a/b/c', 'a/b/1/2', '', 'https://x.example/a/b/c/d'])
      assert.throws(() => parse(text), { name: 'Problem' });
  });
});
