// What the integration tests, and those in a real VS Code, can't do without; test/setup-debian.sh installs the tools.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const tools = [
  'mksquashfs',
  'unsquashfs',
  'mount',
  'losetup',
  'getfattr',
  'setfattr',
  'dockerd',
  'docker-registry',
  'umoci',
  'skopeo',
  'mmdebstrap',
  'zstd',
  'openssl',
  'veritysetup',
  'mkfs.vfat',
  'fusefat',
  'sshd',
  'nc',
  'avahi-daemon',
  'ip',
];

/** Each thing this machine lacks, in words; empty when the integration tests can run. */
export function missingForIntegration() {
  if (process.platform !== 'linux') return ['Linux (they mount squashfs and overlayfs)'];
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (process.getuid() !== 0) return ['root (they mount squashfs and overlayfs)', ...missing];
  if (isInstalled('losetup') && !hasLoopDevices())
    missing.push('loop devices (a container has them if privileged)');
  return missing;
}

/** The same for the tests in a real VS Code, whose images come from a real registry and a real docker, too. */
export function missingForVSCode() {
  const missing = missingForIntegration();
  if (process.arch !== 'x64') missing.unshift('an x64 processor (VS Code is installed for that)');
  if (!process.env.CHROMIUM && !isInstalled('chromium')) missing.push('chromium');
  return missing;
}

function isInstalled(tool) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function hasLoopDevices() {
  return spawnSync('losetup', ['--find'], { stdio: 'ignore' }).status === 0;
}
