import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overlayOf } from '../../../src/core/rootfs/compare';
import { type CompiledPython, CompiledPythonHash } from '../../../src/core/rootfs/compiled-python';
import { timeOnlyPaths } from '../../../src/core/rootfs/python-modules';
import { differences } from '../../../src/core/rootfs/differences';
import { stackTrees } from '../../../src/core/rootfs/stack';
import { type Node, type RegularFile, regularFiles } from '../../../src/core/rootfs/tree';
import { file, folder, sameText, shown, symlink, tree, type TextTree } from './trees';

/** Lib/importlib/_bootstrap_external.py, `_code_to_timestamp_pyc`: magic number, flags, time and size, then code. */
function pyc(time: number, code = 'code', flags = 0): RegularFile<string> {
  const header = Buffer.from('a70d0d0a000000000000000004000000', 'hex');
  header.writeUInt32LE(flags, 4);
  header.writeUInt32LE(time, 8);
  return file(`${header.toString('latin1')}${code}`);
}

function compiledOf(root: TextTree): ReadonlyMap<RegularFile<string>, CompiledPython> {
  return new Map(
    regularFiles(root).flatMap((one) => {
      const hash = new CompiledPythonHash();
      for (const byte of Buffer.from(one.content, 'latin1')) hash.update(Buffer.of(byte));
      const compiled = hash.finish();
      return compiled === undefined ? [] : [[one, compiled]];
    }),
  );
}

/** The overlay as text without folders, and what is left out of it; over the base it must show the image as Python takes it. */
function overlay(
  base: TextTree,
  image: TextTree,
): { readonly holds: readonly string[]; readonly leftOut: number } {
  const facts = { before: compiledOf(base), after: compiledOf(image) };
  const { root, timeOnly } = overlayOf(base, image, sameText, facts);
  const view = stackTrees(base, root);
  const ofView = { before: compiledOf(view), after: facts.after };
  const allowed = timeOnlyPaths(view, image, sameText, ofView);
  assert.deepEqual(differences(view, image, sameText, allowed), []);
  const holds = shown(root)
    .map((line) => line.split(' ')[0] ?? '')
    .filter((path) => !path.endsWith('/'));
  return { holds, leftOut: timeOnly.files };
}

const source = (mtime: number, text = 'text') => file(text, { mtime });

/** One module as it was compiled at a time, in the usual place. */
const compiledAt = (time: number, more: Readonly<Record<string, Node<string>>> = {}) =>
  tree({
    'lib/mod.py': source(time),
    'lib/__pycache__/mod.cpython-311.pyc': pyc(time),
    ...more,
  });

describe('what Python compiled of the same source at another time', () => {
  it("is the base's, with its source", () => {
    assert.deepEqual(overlay(compiledAt(1), compiledAt(2)), { holds: [], leftOut: 2 });
  });

  it('is counted in bytes, a hard link once', () => {
    const linked = (time: number) => {
      const compiled = pyc(time);
      return tree({
        'lib/mod.py': source(time),
        'lib/__pycache__/mod.cpython-311.pyc': compiled,
        'lib/__pycache__/mod.cpython-311.opt-1.pyc': compiled,
      });
    };
    const [base, image] = [linked(1), linked(2)];
    const { timeOnly } = overlayOf(base, image, sameText, {
      before: compiledOf(base),
      after: compiledOf(image),
    });
    assert.deepEqual(timeOnly, { files: 2, bytes: 20 + 4 });
    assert.deepEqual(overlay(base, image).holds, []);
  });

  it("is the image's if nobody says what is in it", () => {
    const { root } = overlayOf(compiledAt(1), compiledAt(2), sameText);
    assert.deepEqual(shown(root).filter((line) => line.includes('.py')).length, 2);
  });

  it('may lie beside its source', () => {
    const beside = (time: number) => tree({ 'lib/mod.py': source(time), 'lib/mod.pyc': pyc(time) });
    assert.deepEqual(overlay(beside(1), beside(2)), { holds: [], leftOut: 2 });
  });

  it('may have a link for a source, whose target it goes by', () => {
    const linked = (time: number) =>
      tree({
        'lib/mod.py': symlink('../share/mod.py'),
        'lib/__pycache__/mod.cpython-311.pyc': pyc(time),
        'share/mod.py': source(time),
      });
    assert.deepEqual(overlay(linked(1), linked(2)), { holds: [], leftOut: 2 });
  });

  it('has the same source in a folder that only the image changes', () => {
    const image = tree({
      lib: folder({ mode: 0o700 }),
      'lib/mod.py': source(2),
      'lib/__pycache__/mod.cpython-311.pyc': pyc(2),
    });
    assert.deepEqual(overlay(compiledAt(1), image), { holds: [], leftOut: 2 });
  });
});

describe('a Python module ships as the image has it', () => {
  const all = ['lib/__pycache__/mod.cpython-311.pyc', 'lib/mod.py'];
  const requireAll = (base: TextTree, image: TextTree, expected: readonly string[] = all) => {
    assert.deepEqual(overlay(base, image), { holds: expected, leftOut: 0 });
  };
  const module = (of: RegularFile<string>, compiled: Node<string>) =>
    tree({ 'lib/mod.py': of, 'lib/__pycache__/mod.cpython-311.pyc': compiled });

  it('if other code was compiled', () => {
    requireAll(compiledAt(1), module(source(2), pyc(2, 'CODE')));
    requireAll(compiledAt(1), module(source(2), pyc(2, 'longer')));
  });

  it('if its source is another one, or has other attributes', () => {
    requireAll(compiledAt(1), module(source(2, 'TEXT'), pyc(2)));
    requireAll(compiledAt(1), module(file('text', { mtime: 2, mode: 0o600 }), pyc(2)));
  });

  it('if the compiled file has other attributes', () => {
    requireAll(compiledAt(1), module(source(2), { ...pyc(2), attributes: { ...pyc(2).attributes, uid: 5 } }));
  });

  it("if the base's or the image's is stale", () => {
    requireAll(module(source(1), pyc(7)), compiledAt(2));
    requireAll(compiledAt(1), module(source(2), pyc(7)));
  });

  it('if it goes by its hash, in one of them or in both', () => {
    requireAll(module(source(1), pyc(1, 'code', 3)), compiledAt(2));
    requireAll(compiledAt(1), module(source(2), pyc(2, 'code', 1)));
    requireAll(module(source(1), pyc(11, 'code', 1)), module(source(2), pyc(12, 'code', 1)));
  });

  it('if one of its compiled files does, or is new', () => {
    const optimized = 'lib/__pycache__/mod.cpython-311.opt-1.pyc';
    const base = compiledAt(1, { [optimized]: pyc(1) });
    const [plain = '', text = ''] = all;
    requireAll(base, compiledAt(2, { [optimized]: pyc(2, 'CODE') }), [optimized, plain, text]);
    requireAll(compiledAt(1), compiledAt(2, { [optimized]: pyc(2) }), [optimized, plain, text]);
    // What is gone takes nothing along.
    assert.deepEqual(overlay(base, compiledAt(2)), { holds: [optimized], leftOut: 2 });
  });

  it('if its source is a link that leads nowhere, or elsewhere, and takes along what it leads to', () => {
    const compiled = 'lib/__pycache__/mod.cpython-311.pyc';
    const linked = (time: number, target: string, more: Readonly<Record<string, Node<string>>>) =>
      tree({ 'lib/mod.py': symlink(target), [compiled]: pyc(time), ...more });
    requireAll(linked(1, 'x', {}), linked(2, 'x', {}), [compiled]);
    const both = (time: number) => ({ 'lib/one.py': source(time), 'lib/two.py': source(time) });
    requireAll(linked(1, 'one.py', both(1)), linked(2, 'two.py', both(2)), [
      compiled,
      'lib/mod.py',
      'lib/two.py',
    ]);
    requireAll(linked(1, 'one.py', both(1)), linked(2, 'one.py', { 'lib/one.py': source(2, 'TEXT') }), [
      compiled,
      'lib/one.py',
      'lib/two.py',
    ]);
    requireAll(
      linked(1, '../lib/one.py', both(1)),
      linked(3, '/lib/one.py', { ...both(3), [compiled]: pyc(3, 'CODE') }),
      [compiled, 'lib/mod.py', 'lib/one.py'],
    );
  });

  it('if what was compiled is a link', () => {
    requireAll(module(source(1), symlink('x')), compiledAt(2));
  });

  it('if an inode has another name that ships, and takes along what shares one with it', () => {
    const chain = (time: number, other: string) => {
      const [a, b] = [pyc(time), source(time)];
      return tree({
        'lib/mod.py': source(time),
        'lib/__pycache__/mod.cpython-311.pyc': a,
        'more/mod.py': b,
        'more/__pycache__/mod.cpython-311.pyc': a,
        'most/mod.py': b,
        'most/__pycache__/mod.cpython-311.pyc': pyc(time),
        'most/__pycache__/mod.cpython-312.pyc': pyc(time, other),
      });
    };
    const ships = overlay(chain(1, 'code'), chain(2, 'CODE'));
    assert.equal(ships.leftOut, 0);
    assert.equal(ships.holds.length, 7);
    assert.deepEqual(overlay(chain(1, 'code'), chain(2, 'code')), { holds: [], leftOut: 5 });
  });

  it('if a name of another kind shares its inode', () => {
    const copied = (time: number) => {
      const compiled = pyc(time);
      return compiledAt(time, { 'lib/__pycache__/mod.cpython-311.pyc': compiled, 'backup/mod': compiled });
    };
    requireAll(copied(1), copied(2), ['backup/mod', ...all]);
  });

  it('if Python 2 compiled it, with its time where the flags are now', () => {
    const python2 = (time: number) => {
      const header = Buffer.from('03f30d0a0000000063000000', 'hex');
      header.writeUInt32LE(time, 4);
      return file(`${header.toString('latin1')}code and more code`);
    };
    const beside = (time: number) => tree({ 'lib/mod.py': source(time), 'lib/mod.pyc': python2(time) });
    requireAll(beside(1), beside(2), ['lib/mod.py', 'lib/mod.pyc']);
  });
});

describe('what is known of a compiled file', () => {
  it('is nothing of one that is cut short, and is the same however the bytes come', () => {
    const bytes = Buffer.from(pyc(5, 'some code').content, 'latin1');
    for (let length = 0; length < 16; length += 1) {
      const hash = new CompiledPythonHash();
      hash.update(bytes.subarray(0, length));
      assert.equal(hash.finish(), undefined, `${length} bytes`);
    }
    const whole = new CompiledPythonHash();
    whole.update(bytes);
    const expected = whole.finish();
    assert.equal(expected?.sourceTime, 5);
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const hash = new CompiledPythonHash();
      hash.update(bytes.subarray(0, cut));
      hash.update(bytes.subarray(cut));
      assert.deepEqual(hash.finish(), expected);
    }
  });
});
