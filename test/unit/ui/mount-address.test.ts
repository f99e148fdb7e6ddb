import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addressParts,
  mountName,
  nameToText,
  parseAddress,
  textToName,
} from '../../../src/ui/files/mount-address';

const base = '/home/me/my device/web/root.squashfs';
const overlay = '/home/me/my device/web/root.ovl.squashfs';

describe('addresses of files in mounts', () => {
  it('lead back to where they come from, whatever the names are', () => {
    const names = [
      'web.conf',
      'a b',
      '100%',
      'a?b#c',
      'back\\slash',
      '\xc3\xa9t\xc3\xa9',
      '\xff\xfe',
      '\xef\xbf\xbdff',
      'a\nb',
      '\xed\xa0\x80',
    ];
    for (const files of [
      [base],
      [base, overlay],
      ['C:\\Users\\me\\x.squashfs'],
      ['\\\\server\\share\\x.squashfs'],
      ['/é/%/[x].squashfs'],
    ]) {
      for (const path of ['', ...names, names.join('/')]) {
        const parts = addressParts({ files, path });
        // What VS Code makes of an authority.
        assert.equal(parts.authority, parts.authority.toLowerCase());
        assert.deepEqual(parseAddress(parts), { files, path });
        // A URI is made of UTF-8.
        assert.equal(decodeURIComponent(encodeURIComponent(parts.path)), parts.path);
      }
    }
  });

  it('read well, and are the same path in every mount', () => {
    const { authority, path } = addressParts({ files: [overlay], path: 'etc/web.conf' });
    assert.equal(path, '/etc/web.conf');
    assert.match(authority, /^[0-9a-f]+\+web root\.ovl\.squashfs$/);
    assert.match(addressParts({ files: ['/x/A:b@É.squashfs'], path: '' }).authority, /\+x a_b__\.squashfs$/);
    assert.equal(mountName([base, overlay]), 'web root.squashfs + web root.ovl.squashfs');
    assert.equal(mountName(['/rootfs.squashfs']), 'rootfs.squashfs');
  });

  it('are refused where nobody could have made them', () => {
    const { authority, path } = addressParts({ files: [base], path: 'etc' });
    assert.deepEqual(parseAddress({ authority, path: '//etc/' }), { files: [base], path: 'etc' });
    for (const wrong of [
      '',
      'zz',
      'web',
      Buffer.from('[]').toString('hex'),
      Buffer.from('[1]').toString('hex'),
    ])
      assert.equal(parseAddress({ authority: wrong, path }), undefined);
  });
});

describe('names as text', () => {
  it('show bytes that are not UTF-8, each name another text', () => {
    assert.equal(nameToText('caf\xe9'), 'caf\uFFFDe9');
    assert.equal(nameToText('\xef\xbf\xbde9'), '\uFFFDef\uFFFDbf\uFFFDbde9');
    assert.equal(nameToText('\xf0\x9f\x98\x80'), '😀');
    assert.equal(nameToText('\xc0\xaf'), '\uFFFDc0\uFFFDaf');
  });

  it('come back as they were: every byte, alone and after another', () => {
    for (let first = 0; first < 256; first++) {
      for (const second of [0x2e, 0x80, 0xbf, 0xff]) {
        const name = String.fromCharCode(first, second);
        assert.equal(textToName(nameToText(name)), name);
      }
    }
  });
});
