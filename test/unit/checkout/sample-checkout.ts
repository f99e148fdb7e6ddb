import type { JsonWebKey } from 'node:crypto';
import { type Checkout, readCheckout } from '../../../src/core/checkout/checkout';
import type { Contradiction } from '../../../src/core/checkout/contradictions/contradictions';
import { readSourceManifest } from '../../../src/core/checkout/manifests/source-manifest';
import { renderRunFiles } from '../../../src/core/checkout/template/run-files';
import { superblockSize } from '../../../src/core/squashfs/format';
import { encodeSuperblock } from '../../../src/core/squashfs/superblock';
import { temporaryFolder, writeFiles } from './temporary-folder';

/** Content by path; undefined where a file is to be left out. */
export type Files = Readonly<Record<string, string | undefined>>;

/** The files that pvr makes of an app with this src.json, but for its file systems. */
export function appFiles(app: string, fields: Readonly<Record<string, unknown>>): Files {
  const source = JSON.stringify({
    '#spec': 'service-manifest-src@1',
    template: 'builtin-lxc-docker',
    docker_name: app,
    docker_tag: 'latest',
    docker_source: 'remote,local',
    docker_config: { Cmd: ['/bin/app'] },
    ...fields,
  });
  const manifest = readSourceManifest(source, `${app}/src.json`);
  const { runJson, lxcContainerConf } = renderRunFiles({ app, manifest, defaultGroup: undefined });
  return {
    [`${app}/src.json`]: source,
    [`${app}/run.json`]: runJson,
    [`${app}/lxc.container.conf`]: lxcContainerConf,
  };
}

/** The superblock of a file system that is nothing else, in characters of one byte each. */
export const superblock: string = encodeSuperblock({
  inodeCount: 1,
  mkfsTime: 0,
  blockSize: 131_072,
  fragmentCount: 0,
  compressor: 'xz',
  flags: 0,
  idCount: 1,
  rootInode: 0,
  bytesUsed: superblockSize,
  ...{ idTable: 0, xattrTable: 0, inodeTable: 0, directoryTable: 0, fragmentTable: 0, exportTable: 0 },
}).toString('latin1');

/** The same as a file, padded as the kernel wants it. */
export const squashfsFile: string = superblock.padEnd(4096, '\0');

export function squashfs(file: string, digest: string): Files {
  return { [file]: squashfsFile, [`${file}.docker-digest`]: digest };
}

/** Nothing in it is wrong: a plain app, a patched one, and one that extends the base of a third. */
export const soundFiles: Files = {
  '.pvr/json': '{"#spec":"pantavisor-service-system@1"}',
  ...appFiles('plain', { docker_digest: 'plain@sha256:1' }),
  ...squashfs('plain/root.squashfs', 'plain@sha256:1'),
  ...appFiles('patched', { docker_digest: 'patched@sha256:1', docker_ovl_digest: 'patched@sha256:2' }),
  ...squashfs('patched/root.squashfs', 'patched@sha256:1'),
  ...squashfs('patched/root.ovl.squashfs', 'patched@sha256:2'),
  ...appFiles('base', {
    docker_digest: 'base@sha256:1',
    args: { PV_GROUP: 'data', PV_STATUS_GOAL: 'MOUNTED' },
  }),
  ...squashfs('base/root.squashfs', 'base@sha256:1'),
  ...appFiles('hello', {
    base: 'base',
    docker_digest: 'base@sha256:1',
    docker_ovl_digest: 'hello@sha256:1',
  }),
  ...squashfs('hello/root.ovl.squashfs', 'hello@sha256:1'),
};

export function checkoutOf(files: Files): string {
  const folder = temporaryFolder();
  const present = Object.entries(files).flatMap(([name, content]) =>
    content === undefined ? [] : [[name, content] as const],
  );
  writeFiles(folder, Object.fromEntries(present));
  return folder;
}

/** The sound checkout with some files changed. */
export function readChanged(changes: Files): Promise<Checkout> {
  return readCheckout(checkoutOf({ ...soundFiles, ...changes }));
}

/** A file of the sound checkout with a part of its text replaced. */
export function replaced(file: string, part: string | RegExp, by: string): Files {
  const content = soundFiles[file];
  const changed = content?.replace(part, by);
  if (changed === undefined || changed === content) throw new Error(`${file} has no ${part}`);
  return { [file]: changed };
}

/** A JSON file of the sound checkout with some members changed. */
export function withMembers(file: string, members: Readonly<Record<string, unknown>>): Files {
  const document = JSON.parse(soundFiles[file] ?? '') as Record<string, unknown>;
  return { [file]: JSON.stringify({ ...document, ...members }) };
}

/** Of all apps and of the checkout as a whole. */
export function allContradictions({ apps, contradictions }: Checkout): readonly Contradiction[] {
  return [...contradictions, ...apps.flatMap((app) => app.contradictions)];
}

/** A signature over these paths, as far as it can be read without its key. */
export function signatureText(
  include: readonly string[],
  exclude: readonly string[] = [],
  jwk?: JsonWebKey,
): string {
  const header = { alg: 'ES256', typ: 'PVS', pvs: { include, exclude }, jwk };
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
  return JSON.stringify({ '#spec': 'pvs@2', protected: encoded, signature: 'c2lnbmVk' });
}
