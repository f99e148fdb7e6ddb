import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentQuestions, overlayOf } from '../../../src/core/rootfs/compare';
import { differences } from '../../../src/core/rootfs/differences';
import { stackTrees } from '../../../src/core/rootfs/stack';
import {
  device,
  file,
  folder,
  sameText,
  shown,
  special,
  symlink,
  tree,
  xattrs,
  type TextTree,
} from './trees';

/** The overlay as text; over the base it must show the image. */
function overlay(base: TextTree, image: TextTree): string[] {
  const made = overlayOf(base, image, sameText).root;
  assert.deepEqual(differences(stackTrees(base, made), image, sameText), []);
  return shown(made);
}

const whiteout = (path: string, first?: string) =>
  `${path} char 0:0 0000${first === undefined ? '' : ` = ${first}`}`;

describe('an overlay', () => {
  const base = tree({ 'etc/a': file('a'), 'etc/b': file('b'), 'lib/c': file('c') });

  it('is empty if nothing differs', () => {
    assert.deepEqual(overlay(base, base), []);
    assert.deepEqual(overlay(tree({}), tree({})), []);
  });

  it('is the whole image over nothing', () => {
    assert.deepEqual(overlay(tree({}), base), shown(base));
  });

  it('holds what changed, in folders that are as the image has them', () => {
    const image = tree({
      ...{ etc: folder({ mode: 0o700 }) },
      'etc/a': file('A'),
      'etc/b': file('b'),
      'lib/c': file('c'),
    });
    assert.deepEqual(overlay(base, image), ['etc/ 0700', 'etc/a "A"']);
  });

  it('holds what is new', () => {
    const image = tree({
      'etc/a': file('a'),
      'etc/b': file('b'),
      'lib/c': file('c'),
      'opt/x/y': file('y'),
      'lib/d': symlink('c'),
    });
    assert.deepEqual(overlay(base, image), ['lib/', 'lib/d -> c', 'opt/', 'opt/x/', 'opt/x/y "y"']);
  });

  it('has one whiteout for all that is gone, and none for what was in it', () => {
    const image = tree({ 'etc/a': file('a') });
    assert.deepEqual(overlay(base, image), ['etc/', whiteout('etc/b'), whiteout('lib', 'etc/b')]);
  });

  it('does not mind other times', () => {
    const image = tree({
      '': folder({ mtime: 9 }),
      etc: folder({ mtime: 9 }),
      'etc/a': file('a', { mtime: 9 }),
      'etc/b': file('b'),
      'lib/c': file('c'),
    });
    assert.deepEqual(overlay(base, image), []);
  });

  it('has a Python source with its time beside what was compiled from it', () => {
    const at = (mtime: number, compiled: string) =>
      tree({
        'app/mod.py': file('same', { mtime }),
        'app/other.py': file('other', { mtime }),
        'app/__pycache__/mod.cpython-312.pyc': file(compiled),
        'app/__pycache__/mod.cpython-312.opt-1.pyc': file(compiled),
        'app/__pycache__/gone.cpython-312.pyc': file(compiled),
        'app/__pycache__/other.cpython-312.pyc': file('same'),
      });
    assert.deepEqual(overlay(at(1, 'v1'), at(1, 'v1')), []);
    assert.deepEqual(
      overlay(at(1, 'v1'), at(2, 'v2')).filter((line) => line.includes('.py ')),
      ['app/mod.py "same"'],
    );
    // With the time that the base has, it is right as it is there.
    assert.deepEqual(
      overlay(at(1, 'v1'), at(1, 'v2')).filter((line) => line.includes('.py ')),
      [],
    );
  });

  it("carries the image's root", () => {
    const image = { ...base, attributes: folder({ mode: 0o700, uid: 5 }).attributes };
    assert.deepEqual(overlay(base, image), ['/ 0700 5:0']);
  });

  it('tells each kind of object from every other', () => {
    const kinds = {
      file: file('x'),
      'empty file': file(''),
      symlink: symlink('x'),
      char: device(1, 3),
      block: device(1, 3, 'block'),
      fifo: special('fifo'),
      socket: special('socket'),
      folder: folder(),
    };
    for (const before of Object.values(kinds)) {
      for (const after of Object.values(kinds)) {
        const made = overlay(tree({ x: before }), tree({ x: after }));
        assert.deepEqual(made, before === after ? [] : shown(tree({ x: after })));
      }
    }
  });

  it('notices another number of a device, and another target of a link', () => {
    assert.deepEqual(overlay(tree({ x: device(1, 3) }), tree({ x: device(1, 5) })), ['x char 1:5']);
    assert.deepEqual(overlay(tree({ x: device(1, 3) }), tree({ x: device(2, 3) })), ['x char 2:3']);
    assert.deepEqual(overlay(tree({ x: symlink('a') }), tree({ x: symlink('b') })), ['x -> b']);
  });

  it('covers a file with a folder, and a folder with a file', () => {
    const full = tree({ 'x/a': file('a'), 'x/b/c': file('c') });
    assert.deepEqual(overlay(tree({ x: file('x') }), full), shown(full));
    assert.deepEqual(overlay(full, tree({ x: file('x') })), ['x "x"']);
    assert.deepEqual(overlay(full, tree({ x: symlink('y'), y: folder() })), ['x -> y', 'y/']);
  });

  it('whites out each name of a folder that another took the place of: no opaque folders', () => {
    const before = tree({ 'x/a': file('a'), 'x/b/c': file('c'), 'x/d': symlink('a') });
    const after = tree({ 'x/e': file('e'), 'x/b': file('b') });
    assert.deepEqual(overlay(before, after), [
      'x/',
      whiteout('x/a'),
      'x/b "b"',
      whiteout('x/d', 'x/a'),
      'x/e "e"',
    ]);
  });

  it('shows an empty folder in the place of a full one', () => {
    assert.deepEqual(overlay(tree({ 'x/a': file('a') }), tree({ x: folder() })), ['x/', whiteout('x/a')]);
  });

  it("takes the base's own whiteouts for nothing", () => {
    const shadowed = tree({ x: device(0, 0), 'd/y': device(0, 0), 'd/z': file('z') });
    // Where a folder has nothing over it, overlayfs lists the whiteouts in it, and nobody can read what it lists.
    const hidden = ['d/', whiteout('d/y')];
    assert.deepEqual(overlay(shadowed, tree({ 'd/z': file('z') })), [...hidden, whiteout('x', 'd/y')]);
    assert.deepEqual(overlay(shadowed, tree({ x: file('x'), 'd/z': file('z') })), [...hidden, 'x "x"']);
    assert.deepEqual(overlay(shadowed, tree({})), [whiteout('d'), whiteout('x', 'd')]);
  });

  it('keeps odd names, and names that are the beginning of others', () => {
    const before = tree({
      'foo/a': file('a'),
      'foo-bar': file('1'),
      'foo.d/x': file('x'),
      '\xff': file('1'),
    });
    const after = tree({
      'foo/a': file('A'),
      'foo-bar': file('2'),
      'foo.d/x': file('x'),
      '\xff': file('2'),
      __proto__x: file('p'),
    });
    assert.deepEqual(overlay(before, after), [
      '__proto__x "p"',
      'foo/',
      'foo/a "A"',
      'foo-bar "2"',
      '\xff "2"',
    ]);
  });

  it('can be as deep as paths can', () => {
    const path = Array.from({ length: 2000 }, () => 'd').join('/');
    const made = overlayOf(tree({ [path]: file('a') }), tree({ [path]: file('b') }), sameText).root;
    assert.equal(shown(made).length, 2000);
  });
});

describe('hard links in an overlay', () => {
  it('go in whole if one of their names changed', () => {
    const [before, after] = [file('old'), file('new')];
    const others = { other: file('other') };
    assert.deepEqual(
      overlay(
        tree({ ...others, 'a/x': before, 'b/y': before }),
        tree({ ...others, 'a/x': after, 'b/y': after }),
      ),
      ['a/', 'a/x "new"', 'b/', 'b/y "new" = a/x'],
    );
  });

  it('go in whole if one of their names is new', () => {
    const linked = file('same');
    assert.deepEqual(overlay(tree({ a: file('same') }), tree({ a: linked, b: linked })), [
      'a "same"',
      'b "same" = a',
    ]);
  });

  it('go in whole if one of their names was something else', () => {
    const linked = file('same');
    assert.deepEqual(overlay(tree({ a: file('same'), b: symlink('a') }), tree({ a: linked, b: linked })), [
      'a "same"',
      'b "same" = a',
    ]);
  });

  it('stay in the base if no name changed, even where the base has copies', () => {
    const linked = file('same');
    assert.deepEqual(overlay(tree({ a: file('same'), b: file('same') }), tree({ a: linked, b: linked })), []);
    assert.deepEqual(overlay(tree({ a: linked, b: linked }), tree({ a: file('same'), b: file('same') })), []);
  });

  it('lose the names that are gone', () => {
    const linked = file('same');
    assert.deepEqual(overlay(tree({ a: linked, b: linked, c: linked }), tree({ a: linked, b: linked })), [
      whiteout('c'),
    ]);
  });

  it('may be of devices and links as well', () => {
    const [link, null_] = [symlink('x'), device(1, 3)];
    assert.deepEqual(
      overlay(tree({ a: symlink('x'), c: device(1, 3) }), tree({ a: link, b: link, c: null_, d: null_ })),
      ['a -> x', 'b -> x = a', 'c char 1:3', 'd char 1:3 = c'],
    );
  });

  it('go in whole across folders, new ones included', () => {
    const linked = file('same');
    assert.deepEqual(overlay(tree({ 'old/a': file('same') }), tree({ 'old/a': linked, 'new/b': linked })), [
      'new/',
      'new/b "same"',
      'old/',
      'old/a "same" = new/b',
    ]);
  });
});

describe('the question whether two files have the same content', () => {
  it('is asked of files that nothing else tells apart, and in advance of the same ones', () => {
    const base = tree({
      same: file('1'),
      longer: file('1'),
      mode: file('1'),
      xattr: file('1'),
      empty: file(''),
      kind: symlink('1'),
      gone: file('1'),
      'd/other': file('1'),
    });
    const image = tree({
      same: file('1'),
      longer: file('12'),
      mode: file('1', { mode: 0o600 }),
      xattr: file('1', xattrs({ 'user.x': '1' })),
      empty: file(''),
      kind: file('1'),
      added: file('1'),
      'd/other': file('2'),
    });
    const asked: string[] = [];
    overlayOf(base, image, (a, b) => {
      asked.push(`${a.content} ${b.content}`);
      return a.content === b.content;
    });
    assert.deepEqual(asked, ['1 2', '1 1']);
    assert.deepEqual(
      contentQuestions(base, image).map(([a, b]) => `${a.content} ${b.content}`),
      asked,
    );
  });

  it('is not asked of what the base itself hides', () => {
    assert.deepEqual(contentQuestions(tree({ x: device(0, 0) }), tree({ x: file('1') })), []);
  });
});

// pvr-format: where the overlays of pvr's MkTreeDiff and MkOvl (libpvr/util.go) show something else than the image.
describe("pvr's faults are not repeated", () => {
  it('P1: folders on the way keep the mode, owner and xattrs of the image', () => {
    const data = folder({ mode: 0o700, uid: 1000, gid: 1000, ...xattrs({ 'user.x': '1' }) });
    const with_ = (content: string) => tree({ 'var/lib/data': data, 'var/lib/data/x': file(content) });
    assert.deepEqual(overlay(with_('1'), with_('2')), [
      'var/',
      'var/lib/',
      'var/lib/data/ 0700 1000:1000 user.x=1',
      'var/lib/data/x "2"',
    ]);
  });

  it('P2: a change of the mode alone counts, above all of setuid', () => {
    assert.deepEqual(overlay(tree({ x: file('x') }), tree({ x: file('x', { mode: 0o600 }) })), [
      'x "x" 0600',
    ]);
    assert.deepEqual(
      overlay(tree({ x: file('x', { mode: 0o4755 }) }), tree({ x: file('x', { mode: 0o755 }) })),
      ['x "x" 0755'],
    );
  });

  it('P3: a change of the owner alone counts', () => {
    assert.deepEqual(overlay(tree({ x: file('x') }), tree({ x: file('x', { uid: 1000 }) })), [
      'x "x" 1000:0',
    ]);
    assert.deepEqual(overlay(tree({ x: file('x') }), tree({ x: file('x', { gid: 1000 }) })), [
      'x "x" 0:1000',
    ]);
  });

  it('P4: a change of xattrs alone counts', () => {
    const with_ = (values: Record<string, string>) => tree({ x: file('x', xattrs(values)) });
    assert.deepEqual(overlay(with_({}), with_({ 'user.a': '1' })), ['x "x" user.a=1']);
    assert.deepEqual(overlay(with_({ 'user.a': '1' }), with_({ 'user.a': '2' })), ['x "x" user.a=2']);
    assert.deepEqual(overlay(with_({ 'user.a': '1' }), with_({})), ['x "x"']);
    assert.deepEqual(overlay(with_({ 'user.a': '1' }), with_({ 'user.b': '1' })), ['x "x" user.b=1']);
    const [one, other] = [
      { 'user.a': '1', 'user.b': '2' },
      { 'user.b': '2', 'user.a': '1' },
    ];
    assert.deepEqual(overlay(with_(one), with_(other)), []);
  });

  it('P5: a change of the attributes of a folder alone counts', () => {
    const home = (attributes: Parameters<typeof folder>[0]) =>
      tree({ 'home/app': folder(attributes), 'home/app/x': file('x') });
    assert.deepEqual(overlay(home({}), home({ mode: 0o750, uid: 1000 })), ['home/', 'home/app/ 0750 1000:0']);
  });

  it('P6: a link to another file with the same content is another link', () => {
    const targets = { a: file('same'), b: file('same') };
    assert.deepEqual(
      overlay(tree({ ...targets, link: symlink('a') }), tree({ ...targets, link: symlink('b') })),
      ['link -> b'],
    );
    assert.deepEqual(
      overlay(tree({ ...targets, link: symlink('a') }), tree({ b: file('same'), link: symlink('b') })),
      [whiteout('a'), 'link -> b'],
    );
  });

  it('P7: absolute links mean nothing on the machine that builds', () => {
    for (const [before, after] of [
      ['/opt/tool/v1', '/opt/tool/v2'],
      ['/etc/passwd', '/etc/hosts'],
      ['/proc/self/exe', '/proc/self/cwd'],
    ] as const) {
      assert.deepEqual(overlay(tree({ link: symlink(before) }), tree({ link: symlink(after) })), [
        `link -> ${after}`,
      ]);
    }
  });

  it('P8: links that lead out of the tree are just text', () => {
    const [before, after] = ['../../../../etc/hostname', '../../../../etc/hosts'];
    assert.deepEqual(overlay(tree({ 'd/l': symlink(before) }), tree({ 'd/l': symlink(after) })), [
      'd/',
      `d/l -> ${after}`,
    ]);
    assert.deepEqual(overlay(tree({ 'd/l': symlink(before) }), tree({ 'd/l': symlink(before) })), []);
  });

  it('P9: a file in the place of a folder is a file', () => {
    assert.deepEqual(overlay(tree({ 'x/a': file('a'), 'x/b': file('b') }), tree({ x: file('x') })), [
      'x "x"',
    ]);
  });

  it('P10: a link in the place of a folder is a link', () => {
    const before = tree({ 'lib/libc.so': file('libc'), 'usr/lib/x': file('x') });
    const after = tree({ lib: symlink('usr/lib'), 'usr/lib/x': file('x'), 'usr/lib/libc.so': file('libc') });
    assert.deepEqual(overlay(before, after), [
      'lib -> usr/lib',
      'usr/',
      'usr/lib/',
      'usr/lib/libc.so "libc"',
    ]);
  });

  it('P11: an empty folder in the place of a file is a folder', () => {
    assert.deepEqual(overlay(tree({ x: file('x') }), tree({ x: folder() })), ['x/']);
  });

  it('P12: a full folder in the place of a file has its own mode and owner', () => {
    const after = tree({ x: folder({ mode: 0o700, uid: 5 }), 'x/a': file('a') });
    assert.deepEqual(overlay(tree({ x: file('x') }), after), ['x/ 0700 5:0', 'x/a "a"']);
  });

  it('P13: a FIFO in both is compared, not opened', () => {
    assert.deepEqual(overlay(tree({ x: special('fifo') }), tree({ x: special('fifo') })), []);
    assert.deepEqual(overlay(tree({ x: special('fifo') }), tree({ x: special('fifo', { mode: 0o600 }) })), [
      'x fifo 0600',
    ]);
  });

  it('P14: a device in both is compared, not read', () => {
    const zero = () => tree({ zero: device(1, 5), disk: device(8, 0, 'block') });
    assert.deepEqual(overlay(zero(), zero()), []);
  });

  it('P15: folders beside others with a longer name hold their content once', () => {
    const before = tree({ 'usr/lib': folder() });
    const after = tree({
      'usr/lib/python3/dist-packages/x': file('x'),
      'usr/lib/python3.11/y': file('y'),
      'usr/lib/python3-z': file('z'),
    });
    assert.deepEqual(overlay(before, after), [
      'usr/',
      'usr/lib/',
      'usr/lib/python3/',
      'usr/lib/python3/dist-packages/',
      'usr/lib/python3/dist-packages/x "x"',
      'usr/lib/python3-z "z"',
      'usr/lib/python3.11/',
      'usr/lib/python3.11/y "y"',
    ]);
  });

  it('P16: a folder that is gone takes one whiteout, its siblings with longer names their own', () => {
    const before = tree({ 'foo/x': file('x'), 'foo-bar': file('1'), 'foo.d/y': file('y') });
    assert.deepEqual(overlay(before, tree({})), [
      whiteout('foo'),
      whiteout('foo-bar', 'foo'),
      whiteout('foo.d', 'foo'),
    ]);
  });

  it('P18: hard links stay hard links', () => {
    const [before, after] = [file('old'), file('new')];
    assert.deepEqual(overlay(tree({ a: before, b: before }), tree({ a: after, b: after })), [
      'a "new"',
      'b "new" = a',
    ]);
  });

  it('P25: a change of the root alone counts', () => {
    assert.deepEqual(overlay(tree({}), tree({ '': folder({ mode: 0o700 }) })), ['/ 0700']);
  });
});
