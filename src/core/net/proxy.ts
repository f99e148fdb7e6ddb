import { BlockList, isIP } from 'node:net';
import { Problem } from '../problem';
import { type ProcessEnvironment, variable } from './process-environment';
import { Secret } from './secret';

/**
 * The proxy for a URL, by the rules of Go's net/http, which docker and pvr follow (golang.org/x/net/http/httpproxy):
 * HTTP_PROXY or HTTPS_PROXY by the URL's scheme, also in lower case; NO_PROXY lists domains, addresses and networks,
 * each perhaps with a port; this machine itself never goes through a proxy.
 *
 * @throws Problem when the proxy variable holds no URL.
 */
export function proxyFor(url: URL, environment: ProcessEnvironment): URL | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = variable(environment, name, name.toLowerCase());
  if (value === undefined || isLoopback(hostnameOf(url))) return undefined;
  if (isExcepted(url, variable(environment, 'NO_PROXY', 'no_proxy') ?? '')) return undefined;
  const address = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
  // Not the value: it may hold a password.
  const found =
    proxy === undefined
      ? `does not hold a proxy's URL`
      : `names a proxy that speaks ${proxy.protocol.slice(0, -1)}, and only http and https are known here`;
  throw new Problem({
    doing: `connecting to ${url.host}`,
    found: `the environment variable ${name} ${found}`,
    remedy: `Set ${name} to something like http://proxy.example:3128, or remove it`,
  });
}

/** The value of a Proxy-Authorization header for the user name and password in a proxy's URL. */
export function proxyAuthorization({ username, password }: URL): Secret | undefined {
  if (username === '') return undefined;
  const login = `${decodePercents(username)}:${decodePercents(password)}`;
  return new Secret(`Basic ${Buffer.from(login, 'utf8').toString('base64')}`);
}

/** A lone `%` stays as it is: people write their password down without thinking of URLs. */
function decodePercents(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isExcepted(url: URL, noProxy: string): boolean {
  const hostname = hostnameOf(url).toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry, hostname, port));
}

function covers(entry: string, hostname: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isAddressIn(network(entry), hostname);
  const { host, port: onlyPort } = splitPort(entry);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (isIP(host) !== 0 || isIP(hostname) !== 0) return host === hostname;
  // "example.com" means itself and what is below it; ".example.com" and "*.example.com" only what is below.
  const domain = host.replace(/^\*(?=\.)/, '');
  return hostname === domain || hostname.endsWith(domain.startsWith('.') ? domain : `.${domain}`);
}

function network(entry: string): BlockList {
  const list = new BlockList();
  const [address = '', prefix = ''] = entry.split('/');
  const family = isIP(address);
  const bits = Number(prefix);
  if (family !== 0 && /^\d+$/.test(prefix) && bits <= (family === 6 ? 128 : 32)) {
    list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function splitPort(entry: string): { host: string; port: string | undefined } {
  if (isIP(entry) === 6) return { host: entry, port: undefined };
  const match = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry);
  return { host: match?.[1] ?? entry, port: match?.[2] };
}

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

function isAddressIn(list: BlockList, hostname: string): boolean {
  const family = isIP(hostname);
  return family !== 0 && list.check(hostname, family === 6 ? 'ipv6' : 'ipv4');
}
