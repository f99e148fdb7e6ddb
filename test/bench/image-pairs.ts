import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { pathExists } from '../../src/core/files/file-problem';
import { DebianMaker } from '../device-view/debian';
import { umoci } from '../device-view/umoci';
import { type BenchImage, changedLabel, findImage } from './images';

const run = promisify(execFile);

/** Two versions of an image, each a layer of its own, as a build without a cache makes them. */
export interface ImagePair {
  readonly name: string;
  /** How much of pvr's overlay ours may be. */
  readonly most: number;
  readonly first: BenchImage;
  readonly second: BenchImage;
}

interface Recipe {
  readonly name: string;
  readonly tag: string;
  readonly most: number;
  /** What becomes of the first version's root. */
  readonly change: (root: string) => Promise<void>;
  /** A file that differs afterwards. */
  readonly changedPath: string;
}

/** Counts up when the pairs made here become others than before. */
const version = 1;
const repository = 'bench.example/pair';
const firstTag = 'first';
const packages = ['curl', 'git', 'openssl', 'perl', 'python3', 'python3-django', 'python3-requests'];

/** Pairs whose first version is a Debian system as it was released, in `folder`; made when they aren't there yet. */
export async function imagePairs(folder: string): Promise<readonly ImagePair[]> {
  const layout = path.join(folder, `pairs-${version}`);
  if (!(await pathExists(layout))) {
    const draft = await mkdtemp(path.join(folder, 'pairs-draft-'));
    try {
      await makePairs(draft, folder);
      await rename(path.join(draft, 'layout'), layout);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  const image = (tag: string): Promise<BenchImage> => findImage(layout, tag, `${repository}:${tag}`);
  return Promise.all(
    recipes.map(async ({ name, tag, most }) => ({
      name,
      most,
      first: await image(firstTag),
      second: await image(tag),
    })),
  );
}

async function makePairs(draft: string, folder: string): Promise<void> {
  const layout = path.join(draft, 'layout');
  const tar = path.join(draft, 'root.tar');
  await umoci('init', '--layout', layout);
  await new DebianMaker(path.join(folder, 'packages')).make(tar, { packages, updates: false });
  await addImage(layout, firstTag, tar, 'usr/bin/openssl');
  for (const { tag, change, changedPath } of recipes) {
    const root = path.join(draft, 'root');
    await umoci('raw', 'unpack', '--image', `${layout}:${firstTag}`, root);
    await change(root);
    await run('tar', ['cf', tar, '--sort=name', '--xattrs', '--xattrs-include=*', '-C', root, '.']);
    await addImage(layout, tag, tar, changedPath);
    await rm(root, { recursive: true });
  }
}

async function addImage(layout: string, tag: string, tar: string, changedPath: string): Promise<void> {
  const image = ['--image', `${layout}:${tag}`];
  await umoci('new', ...image);
  await umoci('raw', 'add-layer', ...image, tar);
  const label = ['--config.label', `${changedLabel}=${changedPath}`];
  await umoci('config', ...image, '--config.cmd', '/bin/sh', ...label);
}

const recipes: readonly Recipe[] = [
  {
    name: 'Python packages installed again, with one more',
    tag: 'reinstalled',
    most: 0.5,
    change: (root) => inside(root, `python3 -c '${installAgain}'`),
    changedPath: 'usr/lib/python3/dist-packages/one_more.py',
  },
  {
    name: "a release's update of Python",
    tag: 'python-update',
    most: 0.5,
    change: (root) => update(root, /^(lib)?python3/),
    changedPath: 'usr/bin/python3.11',
  },
  {
    name: "a release's updates of programs and libraries",
    tag: 'program-updates',
    most: 1.01,
    change: (root) => update(root, /^(curl|git|libcurl|libperl|libssl|openssl|perl)/),
    changedPath: 'usr/bin/openssl',
  },
  {
    name: 'one text file',
    tag: 'text',
    most: 1.01,
    change: (root) => appendFile(path.join(root, 'etc', 'profile'), '# changed\n'),
    changedPath: 'etc/profile',
  },
];

/** What `pip install` does to all packages when one is added to a list of requirements. */
const installAgain = `
import glob, os, py_compile
folder = "/usr/lib/python3/dist-packages"
open(folder + "/one_more.py", "w").write("changed = True\\n")
for one in glob.glob(folder + "/**/*.py", recursive=True):
    os.utime(one, (1924991999, 1924991999))
    py_compile.compile(one, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
`;

/** Upgrades the packages of this name to what this machine's apt offers now, without a trace of the download. */
async function update(root: string, name: RegExp): Promise<void> {
  const { stdout } = await run('dpkg-query', [
    '--admindir',
    path.join(root, 'var/lib/dpkg'),
    '-W',
    '-f',
    '${Package} ${Version}\\n',
  ]);
  const installed = new Map(
    stdout.split('\n').flatMap((line) => {
      const [one = '', present = ''] = line.split(' ');
      return name.test(one) ? [[one, present]] : [];
    }),
  );
  const offered = await run('apt-cache', ['show', '--no-all-versions', ...installed.keys()], {
    maxBuffer: Infinity,
  });
  const wanted = [...offered.stdout.matchAll(/^Package: (.*)$[^]*?^Version: (.*)$/gm)].flatMap(
    ([, one = '', newest]) => (installed.get(one) === newest ? [] : [one]),
  );
  if (wanted.length === 0) throw new Error(`apt has no update of ${String(name)}: was apt-get update run?`);
  const archives = path.join(root, 'archives');
  await mkdir(archives);
  await run('apt-get', ['download', '-q', ...wanted], { cwd: archives });
  const files = (await readdir(archives)).map((file) => `/archives/${file}`).join(' ');
  await inside(root, `dpkg --install ${files}`);
  await rm(archives, { recursive: true });
}

async function inside(root: string, commands: string): Promise<void> {
  await run('chroot', [root, 'sh', '-euc', commands], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: Infinity,
  });
}
