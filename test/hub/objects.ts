import { createHash } from 'node:crypto';
import { fieldsOf, type HubAnswer, type HubRequest, plain, refusal } from './answer';
import type { SignedUrls } from './tokens';
import { now, objectKey, type StoredObject, type World } from './world';

/** An object as an account sees it: one of its own, or a link to somebody's public one. */
export function findObject(
  world: World,
  owner: string,
  sha256: string,
): { readonly object: StoredObject; readonly type: 'object' | 'link' } | undefined {
  const own = world.objects.get(objectKey(owner, sha256));
  if (own !== undefined) return { object: own, type: 'object' };
  const linked = world.objects.get(objectKey(`${owner} link`, sha256));
  return linked === undefined ? undefined : { object: linked, type: 'link' };
}

export function record(
  urls: SignedUrls,
  owner: string,
  object: StoredObject,
  { isSigned = true } = {},
): Record<string, unknown> {
  return {
    id: object.sha256,
    'storage-id': createHash('sha256').update(objectKey(object.owner, object.sha256)).digest('hex'),
    owner,
    objectname: object.name,
    sha256sum: object.sha256,
    size: String(object.size),
    sizeint: object.size,
    'mime-type': object.mimeType,
    'time-created': object.created,
    'time-modified': object.modified,
    ...(isSigned && {
      'signed-puturl': urls.to('PUT', object.owner, object.sha256),
      'signed-geturl': urls.to('GET', object.owner, object.sha256),
      now: String(Math.floor(Date.now() / 1000)),
      'expire-time': '15',
    }),
  };
}

/** POST: asks for a place for an object; 409 says that it is there. */
export function announce(
  world: World,
  urls: SignedUrls,
  owner: string,
  { body, query }: Pick<HubRequest, 'body' | 'query'>,
): HubAnswer {
  const { sha256sum, size, objectname, ...rest } = fieldsOf(body);
  if (typeof sha256sum !== 'string' || !/^[0-9a-f]{64}$/.test(sha256sum)) return refusal(400);
  if (findObject(world, owner, sha256sum) === undefined && query.get('autolink') !== 'no')
    link(world, owner, sha256sum);
  const known = findObject(world, owner, sha256sum);
  const type = known?.type ?? 'object';
  if (known?.object.content !== undefined)
    return { ...plain(record(urls, owner, known.object), { 'pantahub-object-type': type }), status: 409 };
  // A number is taken for nothing.
  const bytes = typeof size === 'string' ? Number(size) : 0;
  if (used(world, owner) + bytes > world.quota)
    return refusal(500, 'Quota exceeded; delete some objects or request a quota bump from team@pantahub.com');
  const time = now();
  const object: StoredObject = {
    ...{ sha256: sha256sum, owner, name: String(objectname), size: bytes },
    mimeType: typeof rest['mime-type'] === 'string' ? rest['mime-type'] : '',
    ...{ created: time, modified: time, content: undefined },
  };
  world.objects.set(objectKey(owner, sha256sum), object);
  return plain(record(urls, owner, object), { 'pantahub-object-type': 'object' });
}

/** What a public device of somebody else has needn't be uploaded. */
function link(world: World, owner: string, sha256: string): void {
  const open = [...world.devices.values()].filter((device) => device.isLinked).map((device) => device.owner);
  for (const other of open) {
    const object = world.objects.get(objectKey(other, sha256));
    if (object?.content !== undefined) world.objects.set(objectKey(`${owner} link`, sha256), object);
  }
}

function used(world: World, owner: string): number {
  let sum = 0;
  for (const object of world.objects.values())
    if (object.owner === owner && object.content) sum += object.size;
  return sum;
}

export function answerObjects(
  world: World,
  urls: SignedUrls,
  owner: string,
  { method, path, ...request }: HubRequest,
): HubAnswer {
  const sha256 = path.slice('/objects/'.length);
  if (method === 'POST') return announce(world, urls, owner, request);
  if (sha256 === '') {
    const own = [...world.objects.values()].filter((object) => object.owner === owner);
    return plain(own.map((object) => record(urls, owner, object, { isSigned: false })));
  }
  const found = findObject(world, owner, sha256);
  if (found === undefined) return refusal(403);
  return plain(record(urls, owner, found.object), { 'pantahub-object-type': found.type });
}

/** The storage behind signed URLs, which wants no token. */
export function answerStorage(
  world: World,
  urls: SignedUrls,
  { method, path, headers, body }: HubRequest,
): HubAnswer {
  const empty = (status: number): HubAnswer => ({ status, headers: {}, body: '' });
  const grant = urls.read(path.slice('/local-s3/'.length));
  if (grant?.method !== method) return empty(403);
  const object = world.objects.get(objectKey(grant.owner, grant.sha256));
  if (object === undefined) return empty(404);
  if (method === 'PUT') {
    if (headers['content-range'] !== undefined || body.length < object.size) return empty(500);
    const content = Buffer.from(body.subarray(0, object.size));
    if (createHash('sha256').update(content).digest('hex') !== object.sha256) return empty(400);
    object.content = content;
    object.modified = now();
    return empty(200);
  }
  if (object.content === undefined)
    return {
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: '404 page not found\n',
    };
  const content = object.content === 'none' ? Buffer.alloc(object.size) : object.content;
  const common = {
    'content-type': contentType(content),
    'accept-ranges': 'bytes',
    'content-disposition': `attachment; filename="${object.name}"`,
  };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(String(headers['range'])) ?? [];
  if (from === undefined) return { status: 200, headers: common, body: content };
  const last = to === '' || to === undefined ? content.length - 1 : Number(to);
  return {
    status: 206,
    headers: { ...common, 'content-range': `bytes ${from}-${last}/${content.length}` },
    body: content.subarray(Number(from), last + 1),
  };
}

function contentType(content: Buffer): string {
  return content.subarray(0, 512).includes(0) ? 'application/octet-stream' : 'text/plain; charset=utf-8';
}
