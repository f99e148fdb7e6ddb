import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseInstalled } from '../../../src/core/packages/apk';
import { parseDiversions, parseMd5sums } from '../../../src/core/packages/dpkg';
import { opkgPaths } from '../../../src/core/packages/opkg';
import { projectOf, recordPaths } from '../../../src/core/packages/pip';
import { file, symlink } from '../rootfs/trees';
import { damaged, readFiles } from './sources';

/** Debian 12's, with what says nothing about files left out. */
const status = `Package: adduser
Status: install ok installed
Architecture: all
Version: 3.134
Conffiles:
 /etc/adduser.conf cc3493ecd2d09837ffdcc3e25fdfff18
Description: add and remove users and groups
 .
 Version: of no package

Package: libzstd1
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Version: 1.5.4+dfsg2-5+deb12u1

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
`;
const zstdList = `/.
/usr
/usr/lib
/usr/lib/x86_64-linux-gnu
/usr/lib/x86_64-linux-gnu/libzstd.so.1.5.4
/usr/share/doc/libzstd1
/usr/share/doc/libzstd1/copyright
/usr/lib/x86_64-linux-gnu/libzstd.so.1
`;

describe('dpkg', () => {
  it('has a list for each package, and versions in one file', async () => {
    const read = await readFiles({
      'var/lib/dpkg/status': status,
      'var/lib/dpkg/info/libzstd1:amd64.list': zstdList,
      'var/lib/dpkg/info/libzstd1:amd64.md5sums': '',
      'var/lib/dpkg/info/adduser.list': '/.\n/usr/sbin/adduser\n',
      'usr/lib/x86_64-linux-gnu/libzstd.so.1.5.4': 'x',
      'usr/share/doc/libzstd1/copyright': 'x',
      'usr/sbin/adduser': 'x',
    });
    assert.deepEqual(read.listed, ['dpkg adduser 3.134', 'dpkg libzstd1 1.5.4+dfsg2-5+deb12u1']);
    assert.deepEqual(read.unread, []);
    assert.equal(read.ownerOf('usr/lib/x86_64-linux-gnu/libzstd.so.1.5.4'), 'dpkg libzstd1');
    assert.equal(read.ownerOf('usr/sbin/adduser'), 'dpkg adduser');
    // What is all of one package's, and what several have.
    assert.equal(read.ownerOf('usr/share/doc/libzstd1'), 'dpkg libzstd1');
    assert.equal(read.ownerOf('usr'), undefined);
    assert.equal(read.ownerOf('var/lib/dpkg/info/libzstd1:amd64.md5sums'), 'dpkg libzstd1');
    assert.equal(read.ownerOf('var/lib/dpkg/status'), undefined);
  });

  it('names what lies behind the links of a merged /usr as it lay before', async () => {
    const read = await readFiles(
      {
        'var/lib/dpkg/info/bash.list': '/.\n/bin\n/bin/bash\n',
        'var/lib/dpkg/info/libc6.list': '/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/libc.so.6\n',
        'usr/bin/bash': 'x',
        'usr/lib/x86_64-linux-gnu/libc.so.6': 'x',
      },
      { bin: symlink('usr/bin'), lib: symlink('/usr/lib') },
    );
    assert.equal(read.ownerOf('usr/bin/bash'), 'dpkg bash');
    assert.equal(read.ownerOf('usr/lib/x86_64-linux-gnu/libc.so.6'), 'dpkg libc6');
    assert.equal(read.ownerOf('usr/lib/x86_64-linux-gnu'), 'dpkg libc6');
  });

  it('puts files out of the way for others', async () => {
    const diversions = '/usr/bin/perf\n/usr/bin/perf.distrib\nlinux-perf\n/a\n/b\n:\n';
    assert.deepEqual([...parseDiversions(diversions).keys()], ['/usr/bin/perf', '/a']);
    const read = await readFiles({
      'var/lib/dpkg/diversions': diversions,
      'var/lib/dpkg/info/linux-base.list': '/usr/bin/perf\n',
      'var/lib/dpkg/info/linux-perf.list': '/usr/bin/perf\n',
      'usr/bin/perf': 'x',
      'usr/bin/perf.distrib': 'x',
    });
    assert.equal(read.ownerOf('usr/bin/perf'), 'dpkg linux-perf');
    assert.equal(read.ownerOf('usr/bin/perf.distrib'), 'dpkg linux-base');
  });

  it('has paragraphs of their own for packages that it did not install', async () => {
    const read = await readFiles({
      'var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 2025b-0+deb12u1\nArchitecture: all\n',
      'var/lib/dpkg/status.d/tzdata.md5sums':
        '2d9aed2f0f3ef6d1a5ba5dbc5e0a1b84  usr/share/zoneinfo/Etc/UTC\n',
      'usr/share/zoneinfo/Etc/UTC': 'x',
    });
    assert.deepEqual(read.listed, ['dpkg tzdata 2025b-0+deb12u1']);
    assert.equal(read.ownerOf('usr/share/zoneinfo/Etc/UTC'), 'dpkg tzdata');
    assert.equal(read.ownerOf('var/lib/dpkg/status.d/tzdata.md5sums'), 'dpkg tzdata');
    assert.deepEqual([...parseMd5sums('no sum\n')], []);
  });
});

describe('apk', () => {
  // Alpine 3.20's.
  const installed = `C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=
P:alpine-baselayout
V:3.6.5-r0
A:x86_64
F:
F:etc
R:motd
a:0:0:644
Z:Q1SLkS9hBidUbPwwrw+XR0Whv3ww8=
F:root
M:0:0:700

C:Q1sdxEdHRRp4tgj8yIqcDzRdPvpI8=
P:musl
V:1.2.5-r0
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
R:libc.musl-x86_64.so.1
a:0:0:777
`;

  it('has folders and the names in them', async () => {
    const records = [...parseInstalled(installed)].map(({ paths, ...one }) => ({
      ...one,
      paths: [...paths],
    }));
    assert.deepEqual(records, [
      { name: 'alpine-baselayout', version: '3.6.5-r0', paths: ['etc', 'etc/motd', 'root'] },
      {
        name: 'musl',
        version: '1.2.5-r0',
        paths: ['lib', 'lib/ld-musl-x86_64.so.1', 'lib/libc.musl-x86_64.so.1'],
      },
    ]);
    for (const place of ['lib', 'usr/lib']) {
      const read = await readFiles({ [`${place}/apk/db/installed`]: installed, 'etc/motd': 'x' });
      assert.equal(read.ownerOf('etc/motd'), 'apk alpine-baselayout');
    }
  });
});

describe('opkg', () => {
  it('has lists with and without modes', async () => {
    assert.deepEqual(
      [...opkgPaths('/usr/bin/a\t0100755\n/usr/bin/b\t0120777\t/usr/bin/a\n/usr/bin/c\n')],
      ['/usr/bin/a', '/usr/bin/b', '/usr/bin/c'],
    );
    for (const place of ['usr/lib/opkg', 'var/lib/opkg']) {
      const read = await readFiles({
        [`${place}/status`]:
          'Package: busybox\nVersion: 1.36.1-r0\nStatus: install user installed\nArchitecture: core2-64\n',
        [`${place}/info/busybox.list`]: '/bin/busybox.nosuid\t0100755\n',
        [`${place}/info/busybox.postinst`]: 'x',
        'bin/busybox.nosuid': 'x',
      });
      assert.deepEqual(read.listed, ['opkg busybox 1.36.1-r0']);
      assert.equal(read.ownerOf('bin/busybox.nosuid'), 'opkg busybox');
      assert.equal(read.ownerOf(`${place}/info/busybox.postinst`), 'opkg busybox');
    }
  });
});

describe('pip', () => {
  const record = `../../../bin/wheel,sha256=pxeN,211
__pycache__/six.cpython-311.pyc,,
six-1.17.0.dist-info/RECORD,,
"six/a, ""b"".py",sha256=x,1
six.py,sha256=xRyR9wPT1LNpbJI8tf7CE-BeddkhU5O--sfy-mo5BN8,34703
`;
  const packages = 'usr/local/lib/python3.11/site-packages';
  const six = {
    [`${packages}/six-1.17.0.dist-info/RECORD`]: record,
    [`${packages}/six-1.17.0.dist-info/METADATA`]:
      'Metadata-Version: 2.1\r\nName: six\r\nVersion: 1.17.0\r\n\r\nName: not this\r\n',
    [`${packages}/six.py`]: 'x',
    'usr/local/bin/wheel': 'x',
  };

  it('has tables of files, from the folder of the package', async () => {
    assert.deepEqual(
      [...recordPaths(record)],
      [
        '../../../bin/wheel',
        '__pycache__/six.cpython-311.pyc',
        'six-1.17.0.dist-info/RECORD',
        'six/a, "b".py',
        'six.py',
      ],
    );
    assert.deepEqual([...recordPaths('a.py,,\n"never ends,,\nb.py,,')], ['a.py']);
    const read = await readFiles(six);
    assert.deepEqual(read.listed, ['pip six 1.17.0']);
    assert.equal(read.ownerOf('usr/local/bin/wheel'), 'pip six');
    assert.equal(read.ownerOf(`${packages}/six-1.17.0.dist-info`), 'pip six');
  });

  it('has eggs, too', async () => {
    const egg = 'opt/app/old-1.0-py3.11.egg-info';
    const read = await readFiles({
      [`${egg}/installed-files.txt`]: '../old/__init__.py\nPKG-INFO\n',
      [`${egg}/PKG-INFO`]: 'Name: old\nVersion: 1.0\n',
      'opt/app/old/__init__.py': 'x',
    });
    assert.deepEqual(read.listed, ['pip old 1.0']);
    assert.equal(read.ownerOf('opt/app/old/__init__.py'), 'pip old');
  });

  it('is told by the name of its folder where nothing else tells', () => {
    assert.deepEqual(projectOf('', 'a/foo_bar-1.2.dist-info'), { name: 'foo_bar', version: '1.2' });
    assert.deepEqual(projectOf('', 'foo-1.2-py3.11.egg-info'), { name: 'foo', version: '1.2' });
    assert.deepEqual(projectOf('', 'foo.dist-info'), { name: 'foo', version: '' });
  });

  it("has nothing of what is the distribution's", async () => {
    const read = await readFiles({
      ...six,
      'var/lib/dpkg/info/python3-six.list': `/${packages}/six.py\n/${packages}/six-1.17.0.dist-info/RECORD\n`,
    });
    assert.equal(read.ownerOf(`${packages}/six.py`), 'dpkg python3-six');
    assert.equal(read.ownerOf('usr/local/bin/wheel'), 'pip six');
  });
});

describe('what Python compiled', () => {
  it("is its source's package's, unless a list says otherwise", async () => {
    const read = await readFiles({
      'var/lib/dpkg/info/libpython3.11-stdlib.list':
        '/usr/lib/python3.11/json\n/usr/lib/python3.11/json/tool.py\n',
      'usr/lib/python3.11/json/tool.py': 'x',
      'usr/lib/python3.11/json/__pycache__/tool.cpython-311.pyc': 'x',
    });
    const folder = 'usr/lib/python3.11/json';
    for (const name of ['tool.cpython-311.pyc', 'tool.cpython-311.opt-1.pyc']) {
      assert.equal(read.ownerOf(`${folder}/__pycache__/${name}`), 'dpkg libpython3.11-stdlib');
    }
    assert.equal(read.ownerOf(`${folder}/tool.pyc`), 'dpkg libpython3.11-stdlib');
    assert.equal(read.ownerOf(`${folder}/__pycache__`), 'dpkg libpython3.11-stdlib');
    assert.equal(read.ownerOf(`${folder}/__pycache__/other.cpython-311.pyc`), undefined);
  });
});

describe('metadata that tells nothing', () => {
  const reasons = async (files: Readonly<Record<string, string>>) => {
    const { packages, unread } = await readFiles(files);
    return [packages.length, unread.map(({ manager, path, reason }) => `${manager} ${path} ${reason}`)];
  };

  it('is noted: what is no list, and what lies damaged in the image', async () => {
    assert.deepEqual(await reasons({ 'lib/apk/db/installed': '\0\x01\x02' }), [
      0,
      ['apk lib/apk/db/installed damaged'],
    ]);
    assert.deepEqual(await reasons({ 'lib/apk/db/installed': damaged }), [
      0,
      ['apk lib/apk/db/installed damaged'],
    ]);
    assert.deepEqual(
      await reasons({ 'var/lib/dpkg/status': '\xff'.repeat(99), 'var/lib/dpkg/info/a.list': '/a\n' }),
      [1, ['dpkg var/lib/dpkg/status damaged']],
    );
    assert.deepEqual(await reasons({ 'var/lib/opkg/status': damaged, 'var/lib/opkg/info/a.list': damaged }), [
      1,
      ['opkg var/lib/opkg/status damaged', 'opkg var/lib/opkg/info/a.list damaged'],
    ]);
  });

  it('is noted where there is more of it than any system has', async () => {
    const huge = { ...file('P:a\n'), size: 65 << 20 };
    const { unread } = await readFiles({}, { 'lib/apk/db/installed': huge });
    assert.deepEqual(unread, [{ manager: 'apk', path: 'lib/apk/db/installed', reason: 'tooLarge' }]);
    const many = await reasons({
      'lib/apk/db/installed': `P:a\nF:${'d'.repeat(4000)}\n${'R:\n'.repeat(70_000)}`,
    });
    assert.deepEqual(many, [0, ['apk  tooLarge']]);
  });

  it('is not followed out of the tree, in circles, or to names that can be none', async () => {
    const read = await readFiles(
      {
        'lib/apk/db/installed': `P:a\nF:../../etc\nR:passwd\nF:round/round\nR:x\nF:\nR:a\0b\nF:.\nR:..\nR:.\nR:\nF:${'x/'.repeat(3000)}\nR:y\n`,
        'etc/passwd': 'x',
      },
      { round: symlink('round') },
    );
    assert.equal(read.ownerOf('etc/passwd'), 'apk a');
    assert.equal(read.ownerOf(''), undefined);
  });
});
