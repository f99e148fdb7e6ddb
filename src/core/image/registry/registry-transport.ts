import path from 'node:path';
import type { HostRemedies } from '../../net/network-failure';
import { type ProcessEnvironment, variable } from '../../net/process-environment';
import { createTransport, type Transport, type TransportOptions } from '../../net/transport';
import { remedy, way } from '../../remedy';

export interface RegistryTransportOptions extends Pick<
  TransportOptions,
  'environment' | 'timeouts' | 'retry'
> {
  /**
   * Hosts (with port) that may answer without TLS or with any certificate, besides this machine itself and those that
   * PVX_INSECURE_REGISTRIES names.
   */
  readonly insecureRegistries?: readonly string[];
}

/** A transport to registries and their token servers, which trusts and shows the certificates that docker would. */
export function createRegistryTransport({
  insecureRegistries = [],
  ...options
}: RegistryTransportOptions): Transport {
  const { environment } = options;
  return createTransport({
    ...options,
    insecureHosts: [...insecureRegistries, ...insecureHostsOf(environment)],
    certificateFolders: certificateFolders(environment),
    remedies: hostRemedies,
  });
}

/** PVX_INSECURE_REGISTRIES: hosts with their ports, with commas or spaces between them. */
function insecureHostsOf(environment: ProcessEnvironment): readonly string[] {
  const named = variable(environment, 'PVX_INSECURE_REGISTRIES') ?? '';
  return named.split(/[\s,]+/).filter((host) => host !== '');
}

/** As in docker's documentation "Verify repository client with certificates". */
function certificateFolders(environment: ProcessEnvironment): readonly string[] {
  const { homeDirectory, platform } = environment;
  const own = path.join(homeDirectory, '.docker', 'certs.d');
  if (platform === 'darwin') return [own];
  if (platform === 'win32') {
    const programData = variable(environment, 'ProgramData') ?? 'C:\\ProgramData';
    return [path.join(programData, 'docker', 'certs.d'), own];
  }
  return ['/etc/docker/certs.d', path.join(homeDirectory, '.config', 'docker', 'certs.d'), own];
}

/** What helps where a registry can't be reached. */
export const hostRemedies: HostRemedies = {
  noTls: remedy`Give the registry a certificate, or, if it is in a trusted network, name it in ${way.setting('insecureRegistries')}`,
  noSuchName: 'Check the name in the image reference and the network connection',
  refused: 'Check that the registry runs and that the port is right',
  wantsCertificate: (host) =>
    `If it wants a certificate, put one into ~/.docker/certs.d/${host}/ as client.cert and client.key`,
  notTrusted: (host) =>
    `Put the certificate of its authority into ~/.docker/certs.d/${host}/ca.crt, or name its file in NODE_EXTRA_CA_CERTS`,
  noHttp: 'Check that the host is a container registry, and the proxies before it',
  badRedirect: 'Check the registry and the proxies before it',
  tooLong: 'Check that the host is a container registry and the name that of an image',
};
