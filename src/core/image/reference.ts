import { Problem } from '../problem';
import { way, type Way } from '../remedy';
import { type Digest, isDigest } from './digest';

/** A repository in a registry. */
export interface Repository {
  /** As the user typed it, without tag and digest: what pvr writes as `docker_name`. */
  readonly name: string;
  /** `docker.io`, `localhost:5443`, `[::1]:5000`. */
  readonly domain: string;
  /** Below the domain, `library/` included: `library/nginx`. */
  readonly path: string;
}

/** An image in a repository: by tag, by digest, or by a digest with the tag it once had (then the digest counts). */
export type Reference = Repository &
  (
    | { readonly tag: string; readonly digest: Digest | undefined }
    | { readonly tag: undefined; readonly digest: Digest }
  );

// The grammar of github.com/distribution/reference (regexp.go), with its names.
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const path = `${pathComponent}(?:/${pathComponent})*`;
const domainComponent = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const domainName = `${domainComponent}(?:\\.${domainComponent})*`;
const domain = `(?:${domainName}|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const tag = '\\w[\\w.-]{0,127}';

const wholeDomain = new RegExp(`^${domain}$`);
const wholePath = new RegExp(`^${path}$`);
const wholeTag = new RegExp(`^${tag}$`);

const dockerHub = 'docker.io';
const officialPrefix = 'library/';
/** Of the path alone, since v0.6 (reference.go, RepositoryNameTotalLengthMax). */
const maxPathLength = 255;
/** Longer than any valid reference: a host of 255, a path, a tag and a sha512 digest with their separators are 784. */
const maxLength = 1024;

/**
 * Reads a reference the way docker does (distribution/reference, normalize.go): `nginx` is
 * `docker.io/library/nginx:latest`, the first component is a domain only when it has a `.` or `:`, is `localhost`, or has
 * upper-case letters.
 *
 * @throws Problem that says what is wrong with `text`.
 */
export function parseReference(text: string): Reference {
  const bad = (found: string) => badReference(text, found);
  if (text === '') throw bad('it is empty');
  if (text.length > maxLength) throw bad(`it has ${text.length} characters`);
  if (/\s/.test(text)) throw bad('it contains a space');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw bad('it is a URL; a reference has no "://"');
  if (isDigest(text) || /^[0-9a-f]{64}$/.test(text)) throw bad('it is only a digest, without a name');

  const { rest, digest } = splitDigest(text, bad);
  const { name, tag } = splitTag(rest, bad);
  const { domain, path } = splitDomain(name);
  if (!wholeDomain.test(domain) || !URL.canParse(`https://${domain}`))
    throw bad(`"${domain}" is not a registry's host name`);
  if (!wholePath.test(path)) throw bad(whatIsWrongWithPath(path));
  if (path.length > maxPathLength) {
    throw bad(`its name behind the host has ${path.length} characters, and ${maxPathLength} is the limit`);
  }
  if (digest === undefined) return { name, domain, path, tag: tag ?? 'latest', digest };
  return tag === undefined ? { name, domain, path, tag, digest } : { name, domain, path, tag, digest };
}

/** As docker shows it: `nginx:1.25`, `localhost:5000/app:v1@sha256:…`. */
export function familiarReference(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** With nothing left out: `docker.io/library/nginx:1.25`. */
export function canonicalReference(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffix(reference)}`;
}

/** The image that `reference` was found to be, as pvr writes `docker_digest`: `nginx@sha256:…`, the name as typed. */
export function pinnedName({ name }: Repository, digest: Digest): string {
  return `${name}@${digest}`;
}

/** The same repository (and tag) at one digest. */
export function withDigest(reference: Reference, digest: Digest): Reference {
  return { ...reference, digest };
}

/** Where a repository's registry answers, and under which key docker's config keeps its credentials. */
export interface RegistryEndpoint {
  /** Host and, if any, port. */
  readonly host: string;
  readonly credentialKey: string;
  /** Whether it is the one that an image's reference names, and not one that this has sent us on to. */
  readonly isNamed: boolean;
}

const dockerHubHost = 'registry-1.docker.io';

export function registryOf({ domain }: Repository): RegistryEndpoint {
  return domain === dockerHub
    ? { host: dockerHubHost, credentialKey: 'https://index.docker.io/v1/', isNamed: true }
    : { host: domain, credentialKey: domain, isNamed: true };
}

/** The repository at the registry to whose `host` (with port) its own has sent us on. */
export function sentOnTo(host: string, repository: Repository): Repository {
  return { ...repository, domain: host === dockerHubHost ? dockerHub : host };
}

/** Logs in to a repository's registry. */
export function logInTo({ domain }: Repository): Way {
  return way.logIn(domain === dockerHub ? undefined : domain);
}

type Bad = (found: string) => Problem;

function splitDigest(text: string, bad: Bad): { rest: string; digest: Digest | undefined } {
  const at = text.indexOf('@');
  if (at === -1) return { rest: text, digest: undefined };
  const digest = text.slice(at + 1);
  if (isDigest(digest)) return { rest: text.slice(0, at), digest };
  const algorithm = /^(\w+):/.exec(digest)?.[1];
  throw bad(
    algorithm === 'sha256' || algorithm === 'sha512'
      ? `after "@${algorithm}:" there must be ${algorithm === 'sha256' ? 64 : 128} lower-case hexadecimal digits`
      : 'after "@" there must be a sha256 or sha512 digest',
  );
}

/** A colon before the last slash belongs to the domain's port. */
function splitTag(rest: string, bad: Bad): { name: string; tag: string | undefined } {
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  // `[::1]` and `[::1]:5000` without a path: a domain and no repository.
  if (rest.startsWith('[') && !rest.includes('/')) throw bad('a repository is missing after the address');
  if (colon === -1) return { name: rest, tag: undefined };
  const name = rest.slice(0, colon);
  const tag = rest.slice(colon + 1);
  if (name === '') throw bad('the name before the tag is missing');
  if (wholeTag.test(tag)) return { name, tag };
  if (tag === '') throw bad('the tag after ":" is missing');
  if (tag.length > 128) throw bad(`its tag has ${tag.length} characters, and 128 is the limit`);
  throw bad(`"${tag}" is not a tag: letters, digits, "_", "." and "-", not starting with "." or "-"`);
}

function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const namesDomain = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  if (slash !== -1 && namesDomain && first !== dockerHub && first !== `index.${dockerHub}`) {
    return { domain: first, path: name.slice(slash + 1) };
  }
  const path = namesDomain ? name.slice(slash + 1) : name;
  return { domain: dockerHub, path: path.includes('/') ? path : officialPrefix + path };
}

function whatIsWrongWithPath(path: string): string {
  const component = path.split('/').find((part) => !wholePath.test(part)) ?? path;
  if (component === '') return 'a part of its name is empty';
  if (component !== component.toLowerCase()) return `"${component}" has upper-case letters`;
  return `"${component}" is not a part of a name: lower-case letters and digits, with single ".", "_", "__" or "-" between them`;
}

function familiarName({ domain, path }: Repository): string {
  if (domain !== dockerHub) return `${domain}/${path}`;
  const short = path.slice(officialPrefix.length);
  return path.startsWith(officialPrefix) && !short.includes('/') ? short : path;
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

function badReference(text: string, found: string): Problem {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new Problem({
    doing: `reading the image reference "${shown}"`,
    found,
    remedy:
      'Write it like nginx:1.25, registry.example:5000/team/app:v1 or nginx@sha256:<64 hexadecimal digits>',
  });
}
