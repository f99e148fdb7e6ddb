import { BlockList, isIP } from 'node:net';

/** The host of a URL without port and without the brackets of an IPv6 address. */
export function hostnameOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host name is this machine's own, without asking a name server. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || isAddressIn(loopback, hostname);
}

export function isAddressIn(list: BlockList, hostname: string): boolean {
  const family = isIP(hostname);
  return family !== 0 && list.check(hostname, family === 6 ? 'ipv6' : 'ipv4');
}
