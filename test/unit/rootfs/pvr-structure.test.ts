import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withPvrStructure } from '../../../src/core/rootfs/pvr-structure';
import { nodeAt } from '../../../src/core/rootfs/tree';
import { file, folder, shown, symlink, tree, type TextTree } from './trees';

const structured = (root: TextTree) => shown(withPvrStructure(root, 7));

const structure = ['dev/', 'proc/', 'run/', 'sys/', 'tmp/ 1777', 'var/', 'var/run/', 'var/tmp/ 1777'];

describe("pvr's structure", () => {
  it('is made where there is nothing', () => {
    assert.deepEqual(structured(tree({})), structure);
    const made = nodeAt(withPvrStructure(tree({}), 7), 'var/tmp');
    assert.equal(made?.attributes.mtime, 7);
    assert.equal(made.attributes.uid, 0);
  });

  it('leaves alone what exists, whatever it is', () => {
    const root = tree({
      dev: folder({ mode: 0o700, uid: 5 }),
      'dev/x': file('x'),
      proc: file('p'),
      run: symlink('var/run'),
      sys: symlink('nowhere'),
      tmp: folder(),
      'var/run': symlink('/run'),
      'var/tmp': file('t'),
    });
    assert.equal(withPvrStructure(root, 7), root);
  });

  it('is not made through links, nor in what is no folder', () => {
    assert.deepEqual(structured(tree({ var: symlink('elsewhere'), elsewhere: folder() })), [
      'dev/',
      'elsewhere/',
      'proc/',
      'run/',
      'sys/',
      'tmp/ 1777',
      'var -> elsewhere',
    ]);
    assert.ok(structured(tree({ var: file('v') })).includes('var "v"'));
  });

  it('leaves out the emulator, unless it is a folder', () => {
    const bin = (emulator: ReturnType<typeof file | typeof folder | typeof symlink>) =>
      structured(tree({ 'usr/bin/qemu-arm-static': emulator, 'usr/bin/x': file('x') })).filter((line) =>
        line.startsWith('usr'),
      );
    const without = ['usr/', 'usr/bin/', 'usr/bin/x "x"'];
    assert.deepEqual(bin(file('elf')), without);
    assert.deepEqual(bin(symlink('x')), without);
    assert.deepEqual(bin(folder()), ['usr/', 'usr/bin/', 'usr/bin/qemu-arm-static/', 'usr/bin/x "x"']);
    assert.ok(structured(tree({ 'usr/bin/qemu-aarch64-static': file('elf') })).length > structure.length + 2);
  });

  it('leaves the tree that it is given as it was, and shares what it does not change', () => {
    const root = tree({ 'usr/bin/qemu-arm-static': file('elf'), 'usr/lib/x': file('x'), 'var/x': file('x') });
    const before = shown(root);
    const after = withPvrStructure(root, 7);
    assert.deepEqual(shown(root), before);
    assert.equal(nodeAt(after, 'usr/lib'), nodeAt(root, 'usr/lib'));
    assert.equal(nodeAt(after, 'var')?.attributes, nodeAt(root, 'var')?.attributes);
  });
});
