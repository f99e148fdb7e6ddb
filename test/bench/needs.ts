import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { gnuTime } from './measure';

/** Programs that this project is compared with, that measure or that make images, with their Debian packages. */
const packages = new Map([
  [gnuTime, 'time'],
  ['diff', 'diffutils'],
  ['find', 'findutils'],
  ['mksquashfs', 'squashfs-tools'],
  ['mmdebstrap', 'mmdebstrap'],
  ['tar', 'tar'],
  ['umoci', 'umoci'],
  ['unsquashfs', 'squashfs-tools'],
]);

/** Of those, what work with devices needs, and what it is compared with. */
const ofDevices = new Map([
  [gnuTime, 'time'],
  ['curl', 'curl'],
]);

/** What this machine lacks and how to get it, in words; undefined when the benchmark can run. */
export function missingForBench(work: 'images' | 'devices'): string | undefined {
  if (process.platform !== 'linux')
    return 'The steps it compares with (tar, unsquashfs, mksquashfs as root) need Linux.';
  const missing = [...(work === 'devices' ? ofDevices : packages)].filter(([tool]) => !isInstalled(tool));
  const lines = missing.map(([tool, name]) => `  ${tool} (Debian package ${name})`);
  if (work === 'images' && process.getuid?.() !== 0)
    lines.unshift('  root (the steps it compares with unpack devices and owners)');
  if (lines.length === 0) return undefined;
  const names = [...new Set(missing.map(([, name]) => name))];
  const remedy = names.length > 0 ? `\nThis adds them: sudo apt-get install ${names.join(' ')}` : '';
  return `The benchmark lacks:\n${lines.join('\n')}${remedy}`;
}

function isInstalled(tool: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(path.resolve(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
