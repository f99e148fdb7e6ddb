import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { DebianMaker } from '../device-view/debian';
import { rootLayers, withMounted } from '../device-view/device';
import type { Listing } from '../device-view/listing';
import { asOnDevice } from '../device-view/pvr-additions';
import { Pvx } from '../device-view/pvx';
import { pushImage } from '../device-view/registry-images';
import { listImage, umoci } from '../device-view/umoci';
import { requireDeviceView } from '../device-view/view';
import { startDockerRegistry, type DockerRegistry } from './docker-registry';

const run = promisify(execFile);

/**
 * The images, by tag. `layered`, `recompiled` and `extension` are another layer on `v1`; `rebuilt` shares none with it.
 */
const tags = ['v1', 'layered', 'recompiled', 'rebuilt', 'extension'] as const;
type Tag = (typeof tags)[number];

describe('a Debian system of more than 300 MB', () => {
  let folder: string;
  let registry: DockerRegistry;
  let expected: Readonly<Record<Tag, Listing>>;
  let checkout: string;
  let pvx: Pvx;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'real-image-'));
    registry = await startDockerRegistry();
    expected = await publishImages(folder, reference);
    checkout = path.join(folder, 'checkout');
    await mkdir(checkout);
    pvx = new Pvx(path.join(folder, 'home'));
    await pvx.run(checkout, 'init');
  });
  after(async () => {
    await registry.stop();
    await rm(folder, { recursive: true });
  });

  const reference = (tag: Tag): string => `${registry.host}/debian:${tag}`;

  const requireView = (app: string, tag: Tag): Promise<void> =>
    requireDeviceView(checkout, app, expected[tag], `made from ${tag}`);

  /** Lets the system's own Python load all that has been compiled, as an import does: none of it may be compiled again. */
  const requireFreshPython = async (): Promise<void> => {
    const { stderr } = await withMounted(await rootLayers(checkout, 'web'), (root) =>
      run('chroot', [root, 'python3', '-v', '-c', loadEverything], { maxBuffer: Infinity }),
    );
    const lines = stderr.split('\n');
    const stale = lines.filter((line) => line.includes('bytecode is stale'));
    assert.deepEqual(stale, []);
    const fresh = lines.filter((line) => line.includes('.pyc matches ')).length;
    const loaded = Number(/^loaded (\d+)$/m.exec(stderr)?.[1]);
    assert.ok(
      loaded > 500 && fresh >= loaded,
      `${fresh} of ${loaded} modules are taken as they were compiled`,
    );
  };

  it('is really that large', () => {
    assert.ok(fileBytes(expected.v1) > 300e6, `${fileBytes(expected.v1)} bytes`);
  });

  it('is added', async () => {
    await pvx.run(checkout, 'app', 'add', 'web', '--from', reference('v1'));
    await requireView('web', 'v1');
  });

  it('is extended', async () => {
    await pvx.run(checkout, 'app', 'add', 'more', '--base', 'web', '--from', reference('extension'));
    await requireView('more', 'extension');
  });

  it('is patched to an image with one more layer', async () => {
    await pvx.run(checkout, 'app', 'update', 'web', '--patch', '--from', reference('layered'));
    await requireView('web', 'layered');
  });

  it('is patched to an image whose Python was installed again, which ships the module alone that changed', async () => {
    await pvx.run(checkout, 'app', 'update', 'web', '--patch', '--from', reference('recompiled'));
    await requireView('web', 'recompiled');
    const files = await pvx.run(checkout, 'app', 'files', 'web');
    assert.deepEqual(files.match(/colorsys\S*/g), ['colorsys.cpython-311.pyc', 'colorsys.py']);
    assert.ok(files.split('\n').length < 10, files);
    const { size } = await stat(path.join(checkout, 'web', 'root.ovl.squashfs'));
    assert.ok(size < 20_000, `${size} bytes`);
    await requireFreshPython();
  });

  it('is patched to an image that was made anew', async () => {
    await pvx.run(checkout, 'app', 'update', 'web', '--patch', '--from', reference('rebuilt'));
    await requireView('web', 'rebuilt');
    await requireView('more', 'extension');
    await requireFreshPython();
  });

  it('gets a new base, in another format, and takes its extension app along', async () => {
    const manifest = path.join(checkout, 'web', 'src.json');
    const zstd = '"format_options": "-comp zstd -Xcompression-level 3",\n  "docker_config"';
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"docker_config"', zstd));
    await pvx.run(checkout, 'app', 'update', 'web', '--newbase');
    const { stdout } = await run('unsquashfs', ['-stat', path.join(checkout, 'web', 'root.squashfs')]);
    assert.match(stdout, /^Compression zstd$/m);
    await requireView('web', 'rebuilt');
    await requireView('more', 'extension');
  });
});

const loadEverything = `
import glob, importlib.machinery, importlib.util, os, sys
sources = [one for one in glob.glob("/usr/lib/python3*/**/*.py", recursive=True)
           if os.path.exists(importlib.util.cache_from_source(one))]
for one in sources:
    importlib.machinery.SourceFileLoader("one", one).get_code("one")
print("loaded", len(sources), file=sys.stderr)
`;

/** @returns what a device must show of each image, by umoci. */
async function publishImages(
  folder: string,
  reference: (tag: Tag) => string,
): Promise<Readonly<Record<Tag, Listing>>> {
  const layout = path.join(folder, 'layout');
  const image = (tag: Tag): string[] => ['--image', `${layout}:${tag}`];
  await makeSystems(folder);
  await umoci('init', '--layout', layout);
  for (const tag of ['v1', 'rebuilt'] as const) {
    await umoci('new', ...image(tag));
    await umoci('raw', 'add-layer', ...image(tag), path.join(folder, `${tag}.tar`));
    await umoci('config', ...image(tag), '--config.cmd', '/bin/bash');
    await rm(path.join(folder, `${tag}.tar`));
  }
  await repack(layout, folder, 'layered', change);
  await repack(layout, folder, 'recompiled', installPythonAgain);
  await repack(layout, folder, 'extension', extend);

  const listings: [Tag, Listing][] = [];
  for (const tag of tags) {
    await pushImage(layout, tag, reference(tag));
    listings.push([tag, asOnDevice(await listImage(layout, tag))]);
  }
  await rm(layout, { recursive: true });
  return Object.fromEntries(listings) as Record<Tag, Listing>;
}

/** A system of the release, and one with the updates since, without an editor that the first one has and with another. */
async function makeSystems(folder: string): Promise<void> {
  const debian = new DebianMaker(path.join(folder, 'packages'));
  const common = ['cpp', 'git', 'perl', 'python3'];
  await debian.make(path.join(folder, 'v1.tar'), { packages: [...common, 'vim'], updates: false });
  await debian.make(path.join(folder, 'rebuilt.tar'), { packages: [...common, 'nano'], updates: true });
}

/** What a Dockerfile does that begins with `FROM v1`. */
async function repack(
  layout: string,
  folder: string,
  tag: Tag,
  changeRoot: (root: string) => Promise<void>,
): Promise<void> {
  const bundle = path.join(folder, `bundle-${tag}`);
  await umoci('unpack', '--image', `${layout}:v1`, bundle);
  await changeRoot(path.join(bundle, 'rootfs'));
  await umoci('repack', '--image', `${layout}:${tag}`, bundle);
  await rm(bundle, { recursive: true });
}

async function change(root: string): Promise<void> {
  await inside(
    root,
    `dpkg --purge vim
     useradd --create-home --uid 59999 app
     chmod 750 /usr/bin/perl
     chown app:app /var/lib/misc
     ln /usr/bin/git /usr/local/bin/git-for-app
     ln -snf /usr/bin/true /usr/bin/cpp
     rm -rf /usr/share/doc
     ln -s /usr/share/doc-base /usr/share/doc
     rm /etc/issue.net
     mkdir /etc/issue.net
     mkfifo /run/control
     echo 127.0.0.2 app >> /etc/hosts`,
  );
  await run('setfattr', [
    ...['--name', 'security.capability', '--value', '0x0100000200040000000000000000000000000000'],
    path.join(root, 'usr', 'bin', 'perl'),
  ]);
}

/** What installing the same packages again does to Python's files, and one module that really changes. */
async function installPythonAgain(root: string): Promise<void> {
  await inside(root, `python3 -c '${installAgain}'`);
}

const installAgain = `
import colorsys, glob, importlib.util, os, py_compile
open(colorsys.__file__, "a").write("changed = True\\n")
for one in glob.glob("/usr/lib/python3*/**/*.py", recursive=True):
    os.utime(one, (1924991999, 1924991999))
    if os.path.exists(importlib.util.cache_from_source(one)):
        py_compile.compile(one, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
`;

async function extend(root: string): Promise<void> {
  await inside(
    root,
    `useradd --system --create-home more
     cp -a /usr/share/perl5 /opt/more
     dpkg --purge --force-depends git
     echo more > /etc/hostname`,
  );
}

async function inside(root: string, commands: string): Promise<void> {
  await run('chroot', [root, 'sh', '-euc', commands], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function fileBytes(listing: Listing): number {
  return [...listing.values()].reduce((sum, { facts }) => sum + Number(facts.get('size') ?? 0), 0);
}
