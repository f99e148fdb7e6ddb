import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';
import { type Node, nodeAt, walk } from '../../../src/core/rootfs/tree';
import { device, directory, file, type MemoryContent, symlink, WriterBench } from './memory-tree';
import { withReader } from './sample';

const bench = new WriterBench();
after(() => bench.close());

async function treeOf(root: ReturnType<typeof directory>) {
  const { file: image } = await bench.write(root);
  return withReader(image, (reader) => reader.readTree(silentJob()));
}

const withXattr = (name: string, value: Buffer) => file('', { xattrs: new Map([[name, value]]) });

describe('what SquashFS can hold at most', () => {
  it('is written', async () => {
    const attribute = `user.${'a'.repeat(250)}`;
    const root = await treeOf(
      directory({
        ['n'.repeat(256)]: file('', { uid: 0xffff_ffff }),
        link: symlink('t'.repeat(4095)),
        device: device('block', 0xfff, 0xfffff),
        large: withXattr('user.large', Buffer.alloc(65536, 'value ')),
        named: withXattr(attribute, Buffer.from('x')),
      }),
    );
    assert.equal(root.children.get('n'.repeat(256))?.attributes.uid, 0xffff_ffff);
    const link = nodeAt(root, 'link');
    assert.ok(link?.kind === 'symlink' && link.target.length === 4095);
    const large = nodeAt(root, 'large')?.attributes.xattrs.get('user.large');
    assert.ok(large?.equals(Buffer.alloc(65536, 'value ')));
    assert.deepEqual(nodeAt(root, 'named')?.attributes.xattrs.get(attribute), Buffer.from('x'));
  });

  const refused: Record<string, [Node<MemoryContent>, RegExp]> = {
    ['n'.repeat(257)]: [file(''), /its name has 257 bytes, and SquashFS holds names of up to 256/],
    '.': [file(''), /no file can have this name/],
    '..': [directory({}), /no file can have this name/],
    '': [file(''), /no file can have this name/],
    'a/b': [file(''), /no file can have this name/],
    'nul\0': [file(''), /no file can have this name/],
    'long-link': [symlink('t'.repeat(4096)), /a symbolic link to a path of 4096 bytes/],
    'empty-link': [symlink(''), /a symbolic link to a path of 0 bytes/],
    'nul-link': [symlink('a\0b'), /a symbolic link to a path of 3 bytes/],
    major: [device('char', 4096, 0), /it is device 4096:0, and numbers reach to 4095:1048575/],
    minor: [device('block', 0, 1048576), /it is device 0:1048576, and numbers reach to 4095:1048575/],
    uid: [file('', { uid: 2 ** 32 }), /its owner is 4294967296:0, and ids have 32 bits/],
    gid: [file('', { gid: -1 }), /its owner is 0:-1, and ids have 32 bits/],
    value: [withXattr('user.v', Buffer.alloc(65537)), /its attribute user\.v has 65537 bytes/],
    attribute: [withXattr(`user.${'a'.repeat(251)}`, Buffer.alloc(1)), /has a name of 256 bytes/],
    large: [
      { ...file(''), size: 4096 * 2 ** 24 + 1 },
      /it has 68719476737 bytes, and a file can have 68719476736 with blocks of 4096/,
    ],
  };
  for (const [name, [node, found]] of Object.entries(refused)) {
    it(`and not more, with the path in the message: ${JSON.stringify(name.slice(0, 20))}`, async () => {
      const root = directory({ etc: directory({ 'sub.d': directory({ [name]: node }) }) });
      await assert.rejects(bench.write(root), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.match(error.doing, /^storing etc\/sub\.d\/.* as SquashFS$/);
        assert.match(error.found, found);
        assert.match(inTerminalWords(error.remedy), /Change it in the image/);
        return true;
      });
    });
  }

  it('holds for the root, too', async () => {
    await assert.rejects(
      bench.write(directory({}, { uid: 1.5 })),
      /storing \/ as SquashFS: its owner is 1\.5:0/,
    );
  });

  it('is 65535 users and groups', async () => {
    const owned = (count: number) =>
      directory(
        Object.fromEntries(
          Array.from({ length: Math.ceil(count / 2) }, (_, index) => {
            const uid = 100_000 + 2 * index;
            return [`${index}`, file('', { uid, gid: 2 * index + 1 < count ? uid + 1 : uid })] as const;
          }),
        ),
        { uid: 100_000, gid: 100_000 },
      );
    const tree = owned(65_535);
    const root = await treeOf(tree);
    for (const [name, { attributes }] of walk(tree)) {
      const found = nodeAt(root, name);
      assert.deepEqual([found?.attributes.uid, found?.attributes.gid], [attributes.uid, attributes.gid]);
    }
    await assert.rejects(bench.write(owned(65_536)), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.match(error.found, /belong to 65536 different users and groups, and SquashFS holds 65535/);
      return true;
    });
  });

  it('leaves out attributes that SquashFS has no place for, and tells of each once', async () => {
    const acl = new Map([
      ['system.posix_acl_access', Buffer.alloc(70_000)],
      ['user.kept', Buffer.from('x')],
    ]);
    const warnings: string[] = [];
    const job = { ...silentJob(), warn: (message: string) => void warnings.push(message) };
    const only = new Map([['system.nfs4_acl', Buffer.from('y')]]);
    const { file: image } = await bench.write(
      directory({
        a: file('', { xattrs: acl }),
        b: file('', { xattrs: acl }),
        c: file('', { xattrs: only }),
      }),
      { job },
    );
    assert.deepEqual(warnings, [
      "the attribute system.posix_acl_access of 2 files is left out: SquashFS can't store it",
      "the attribute system.nfs4_acl of one file is left out: SquashFS can't store it",
    ]);
    const root = await withReader(image, (reader) => reader.readTree(silentJob()));
    assert.deepEqual([...(nodeAt(root, 'a')?.attributes.xattrs.keys() ?? [])], ['user.kept']);
    assert.equal(nodeAt(root, 'c')?.attributes.xattrs.size, 0);
  });
});
