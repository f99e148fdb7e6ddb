import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './docker-registry';

/**
 * Makes an authority with one certificate, for servers of the names localhost and registry.test and for clients, and writes
 * `ca.pem`, `cert.pem` and `key.pem` to a folder.
 */
export async function makeCertificates(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = 'subjectAltName=DNS:localhost,DNS:registry.test,IP:127.0.0.1\n';
  await writeFile(path.join(folder, 'extensions'), names);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout'];
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  const days = ['-days', '2'];
  await openssl(
    'req',
    '-x509',
    ...key,
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=private authority',
    ...days,
  );
  await openssl('req', ...key, 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost');
  const signing = ['x509', '-req', '-in', 'request.pem', '-extfile', 'extensions', '-out', 'cert.pem'];
  await openssl(...signing, ...authority, ...days);
}
