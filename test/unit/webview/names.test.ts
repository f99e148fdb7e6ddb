import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileKindOf } from '../../../webview/overlay/file-kind';
import { compareNatural } from '../../../webview/overlay/natural-order';

describe('the order of names', () => {
  it('is that of people, who count', () => {
    const wanted = ['a', 'a01', 'a1', 'a2', 'a2b', 'a10', 'a10.9', 'a10.10', 'b', 'b-1', 'é2', 'é10'];
    assert.deepEqual(wanted.toReversed().sort(compareNatural), wanted);
  });

  it('knows numbers of any length, and is an order', () => {
    assert.ok(compareNatural('9'.repeat(40), `1${'0'.repeat(40)}`) < 0);
    const names = ['1', '01', '001', '1a', '01a', '10', 'x1y2', 'x01y1', 'x1y02', '', 'x'];
    for (const one of names)
      for (const other of names) {
        const order = Math.sign(compareNatural(one, other));
        assert.equal(order, 0 - Math.sign(compareNatural(other, one)));
        assert.equal(order === 0, one === other);
      }
  });
});

describe('the kind of a file', () => {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    library: [
      'lib/libc.so.6',
      'usr/lib/libz.so.1.2.13',
      'lib/modules/6.1/a.ko',
      'lib/modules/6.1/a.ko.xz',
      'x/y.so',
    ],
    program: ['usr/bin/python3.11', 'sbin/init', 'usr/libexec/helper', 'usr/bin/['],
    code: ['usr/lib/python3/os.py', 'usr/lib/python3/os.cpython-311.pyc', 'usr/bin/run.sh'],
    text: ['etc/passwd', 'usr/share/man/man1/ls.1.gz', 'usr/share/doc/x/copyright', 'README.MD'],
    data: ['lib/firmware/brcm/x', 'usr/share/zoneinfo/Europe/Berlin', 'a/b.json'],
    media: ['usr/share/icons/x.PNG', 'usr/share/fonts/x.ttf'],
    archive: ['srv/x.tar.gz', 'root.squashfs'],
    other: ['srv/thing', '.bashrc', 'opt/x.y/thing', ''],
  };
  for (const [kind, paths] of Object.entries(kinds)) {
    it(`is told by name and place: ${kind}`, () => {
      assert.deepEqual(
        paths.map((path) => [path, fileKindOf(path)]),
        paths.map((path) => [path, kind]),
      );
    });
  }

  it('is a program where it may be run, unless its name says more', () => {
    assert.equal(fileKindOf('usr/lib/chromium/chromium', true), 'program');
    assert.equal(fileKindOf('usr/lib/x.py', true), 'code');
    assert.equal(fileKindOf('usr/lib/chromium/chromium', false), 'other');
  });
});
