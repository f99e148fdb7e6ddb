import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The SquashFS files of which a device makes an app's root, the topmost first: what its lxc.container.conf names in
 * `lxc.rootfs.path = overlayfs:/volumes/web/root.ovl.squashfs:/volumes/web/root.squashfs:/volumes/web/lxc-overlay/upper`.
 */
export async function rootLayers(checkout: string, app: string): Promise<string[]> {
  const conf = await readFile(path.join(checkout, app, 'lxc.container.conf'), 'utf8');
  const folders = /^lxc\.rootfs\.path = overlayfs:(.*)$/m.exec(conf)?.[1]?.split(':') ?? [];
  const files: string[] = [];
  for (const folder of folders.slice(0, -1)) {
    const [, owner, file] = /^\/volumes\/([^/]+)\/([^/]+)$/.exec(folder) ?? [];
    if (owner === undefined || file === undefined) throw new Error(`no volume of an app: ${folder}`);
    if (!(await volumesOf(checkout, owner)).includes(file)) {
      throw new Error(`${folder} is not mounted: run.json of ${owner} does not name it`);
    }
    files.push(path.join(checkout, owner, file));
  }
  return files;
}

/** What Pantavisor mounts below `/volumes/<app>`: what the app's run.json names. */
async function volumesOf(checkout: string, app: string): Promise<unknown[]> {
  const run: unknown = JSON.parse(await readFile(path.join(checkout, app, 'run.json'), 'utf8'));
  if (typeof run !== 'object' || run === null) return [];
  return [
    'root-volume' in run && run['root-volume'],
    ...('volumes' in run && Array.isArray(run.volumes) ? (run.volumes as unknown[]) : []),
  ];
}

/**
 * Mounts SquashFS files, the topmost first, and overlayfs over them if there are several, as Pantavisor and LXC do it, and
 * lets `look` see the result. Needs root.
 */
export async function withMounted<T>(
  files: readonly string[],
  look: (root: string) => Promise<T>,
  folders: readonly string[] = [],
): Promise<T> {
  const [file, ...rest] = files;
  if (file !== undefined) {
    return withMount(['-t', 'squashfs', '-o', 'ro,loop', file], (folder) =>
      withMounted(rest, look, [...folders, folder]),
    );
  }
  const [only, ...more] = folders;
  if (only !== undefined && more.length === 0) return look(only);
  return withMount(['-t', 'overlay', '-o', `ro,lowerdir=${folders.join(':')}`, 'overlay'], look);
}

async function withMount<T>(what: readonly string[], look: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mounted-'));
  try {
    await run('mount', [...what, folder]);
    try {
      return await look(folder);
    } finally {
      await run('umount', [folder]);
    }
  } finally {
    await rmdir(folder);
  }
}
