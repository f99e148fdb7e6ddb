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
  return folders.slice(0, -1).map((folder) => {
    const [, owner, file] = /^\/volumes\/([^/]+)\/([^/]+)$/.exec(folder) ?? [];
    if (owner === undefined || file === undefined) throw new Error(`no volume of an app: ${folder}`);
    return path.join(checkout, owner, file);
  });
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
