import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leaveOut } from '../../../src/core/rootfs/leave-out';
import { walk } from '../../../src/core/rootfs/tree';
import { directory, file, symlink } from '../squashfs/memory-tree';

const linked = file('linked');
const root = directory({
  abs: symlink('/usr/lib'),
  a: symlink('b/x'),
  b: symlink('a/x'),
  etc: directory({ hosts: file('hosts'), link: linked }),
  lib: symlink('usr/lib'),
  opt: directory({ up: symlink('../usr/./lib'), out: symlink('../../usr'), hard: linked }),
  usr: directory({ lib: directory({ modules: directory({ '6.1': file('module') }), libc: file('libc') }) }),
});
const names = (tree: typeof root) => [...walk(tree)].map(([path]) => path);

describe('leaveOut', () => {
  const gone = (...paths: string[]) => {
    const { root: reduced, warnings } = leaveOut(root, paths);
    assert.deepEqual(warnings, []);
    const left = new Set(names(reduced));
    return names(root).filter((name) => !left.has(name));
  };

  it('leaves out a folder with all below it, a file, and a link itself', () => {
    assert.deepEqual(gone('usr/lib/modules'), ['usr/lib/modules', 'usr/lib/modules/6.1']);
    assert.deepEqual(gone('etc/hosts', 'lib'), ['etc/hosts', 'lib']);
    assert.deepEqual(gone('opt/hard'), ['opt/hard']);
    assert.deepEqual(gone(), []);
    assert.equal(names(root).length, 16);
  });

  it('follows links on the way, as mksquashfs does', () => {
    assert.deepEqual(gone('lib/modules'), ['usr/lib/modules', 'usr/lib/modules/6.1']);
    assert.deepEqual(gone('opt/up/libc'), ['usr/lib/libc']);
    // Where one leads through what another leaves out.
    assert.deepEqual(gone('lib', 'lib/libc', 'usr/lib/libc'), ['lib', 'usr/lib/libc']);
  });

  const warnings = {
    'usr/lib/module': 'the image has no such path',
    'etc/hosts/more': 'the image has no such path',
    'opt/out/lib/libc': 'the image has no such path',
    'abs/modules': 'abs is a link to /usr/lib, so name usr/lib/modules',
    'a/c': 'it leads through links in a circle',
  };
  for (const [path, why] of Object.entries(warnings)) {
    it(`warns of ${path}, and leaves out the others`, () => {
      const { root: reduced, warnings } = leaveOut(root, [path, 'etc']);
      assert.deepEqual(warnings, [`-e ${path} in "format_options" of src.json leaves out nothing: ${why}`]);
      assert.equal(names(reduced).length, names(root).length - 3);
    });
  }
});
