import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cloneLinkOf } from '../../../src/ui/devices/model/clone-link';
import { metaChanges, metaText, parseMeta } from '../../../src/ui/devices/model/meta-changes';
import { addressesIn, shellArguments, shellPlaceOf } from '../../../src/ui/devices/model/shell-place';

describe('a shell on a device', () => {
  it('is opened where an address says, and never at a hub', () => {
    assert.deepEqual(shellPlaceOf('192.168.1.5'), { host: '192.168.1.5', port: 8222, user: undefined });
    assert.deepEqual(shellPlaceOf('192.168.1.5:12368'), { host: '192.168.1.5', port: 8222, user: undefined });
    assert.deepEqual(shellPlaceOf('ssh://root@kitchen.local:22'), {
      ...{ host: 'kitchen.local', port: 22, user: 'root' },
    });
    assert.deepEqual(shellPlaceOf('[fe80::1]'), { host: 'fe80::1', port: 8222, user: undefined });
    for (const none of [
      'https://api.pantahub.com/trails/1',
      '-oProxyCommand=x',
      'ssh://-x',
      'a b',
      '/run/pv',
    ])
      assert.equal(shellPlaceOf(none), undefined, none);
  });

  it('gives ssh nothing that it could take for an option', () => {
    const place = { host: '10.0.0.2', port: 8222, user: undefined };
    assert.deepEqual(shellArguments(place, undefined), ['-p', '8222', '-t', '_pv_@10.0.0.2']);
    assert.deepEqual(shellArguments(place, 'web'), ['-p', '8222', '-t', 'web@10.0.0.2']);
    assert.equal(shellArguments(place, '-oProxyCommand=x'), undefined);
  });

  it('is offered where the device says that it is', () => {
    const interfaces = { 'eth0.ipv4': ['192.168.1.20'], 'lo.ipv4': ['127.0.0.1'] };
    assert.deepEqual(addressesIn({ interfaces }), ['192.168.1.20']);
    assert.deepEqual(addressesIn({}), []);
  });
});

describe('what a device is told, as a document', () => {
  it('is sent as what somebody has changed, so that what others changed stays', () => {
    const before = { a: '1', b: '2', odd: { kept: true } };
    assert.deepEqual(metaChanges(before, { a: '1', b: '3', odd: { kept: true }, c: '4' }), {
      changes: { b: '3', c: '4' },
    });
    assert.deepEqual(metaChanges(before, { a: '1', odd: { kept: true } }), { changes: { b: null } });
    assert.deepEqual(metaChanges(before, { ...before, n: 1 }), { noText: 'n' });
  });

  it('is an object of JSON, with sorted keys', () => {
    assert.equal(metaText({ b: '2', a: '1' }), '{\n  "a": "1",\n  "b": "2"\n}\n');
    assert.deepEqual(
      [parseMeta('{'), parseMeta('[]'), parseMeta('{"a":"1"}')],
      ['noJson', 'noObject', { a: '1' }],
    );
  });
});

describe('a link that clones', () => {
  it('names a device at a hub, and nothing of this machine', () => {
    const of = (query: string, path = '/clone') => cloneLinkOf({ path, query });
    assert.deepEqual(of('device=alice/kitchen&revision=3'), { device: 'alice/kitchen', revision: '3' });
    assert.deepEqual(of('device=https%3A%2F%2Fpvr.pantahub.com%2Falice%2Fkitchen'), {
      ...{ device: 'https://pvr.pantahub.com/alice/kitchen', revision: undefined },
    });
    for (const query of [
      '',
      'device=/etc',
      'device=ssh://x',
      'device=../a',
      'device=a&revision=-x',
      'device=a#b',
    ])
      assert.equal(of(query), undefined, query);
    assert.equal(of('device=kitchen', '/other'), undefined);
  });
});
