import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { mergeLayers } from '../../../src/core/rootfs/merge';
import { noXattrs } from '../../../src/core/rootfs/tree';
import { Problem } from '../../../src/core/problem';
import type { Entry } from '../../image-maker/entry';
import { tarArchive } from '../../image-maker/tar-archive';
import { device, file, folder, gone, hardLink, indexOf, merged, opaque, shownBy, symlink } from './layers';

const problem = (found: string) => (error: unknown) => error instanceof Problem && error.found === found;

/** The merge of layers, each given as its entries, shows these lines. */
async function assertShows(layers: readonly (readonly Entry[])[], lines: readonly string[]): Promise<void> {
  assert.deepEqual(await shownBy(...layers), lines);
}

describe('a merge of layers', () => {
  it('is an empty folder if there are none', async () => {
    await assertShows([], []);
    await assertShows([[]], []);
  });

  it('adds what is new and replaces what is not', async () => {
    const lower = [folder('etc'), file('etc/a', 'old'), file('etc/b', 'old')];
    await assertShows(
      [lower, [file('etc/b', 'new', { mode: 0o600 }), file('etc/c', 'new')]],
      ['etc/', 'etc/a "old"', 'etc/b "new" 0600', 'etc/c "new"'],
    );
  });

  it('keeps setuid, setgid and sticky bits, owners, devices and xattrs', async () => {
    const xattrs = new Map([
      ['security.capability', Buffer.from('0100000200040000000000000000000000000000', 'hex')],
    ]);
    await assertShows(
      [
        [
          folder('', { mode: 0o750, uid: 7 }),
          file('su', 'su', { mode: 0o6755, uid: 0, gid: 4 }),
          folder('tmp', { mode: 0o1777 }),
          file('ping', 'ping', { xattrs }),
          device('null', 1, 3),
          { kind: 'block', path: 'disk', major: 8, minor: 1, mode: 0o660, gid: 6 },
          { kind: 'fifo', path: 'pipe' },
        ],
      ],
      [
        '/ 0750 7:0',
        'disk block 8:1 0660 0:6',
        'null char 1:3',
        'ping "ping" security.capability=\x01\x00\x00\x02\x00\x04' + '\0'.repeat(14),
        'pipe fifo',
        'su "su" 6755 0:4',
        'tmp/ 1777',
      ],
    );
  });

  it('takes the attributes of a folder from its highest entry, and leaves what is in it', async () => {
    const xattrs = new Map([['user.a', Buffer.from('1')]]);
    await assertShows(
      [
        [folder('', { uid: 1 }), folder('d', { mode: 0o700, uid: 5, xattrs }), file('d/x', 'x')],
        [folder(''), folder('d', { mode: 0o711 })],
      ],
      ['d/ 0711', 'd/x "x"'],
    );
  });

  it('makes the folders that nobody describes', async () => {
    await assertShows([[file('a/b/c/x', 'x')]], ['a/', 'a/b/', 'a/b/c/', 'a/b/c/x "x"']);
    const { root } = await mergeLayers(
      [
        {
          warnings: [],
          entries: [
            {
              kind: 'fifo',
              path: 'a/b',
              attributes: { mode: 0o600, uid: 1, gid: 1, mtime: 5, xattrs: noXattrs },
            },
          ],
        },
      ],
      { time: 77 },
      silentJob(),
    );
    assert.deepEqual(root.children.get('a')?.attributes, {
      mode: 0o755,
      uid: 0,
      gid: 0,
      mtime: 77,
      xattrs: noXattrs,
    });
    assert.equal(root.attributes.mtime, 77);
  });

  it('takes the attributes of such a folder from a later entry', async () => {
    await assertShows([[file('a/x'), folder('a', { mode: 0o700 })]], ['a/ 0700', 'a/x ""']);
  });

  it('lets the last of several entries of one layer count', async () => {
    await assertShows(
      [[file('x', '1'), file('x', '2'), folder('d'), file('d/y'), folder('d', { uid: 3 })]],
      ['d/ 3:0', 'd/y ""', 'x "2"'],
    );
    await assertShows([[folder('x'), file('x/y'), file('x', 'file')]], ['x "file"']);
  });

  it('takes /etc/x, ./etc/x and etc//x for the same', async () => {
    await assertShows(
      [[file('etc/x', '1')], [file('/etc/x', '2')], [file('./etc//./x', '3')]],
      ['etc/', 'etc/x "3"'],
    );
  });
});

describe('a change of kind between layers', () => {
  const lower: Record<string, Entry[]> = {
    file: [file('x', 'old')],
    'an empty folder': [folder('x')],
    'a full folder': [folder('x'), folder('x/sub'), file('x/sub/deep', 'old')],
    'a link': [symlink('x', 'elsewhere')],
    'a device': [device('x', 1, 3)],
  };
  for (const [from, entries] of Object.entries(lower)) {
    it(`replaces ${from}`, async () => {
      await assertShows([entries, [file('x', 'new')]], ['x "new"']);
      await assertShows([entries, [symlink('x', 'new')]], ['x -> new']);
      await assertShows([entries, [device('x', 5, 1)]], ['x char 5:1']);
      await assertShows([entries, [{ kind: 'fifo', path: 'x' }]], ['x fifo']);
      await assertShows([entries, [file('y', 'y'), hardLink('x', 'y')]], ['x "y"', 'y "y" = x']);
    });
    if (from.endsWith('folder')) continue;
    it(`replaces ${from} with a folder`, async () => {
      await assertShows(
        [entries, [folder('x', { mode: 0o700 }), file('x/y', 'new')]],
        ['x/ 0700', 'x/y "new"'],
      );
    });
  }

  it('replaces a link to a folder with a folder, and leaves the folder that it led to', async () => {
    await assertShows(
      [
        [folder('real'), file('real/a'), symlink('x', 'real')],
        [folder('x'), file('x/b')],
      ],
      ['real/', 'real/a ""', 'x/', 'x/b ""'],
    );
  });
});

describe('a whiteout', () => {
  const lower = [folder('d'), file('d/a', 'a'), file('d/b', 'b'), folder('d/sub'), file('d/sub/c', 'c')];

  it('hides a file', async () => {
    await assertShows([lower, [gone('d/a')]], ['d/', 'd/b "b"', 'd/sub/', 'd/sub/c "c"']);
  });

  it('hides a folder with all that is in it', async () => {
    await assertShows([lower, [gone('d/sub')]], ['d/', 'd/a "a"', 'd/b "b"']);
    await assertShows([lower, [gone('d')]], []);
  });

  it('hides nothing where nothing is', async () => {
    const all = await shownBy(lower);
    await assertShows([lower, [gone('nothing'), gone('no/folder/at/all'), gone('d/a/below a file')]], all);
  });

  it('hides lower layers only, wherever it stands in its own', async () => {
    for (const entries of [
      [gone('d/a'), file('d/a', 'new')],
      [file('d/a', 'new'), gone('d/a')],
    ]) {
      await assertShows([lower, entries], ['d/', 'd/a "new"', 'd/b "b"', 'd/sub/', 'd/sub/c "c"']);
    }
    for (const entries of [
      [gone('d'), folder('d', { mode: 0o700 }), file('d/new')],
      [folder('d', { mode: 0o700 }), gone('d'), file('d/new')],
      [folder('d', { mode: 0o700 }), file('d/new'), gone('d')],
    ]) {
      await assertShows([lower, entries], ['d/ 0700', 'd/new ""']);
    }
  });

  it('hides of a folder the content, if only something in the folder comes again', async () => {
    await assertShows([lower, [file('d/sub/new'), gone('d')]], ['d/', 'd/sub/', 'd/sub/new ""']);
  });

  it('hides all layers below, and none above', async () => {
    await assertShows([[file('x', '1')], [file('x', '2')], [gone('x')]], []);
    await assertShows([[file('x', '1')], [gone('x')], [file('x', '3')]], ['x "3"']);
  });

  it('hides a link, not what the link leads to', async () => {
    await assertShows([[...lower, symlink('link', 'd')], [gone('link')]], await shownBy(lower));
  });

  it('hides what its path means through links', async () => {
    const linked = [...lower, symlink('link', '/d'), symlink('again', 'nowhere/../link/sub/..')];
    const links = ['again -> nowhere/../link/sub/..', 'link -> /d'];
    await assertShows(
      [linked, [gone('link/sub')]],
      [links[0] ?? '', 'd/', 'd/a "a"', 'd/b "b"', links[1] ?? ''],
    );
    await assertShows(
      [linked, [gone('again/sub')]],
      [links[0] ?? '', 'd/', 'd/a "a"', 'd/b "b"', links[1] ?? ''],
    );
  });

  it('hides nothing behind a link that its own layer replaces with a folder', async () => {
    await assertShows(
      [
        [folder('real'), file('real/a'), symlink('x', 'real')],
        [folder('x'), gone('x/a'), file('x/b')],
      ],
      ['real/', 'real/a ""', 'x/', 'x/b ""'],
    );
  });

  it('hides nothing behind links that lead in a circle', async () => {
    const circle = [symlink('a', 'b'), symlink('b', 'a')];
    await assertShows([circle, [gone('a/x'), opaque('b'), gone('b')]], ['a -> b']);
  });

  it('never reaches out of the image', async () => {
    await assertShows(
      [
        [...lower, symlink('up', '../../..')],
        [gone('up/d/a'), gone('../../d/b')],
      ],
      ['d/', 'd/sub/', 'd/sub/c "c"', 'up -> ../../..'],
    );
  });

  it('costs little, even a million times', async () => {
    const entries = Array.from({ length: 1_000_000 }, (_, at) => ({
      kind: 'whiteout' as const,
      path: `d/sub/${at}`,
    }));
    const base = { warnings: [], entries: [] };
    const layers = [base, { ...base, entries }, { ...base, entries }];
    const { root } = await mergeLayers(layers, { time: 0 }, silentJob());
    assert.equal(root.children.size, 0);
    await assertShows([lower], await shownBy(lower));
  });
});

describe('an opaque mark', () => {
  const lower = [folder('d', { uid: 5 }), file('d/a', 'a'), folder('d/sub'), file('d/sub/c', 'c'), file('e')];

  it('hides what lower layers have in the folder, wherever it stands', async () => {
    for (const entries of [
      [opaque('d'), folder('d'), file('d/new')],
      [folder('d'), opaque('d'), file('d/new')],
      [folder('d'), file('d/new'), opaque('d')],
      [file('d/new'), folder('d'), opaque('d'), opaque('d')],
    ]) {
      await assertShows([lower, entries], ['d/', 'd/new ""', 'e ""']);
    }
  });

  it('leaves the folder itself as it is', async () => {
    await assertShows([lower, [opaque('d')]], ['d/ 5:0', 'e ""']);
  });

  it('hides everything from the root', async () => {
    await assertShows([lower, [file('new'), opaque('')]], ['new ""']);
  });

  it('keeps what its own layer brings back', async () => {
    await assertShows(
      [lower, [opaque('d'), folder('d/sub'), file('d/a', 'new')]],
      ['d/ 5:0', 'd/a "new"', 'd/sub/', 'e ""'],
    );
  });

  it('hides nothing where no folder is', async () => {
    await assertShows([lower, [opaque('nothing'), opaque('e')]], await shownBy(lower));
  });

  it('works through links, and not through one that its own layer replaces', async () => {
    const linked = [...lower, symlink('link', 'd')];
    await assertShows([linked, [opaque('link')]], ['d/ 5:0', 'e ""', 'link -> d']);
    await assertShows(
      [linked, [folder('link'), opaque('link'), file('link/x')]],
      ['d/ 5:0', 'd/a "a"', 'd/sub/', 'd/sub/c "c"', 'e ""', 'link/', 'link/x ""'],
    );
  });
});

describe('a path through links', () => {
  it('is followed, absolute links from the root of the image', async () => {
    const lower = [
      folder('usr/lib'),
      symlink('lib', 'usr/lib'),
      symlink('lib64', '/usr/lib'),
      symlink('l', 'lib64'),
    ];
    await assertShows(
      [lower, [file('lib/a'), file('lib64/b'), file('l/c')]],
      [
        'l -> lib64',
        'lib -> usr/lib',
        'lib64 -> /usr/lib',
        'usr/',
        'usr/lib/',
        'usr/lib/a ""',
        'usr/lib/b ""',
        'usr/lib/c ""',
      ],
    );
  });

  it('is followed within one layer too', async () => {
    await assertShows(
      [[symlink('lib', 'usr/lib'), file('lib/a')]],
      ['lib -> usr/lib', 'usr/', 'usr/lib/', 'usr/lib/a ""'],
    );
  });

  it('never leads out of the image', async () => {
    await assertShows(
      [
        [
          folder('a'),
          symlink('a/up', '../../../../../etc'),
          file('a/up/x'),
          symlink('b', '/../..'),
          file('b/y'),
        ],
      ],
      ['a/', 'a/up -> ../../../../../etc', 'b -> /../..', 'etc/', 'etc/x ""', 'y ""'],
    );
  });

  it('makes the folders that a link leads to', async () => {
    await assertShows(
      [[symlink('link', 'not/yet'), file('link/x')]],
      ['link -> not/yet', 'not/', 'not/yet/', 'not/yet/x ""'],
    );
  });

  it('replaces the link itself if that is its end', async () => {
    await assertShows(
      [[file('target', 'old'), symlink('link', 'target')], [file('link', 'new')]],
      ['link "new"', 'target "old"'],
    );
  });

  it('is refused if they lead in a circle', async () => {
    const circle = [symlink('a', 'b'), symlink('b', 'a')];
    for (const entries of [circle, [symlink('a', 'a')], [symlink('a', 'a/b')]]) {
      await assert.rejects(
        merged([...entries, file('a/x')]),
        problem('it has something in a, where links lead in a circle or too far'),
      );
    }
  });

  it('may go through 40 links, as on Linux', async () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, at) => symlink(`link${at}`, at === 0 ? 'end' : `link${at - 1}`));
    const lines = await shownBy([...chain(40), file('link39/x')]);
    assert.ok(lines.includes('end/x ""'));
    await assert.rejects(merged([...chain(41), file('link40/x')]), Problem);
  });

  it('is refused if they lead too far', async () => {
    const far = Array.from({ length: 15 }, () => 'n'.repeat(255)).join('/');
    const inFar = `far/${'m'.repeat(250)}/${'m'.repeat(250)}/x`;
    await assert.rejects(
      merged([symlink('far', far), file(inFar)]),
      problem(`it has something in ${inFar.slice(0, 200)}…, where links lead in a circle or too far`),
    );
    const near = await shownBy([symlink('far', far), file('far/m')]);
    assert.equal(near.length, 1 + 15 + 1);
  });

  it('is refused if something on it is no folder', async () => {
    await assert.rejects(
      merged([file('a'), file('a/b/c')]),
      problem('it has something in a/b, where a is not a folder'),
    );
    await assert.rejects(
      merged([file('a')], [file('a/b')]),
      problem('it has something in a, where a is not a folder'),
    );
    await assert.rejects(
      merged([file('a'), symlink('link', 'a'), file('link/b')]),
      problem('it has something in link, where a is not a folder'),
    );
  });

  it('may lead through what the same layer makes a folder', async () => {
    await assertShows([[file('a')], [folder('a'), file('a/b')]], ['a/', 'a/b ""']);
  });
});

describe('a hard link', () => {
  it('is another name of what its target is at that moment', async () => {
    await assertShows(
      [[file('a', '1', { mode: 0o600 }), hardLink('b', 'a')]],
      ['a "1" 0600', 'b "1" 0600 = a'],
    );
    await assertShows([[file('a', '1'), hardLink('b', 'a'), file('a', '2')]], ['a "2"', 'b "1"']);
    await assertShows(
      [[file('a', '1'), file('b', '2'), hardLink('c', 'a'), hardLink('a', 'b')]],
      ['a "2"', 'b "2" = a', 'c "1"'],
    );
  });

  it('may have a target in a lower layer', async () => {
    await assertShows([[file('a', '1')], [hardLink('b', 'a')]], ['a "1"', 'b "1" = a']);
  });

  it('may have any kind of target but a folder', async () => {
    await assertShows(
      [[symlink('s', 'x'), hardLink('t', 's'), device('c', 1, 3), hardLink('d', 'c')]],
      ['c char 1:3', 'd char 1:3 = c', 's -> x', 't -> x = s'],
    );
    await assert.rejects(
      merged([folder('d'), hardLink('x', 'd')]),
      problem('the hard link x leads to d, which is a folder'),
    );
    await assert.rejects(
      merged([hardLink('x', '/')]),
      problem('the hard link x leads to /, which is a folder'),
    );
  });

  it('is refused if its target does not exist, or only later', async () => {
    const missing = problem('the hard link x leads to y, which does not exist');
    await assert.rejects(merged([hardLink('x', 'y')]), missing);
    await assert.rejects(merged([hardLink('x', 'y'), file('y')]), missing);
    await assert.rejects(merged([file('y')], [gone('y')], [hardLink('x', 'y')]), missing);
    await assert.rejects(merged([symlink('a', 'a'), hardLink('x', 'a/y')]), Problem);
  });

  it('may have a target that the same layer takes away', async () => {
    for (const entries of [
      [gone('d'), hardLink('x', 'd/a')],
      [hardLink('x', 'd/a'), gone('d/a')],
      [hardLink('x', 'd/a'), opaque('d')],
    ]) {
      const lines = await shownBy([folder('d'), file('d/a', 'kept')], entries);
      assert.deepEqual(
        lines.filter((line) => line !== 'd/'),
        ['x "kept"'],
      );
    }
  });

  it('means what its own layer has put in the place of what it takes away', async () => {
    await assertShows(
      [[file('a', 'old')], [gone('a'), file('a', 'new'), hardLink('b', 'a')]],
      ['a "new"', 'b "new" = a'],
    );
  });

  it('is not stopped by links that its own layer straightens', async () => {
    const circle = [symlink('a', 'b'), symlink('b', 'a')];
    await assertShows(
      [circle, [gone('b'), folder('a'), file('a/x', 'x'), hardLink('y', 'a/x')]],
      ['a/', 'a/x "x"', 'y "x" = a/x'],
    );
  });

  it('may go through links, at both ends', async () => {
    await assertShows(
      [
        [folder('real'), symlink('link', 'real'), file('real/a', 'a')],
        [hardLink('link/b', 'link/a'), hardLink('c', '/link/b')],
      ],
      ['c "a"', 'link -> real', 'real/', 'real/a "a" = c', 'real/b "a" = c'],
    );
  });

  it('to a link is a name of the link', async () => {
    await assertShows(
      [[file('a', 'a'), symlink('s', 'a'), hardLink('b', 's')]],
      ['a "a"', 'b -> a', 's -> a = b'],
    );
  });

  it('to itself changes nothing', async () => {
    await assertShows([[file('a', 'a'), hardLink('a', 'a')]], ['a "a"']);
  });

  it('keeps what a removed name named', async () => {
    await assertShows(
      [[file('a', '1'), hardLink('b', 'a'), hardLink('c', 'a')], [gone('a')]],
      ['b "1"', 'c "1" = b'],
    );
  });

  it('makes the folders that it lies in', async () => {
    await assertShows([[file('a', '1'), hardLink('d/e/b', 'a')]], ['a "1"', 'd/', 'd/e/', 'd/e/b "1" = a']);
  });
});

describe('what a device would take for its own', () => {
  it('is left out: device 0:0, which overlayfs takes for a whiteout', async () => {
    const { root, warnings } = await merged([file('x'), device('d/y', 0, 0)], [device('x', 0, 0)]);
    assert.deepEqual([...root.children.keys()], ['d']);
    assert.deepEqual(warnings, [
      'left out a device 0:0, which overlayfs takes for a whiteout: d/y (and 1 more)',
    ]);
  });

  it('is left out however many names it has, as in layers that were taken from overlayfs', async () => {
    const { root, warnings } = await merged(
      [file('a'), file('b'), file('c')],
      [device('a', 0, 0), hardLink('b', 'a'), hardLink('new', 'a')],
    );
    assert.deepEqual([...root.children.keys()], ['c']);
    assert.deepEqual(warnings, [
      'left out a device 0:0, which overlayfs takes for a whiteout: a (and 2 more)',
    ]);
  });

  it('is no folder either', async () => {
    await assert.rejects(
      merged([device('x', 0, 0), file('x/y')]),
      problem('it has something in x, where x is not a folder'),
    );
    await assertShows([[device('x', 0, 0)], [folder('x'), file('x/y')]], ['x/', 'x/y ""']);
  });

  it('is only device 0:0', async () => {
    const block = { kind: 'block', path: 'b', major: 0, minor: 0 } as const;
    await assertShows(
      [[block, device('c', 0, 1), device('d', 1, 0)]],
      ['b block 0:0', 'c char 0:1', 'd char 1:0'],
    );
  });

  it('is left out: what Linux would list and not give, so that overlayfs could not copy the file', async () => {
    const user = new Map([['user.a', Buffer.from('1')]]);
    const broken = new Map([['security.capability', Buffer.from('01000002', 'hex')]]);
    const { root, warnings } = await merged([
      { kind: 'symlink', path: 'link', target: 'f', xattrs: user },
      file('f', '', { xattrs: new Map([...user, ...broken]) }),
    ]);
    assert.deepEqual(root.children.get('link')?.attributes.xattrs, new Map());
    assert.deepEqual(root.children.get('f')?.attributes.xattrs, user);
    assert.deepEqual(warnings, [
      'left out user attributes of what is neither a file nor a folder, which Linux does not allow: link',
      'left out capabilities that Linux cannot read: f',
    ]);
  });

  it("is left out: overlayfs' own xattrs, and what SquashFS cannot store", async () => {
    const names = [
      'trusted.overlay.opaque',
      'trusted.overlay.redirect',
      'user.overlay.whiteout',
      'system.posix_acl_access',
      'user.',
      'btrfs.compression',
      'user.overlayfs',
      'trusted.x',
      'security.selinux',
    ];
    const xattrs = new Map(names.map((name) => [name, Buffer.from('y')]));
    const { root, warnings } = await merged([
      folder('', { xattrs }),
      folder('d', { xattrs }),
      file('d/f', '', { xattrs }),
    ]);
    const d = root.children.get('d');
    assert.ok(d?.kind === 'directory');
    for (const node of [root, d, d.children.get('f')]) {
      assert.deepEqual(
        [...(node?.attributes.xattrs.keys() ?? [])],
        ['user.overlayfs', 'trusted.x', 'security.selinux'],
      );
    }
    assert.deepEqual(warnings, [
      "left out the image's own overlayfs attributes, which would hide or redirect files: / (and 8 more)",
      'left out attributes that SquashFS cannot store, such as POSIX access lists: / (and 8 more)',
    ]);
  });
});

describe('the warnings of a merge', () => {
  it('are those of its layers and its own', async () => {
    const { warnings } = await merged([file('../x')], [file('../y'), device('z', 0, 0)]);
    assert.equal(warnings.length, 3);
    assert.ok(
      warnings[0]?.endsWith(': ../x') && warnings[1]?.endsWith(': ../y') && warnings[2]?.endsWith(': z'),
    );
  });
});

describe('an image', () => {
  it('is refused below more folders than any image has', async () => {
    const files = Array.from({ length: 1100 }, (_, at) => file(`${at}/${'n/'.repeat(2000)}x`));
    await assert.rejects(merged(files), problem('the image has more files and folders than any real one'));
  });

  it('is refused when layers name it too often', async () => {
    const index = { warnings: [], entries: [{ kind: 'whiteout', path: 'x' } as const] };
    const large = {
      ...index,
      entries: new Array<(typeof index.entries)[number]>(100_000).fill({ kind: 'whiteout', path: 'x' }),
    };
    await assert.rejects(
      mergeLayers(new Array<typeof large>(30).fill(large), { time: 0 }, silentJob()),
      problem('the image has more files and folders than any real one'),
    );
  });

  it('can be stopped, however long its links make it', async () => {
    const stop = new AbortController();
    const through = Array.from({ length: 40 }, (_, at) =>
      symlink(`l${at}`, `${'../'.repeat(1300)}l${at + 1}`),
    );
    const files = Array.from({ length: 20_000 }, (_, at) => file(`l35/${at}`));
    const merging = Promise.all([
      indexOf(tarArchive([...through, folder('l40')])),
      indexOf(tarArchive(files)),
    ]).then((layers) => {
      setImmediate(() => stop.abort());
      return mergeLayers(layers, { time: 0 }, { ...silentJob(), signal: stop.signal });
    });
    await assert.rejects(merging, { name: 'AbortError' });
  });
});
