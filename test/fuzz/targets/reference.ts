import { Problem } from '../../../src/core/problem';
import { parseReference } from '../../../src/core/remote/reference';
import { parseFragments } from '../../../src/core/revision/fragments';
import type { Seeds, Target } from '../target';
import { varyBytes } from '../vary-bytes';

const environment = { env: {}, homeDirectory: '/nowhere', platform: process.platform };

const id = '6b0cda23686c8238cc34e514';
const seeds: Seeds = Object.fromEntries(
  [
    ...[
      'kitchen',
      'alice/kitchen',
      'alice/kitchen/3#web,-db',
      `prn:::devices:/${id}`,
      'ssh://root@10.0.0.7:8222',
    ],
    ...[`https://api.pantahub.com/trails/${id}/steps/3#web`, 'https://pvr.pantahub.com/alice/kitchen/3'],
    ...[
      '10.0.0.7:12368',
      '[fe80::1]:12368',
      './a#web',
      'web.tgz#%2d',
      '../x.sock',
      'http://10.0.0.7/cgi-bin/pvr',
    ],
    ...[`http://hub.example/trails/${id}/.pvrremote`, 'https://u:p@hub.example/a/b', 'a/b/c/d', '#', ''],
  ].map((text) => [text, Buffer.from(text)]),
);

/** What people type, or a link says, that is to name a device. */
export const target: Target = {
  seeds: () => Promise.resolve(seeds),
  vary: varyBytes,
  read(input) {
    const meant = parseReference(input.toString('utf8'), environment);
    if (meant.kind === 'pantahub' && !/^https?:$/.test(meant.hub.protocol)) throw new Error('no web address');
    if (meant.kind === 'pantahub' && 'nick' in meant.device && /[/?#]/.test(meant.device.nick))
      throw new Error('a nick that is a path');
    if (meant.kind !== 'path' && meant.parts !== undefined) tolerant(() => parseFragments(meant.parts ?? ''));
    return Promise.resolve();
  },
};

function tolerant(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}
