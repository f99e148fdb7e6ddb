/** Where a device listens for ssh. */
export interface ShellPlace {
  readonly host: string;
  readonly port: number;
  /** Undefined: as Pantavisor's own server wants it. */
  readonly user: string | undefined;
}

/** Pantavisor's own server; the name of the user says which container is meant. */
const usualPort = 8222;
const pantavisorItself = '_pv_';

/** Of `192.168.1.5`, `[fe80::1]`, `kitchen.local:8222`, `ssh://root@192.168.1.5:22`; undefined of an address at a hub, and of what is none. */
export function shellPlaceOf(address: string): ShellPlace | undefined {
  if (/^https?:/i.test(address)) return undefined;
  const text = /^ssh:\/\//i.test(address) ? address : `ssh://${address}`;
  if (!URL.canParse(text)) return undefined;
  const { hostname, port, username, pathname } = new URL(text);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!/^[a-z0-9][a-z0-9._:%-]*$/i.test(host) || (pathname !== '' && pathname !== '/')) return undefined;
  // pvr-sdk's interface is no place for a shell.
  const isWeb = port === '12368';
  return {
    host,
    port: port === '' || isWeb ? usualPort : Number(port),
    user: username === '' ? undefined : decodeURIComponent(username),
  };
}

/** What ssh is started with: nothing goes through a shell. @returns undefined for a name that ssh could take for an option. */
export function shellArguments(
  { host, port, user }: ShellPlace,
  container: string | undefined,
): readonly string[] | undefined {
  const name = container ?? user ?? pantavisorItself;
  if (!/^[\w][\w.-]*$/.test(name)) return undefined;
  return ['-p', String(port), '-t', `${name}@${host}`];
}

/** IPv4 addresses that a device has told of itself (`interfaces`), but for its own inside. */
export function addressesIn(deviceMeta: Readonly<Record<string, unknown>>): readonly string[] {
  const found = JSON.stringify(deviceMeta['interfaces'] ?? '').match(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g) ?? [];
  return [...new Set(found)].filter((one) => !/^(?:127\.|10\.0\.3\.|172\.1[67]\.)/.test(one));
}
