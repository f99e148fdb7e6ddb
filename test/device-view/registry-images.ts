import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Copies an image from an OCI layout to a registry on this machine, with skopeo.
 *
 * @param format `oci` keeps it byte for byte, with all its platforms, `docker` turns it into docker's image manifest v2, schema 2.
 */
export async function pushImage(
  layout: string,
  tag: string,
  target: string,
  format: 'oci' | 'docker' = 'oci',
): Promise<void> {
  const asItIs = format === 'oci' ? ['--all', '--preserve-digests'] : ['--format', 'v2s2'];
  await promisify(execFile)('skopeo', [
    'copy',
    '--quiet',
    '--insecure-policy',
    '--dest-tls-verify=false',
    ...asItIs,
    `oci:${layout}:${tag}`,
    `docker://${target}`,
  ]);
}
