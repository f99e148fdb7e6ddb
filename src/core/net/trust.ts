import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import { describeError, Problem } from '../problem';
import { variable, type ProcessEnvironment } from './process-environment';

/**
 * Whom to trust, and how to show who we are, when talking TLS.
 *
 * Roots are those of Node, of the operating system (which docker trusts, and where companies install theirs), of
 * SSL_CERT_FILE and of NODE_EXTRA_CA_CERTS. The host's folders below `certificateFolders` add
 * to them for this host alone: `*.crt` are roots, `*.cert` with `*.key` is a client's pair.
 */
export function createTrust(environment: ProcessEnvironment, certificateFolders: readonly string[]): Trust {
  let common: Promise<readonly string[]> | undefined;
  let shared: SecureContext | undefined;

  return {
    async contextFor(host) {
      const own = await loadHostCertificates(host, certificateFolders, environment);
      const roots = await (common ??= loadRoots(environment));
      if (own.files.length > 0) {
        const folders = new Set(own.files.map((file) => path.dirname(file)));
        return createContext({ ...own, ca: [...roots, ...own.ca] }, [...folders].join(' or '), host);
      }
      return (shared ??= createContext(
        { ca: roots, cert: [], key: [] },
        'SSL_CERT_FILE or NODE_EXTRA_CA_CERTS',
        host,
      ));
    },
  };
}

export interface Trust {
  /**
   * @param host with its port, if it has one: the name of its certificates' folder.
   * @throws Problem when a certificate for this host can't be used.
   */
  contextFor(host: string): Promise<SecureContext>;
}

/** Contents of PEM files. */
interface Certificates {
  readonly ca: readonly string[];
  readonly cert: readonly string[];
  readonly key: readonly string[];
}

function createContext({ ca, cert, key }: Certificates, origin: string, host: string): SecureContext {
  try {
    return tls.createSecureContext({ ca: [...ca], cert: [...cert], key: [...key] });
  } catch (cause) {
    throw new Problem({
      doing: `preparing the connection to ${host}`,
      found: `a certificate or key in ${origin} can't be used (${describeError(cause)})`,
      remedy: 'Replace it with a good PEM file, or remove it',
      cause,
    });
  }
}

async function loadRoots(environment: ProcessEnvironment): Promise<readonly string[]> {
  const bundle = variable(environment, 'SSL_CERT_FILE');
  // Node reads this one by itself, but forgets it as soon as other roots are given.
  const extra = variable(environment, 'NODE_EXTRA_CA_CERTS');
  const files = [
    ...(bundle !== undefined ? [bundle] : environment.platform === 'linux' ? linuxBundles : []),
    ...(extra !== undefined ? [extra] : []),
  ];
  const contents = await Promise.all(files.map(readIfThere));
  return [
    ...tls.rootCertificates,
    ...keyChain(environment.platform),
    ...contents.filter((content) => content !== undefined),
  ];
}

/** Where distributions keep their bundle (Go's crypto/x509, root_linux.go). */
const linuxBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The certificates of the macOS key chain or the Windows store, where Node (22.15 and later) can list them. */
function keyChain(platform: NodeJS.Platform): readonly string[] {
  if (platform === 'linux' || !canListCertificates(tls)) return [];
  return tls.getCACertificates('system');
}

function canListCertificates(
  module: object,
): module is { readonly getCACertificates: (type: 'system') => string[] } {
  return 'getCACertificates' in module && typeof module.getCACertificates === 'function';
}

interface HostCertificates extends Certificates {
  readonly files: readonly string[];
}

async function loadHostCertificates(
  host: string,
  certificateFolders: readonly string[],
  environment: ProcessEnvironment,
): Promise<HostCertificates> {
  // Windows allows no colon in a name; docker leaves it out there (moby, registry/config_windows.go).
  const name = environment.platform === 'win32' ? host.replaceAll(':', '') : host;
  const folders = certificateFolders.map((folder) => path.join(folder, name));
  const files = (await Promise.all(folders.map(listFolder))).flat();
  const read = async (suffix: string) => {
    const contents = await Promise.all(files.filter((file) => file.endsWith(suffix)).map(readIfThere));
    return contents.filter((content) => content !== undefined);
  };
  return { files, ca: await read('.crt'), cert: await read('.cert'), key: await read('.key') };
}

/** Sorted, so that a certificate stands at the same place as its key. */
async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.sort().map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

/** A file that is missing or that this user may not read adds no trust; the handshake tells if it was needed. */
async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
