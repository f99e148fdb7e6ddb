import { Problem } from '../problem';
import { socketOf } from './desk/socket-way';
import { type ProcessEnvironment, variable } from '../net/process-environment';

/** What a reference to a device, or to a state somewhere, means. */
export type RemoteReference =
  | {
      readonly kind: 'pantahub';
      /** Where its interface is. */
      readonly hub: URL;
      readonly device: { readonly id: string } | { readonly nick: string; readonly user: string | undefined };
      /** Undefined: the newest. */
      readonly revision: string | undefined;
      /** What stands behind the `#`. */
      readonly parts: string | undefined;
    }
  /** A device in the network. */
  | { readonly kind: 'address'; readonly host: string; readonly parts: string | undefined }
  | { readonly kind: 'ssh'; readonly url: URL; readonly parts: string | undefined }
  /** A checkout, its `.pvr`, an export or a socket. */
  | { readonly kind: 'path'; readonly path: string };

/** The hub that is meant where none is named, as pvr has it. */
export function defaultHub(environment: ProcessEnvironment): URL {
  return hubUrl(variable(environment, 'PVR_BASEURL') ?? 'https://api.pantahub.com');
}

/** @throws Problem for what is no address of a hub. */
export function hubUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return new URL(url.origin);
  throw refusal(text, 'it is no web address');
}

/**
 * Understands NICK, USER/NICK[/REV], a URL of a device, IP[:PORT], `ssh://…` and paths, each with `#parts` behind it.
 *
 * @throws Problem for what is none of these.
 */
export function parseReference(typed: string, environment: ProcessEnvironment): RemoteReference {
  if (isPath(typed)) return { kind: 'path', path: typed };
  const at = typed.indexOf('#');
  const text = at < 0 ? typed : typed.slice(0, at);
  const parts = at < 0 ? undefined : typed.slice(at + 1);
  const socket = socketOf(text);
  if (socket !== undefined) return { kind: 'path', path: socket };
  if (/^ssh:\/\//i.test(text) && URL.canParse(text)) return { kind: 'ssh', url: new URL(text), parts };
  const [, prn] = /^prn:::devices:\/([0-9a-f]{24})$/.exec(text) ?? [];
  const hub = defaultHub(environment);
  if (prn !== undefined) return { kind: 'pantahub', hub, device: { id: prn }, revision: undefined, parts };
  if (/^https?:\/\//i.test(text)) return ofUrl(text, parts, environment);
  if (isAddress(text)) return { kind: 'address', host: text, parts };
  const names = text.replace(/\/+$/, '').split('/');
  const [first = '', second, third] = names;
  if (names.length > 3 || names.some((name) => !isNick(name)))
    throw refusal(typed, 'it is no name of a device');
  if (second === undefined)
    return { kind: 'pantahub', hub, device: { nick: first, user: undefined }, revision: undefined, parts };
  return {
    kind: 'pantahub',
    hub,
    device: { user: first, nick: second },
    revision: revisionIn(third, typed),
    parts,
  };
}

/** What can only be a place in a file system. */
function isPath(text: string): boolean {
  return (
    /^(?:\/|\.{1,2}(?:\/|\\|$)|~\/|[A-Za-z]:[\\/])/.test(text) ||
    /(?:^|\/)\.pvr\/?(?:#.*)?$/.test(text) ||
    /\.(?:tgz|tar|tar\.gz|sock)(?:#.*)?$/i.test(text)
  );
}

/** Nicks as Pantahub takes them (`[A-Za-z0-9-_+%]`). */
function isNick(text: string): boolean {
  return /^[A-Za-z0-9_+%-]+$/.test(text);
}

function isAddress(text: string): boolean {
  return (
    /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/.test(text) ||
    /^\[[0-9a-f:]+\](?::\d+)?$/i.test(text) ||
    isLocalName(text)
  );
}

/** As mDNS has them (RFC 6762, 3); a nick has no dot. */
function isLocalName(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.local\.?(?::\d+)?$/i.test(text);
}

function ofUrl(text: string, parts: string | undefined, environment: ProcessEnvironment): RemoteReference {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refusal(text, 'it is no web address');
  if (url.username !== '' || url.password !== '')
    throw refusal(`${url.protocol}//${url.host}${url.pathname}`, 'it holds a name or a password');
  const path = url.pathname.replace(/\/+$/, '').replace(/\/\.pvrremote$/, '');
  const [, id, step] = /^\/(?:trails|devices)\/([0-9a-f]{24})(?:(?:\/steps)?\/(\d+))?$/.exec(path) ?? [];
  if (id !== undefined)
    return { kind: 'pantahub', hub: new URL(url.origin), device: { id }, revision: step, parts };
  const [, user, nick, revision] = /^\/([^/]+)\/([^/]+?)(?:(?:\/steps)?\/(\d+))?$/.exec(path) ?? [];
  if (user !== undefined && nick !== undefined && isNick(user) && isNick(nick))
    return { kind: 'pantahub', hub: interfaceOf(url, environment), device: { user, nick }, revision, parts };
  if (path === '' || path === '/cgi-bin/pvr') return { kind: 'address', host: url.host, parts };
  throw refusal(text, 'it names neither a device nor a revision of one');
}

/** pvr's addresses are of a web site; what it stands for is at the hub's interface. */
function interfaceOf(url: URL, environment: ProcessEnvironment): URL {
  const site = variable(environment, 'PVR_REPO_BASEURL') ?? 'https://pvr.pantahub.com';
  const isSite = URL.canParse(site) && new URL(site).origin === url.origin;
  if (isSite) return defaultHub(environment);
  const host = url.hostname.replace(/^(?:pvr|www|hub)\.(?=[^.]+\.)/, 'api.');
  return new URL(`${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}`);
}

function revisionIn(text: string | undefined, typed: string): string | undefined {
  if (text === undefined || /^\d+$/.test(text)) return text;
  throw refusal(typed, `${text} is no revision, which is a number`);
}

function refusal(typed: string, found: string): Problem {
  return new Problem({
    doing: `looking for ${JSON.stringify(typed.slice(0, 200))}`,
    found,
    remedy:
      'Name a device as NICK, USER/NICK or USER/NICK/REVISION, give its URL at Pantahub, or the path of a checkout or an export',
  });
}
