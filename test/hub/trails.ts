import { canonical } from './canonical';
import { fieldsOf, type HubAnswer, type KnownRequest, methodNotAllowed, parsed, refusal } from './answer';
import { announce, findObject, record } from './objects';
import type { SignedUrls } from './tokens';
import {
  addTrail,
  type Device,
  epoch,
  now,
  objectsOf,
  progressOf,
  stateSha,
  type Step,
  type Trail,
  type World,
  zeroTime,
} from './world';

const specs = new Set([
  'pantavisor-service-system@1',
  'pantavisor-multi-platform@1',
  'pantavisor-service-embed@1',
]);

/** Answers below /trails are canonical JSON, refusals too. */
function inCanonicalForm(answer: HubAnswer): HubAnswer {
  const text = String(answer.body);
  const value = parsed(Buffer.from(text));
  return {
    ...answer,
    headers: { ...answer.headers, phjsonformat: 'gibson042-canonicaljson' },
    body: value === undefined ? text : canonical(value),
  };
}

function ok(value: unknown, headers: Readonly<Record<string, string>> = {}): HubAnswer {
  return {
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-powered-by': 'go-json-rest',
      ...headers,
    },
    body: canonical(value),
  };
}

export function answerTrails(world: World, urls: SignedUrls, base: string, request: KnownRequest): HubAnswer {
  return inCanonicalForm(answer(world, urls, base, request));
}

function answer(world: World, urls: SignedUrls, base: string, request: KnownRequest): HubAnswer {
  const { method, path, caller } = request;
  const owner = caller.owner ?? caller.prn;
  const [id = '', what, rev, member, sha256] = path.slice('/trails/'.length).split('/');
  if (id === 'summary') return caller.type === 'DEVICE' ? refusal(403) : ok(summaries(world, caller.prn));
  if (id === '') return method === 'POST' ? firstBoot(world, request) : ok(ownTrails(world, request));
  const device = world.devices.get(id);
  const trail = world.trails.get(id);
  const isMine = device !== undefined && (device.owner === owner || device.prn === caller.prn);
  const mayRead = isMine || device?.isPublic === true;
  if (what === 'summary')
    return device !== undefined && trail !== undefined && isMine ? ok(summary(device, trail)) : refusal(403);
  if (device === undefined || trail === undefined) {
    if (what !== 'steps' || rev === undefined || member !== undefined)
      return member === 'state' ? ok({}) : refusal(500);
    // Two answers at once.
    const both = [refusal(500), refusal(500)].map((one) => inCanonicalForm(one).body);
    return { ...refusal(500), body: both.join('') };
  }
  if (what === '.pvrremote') {
    const newest = trail.steps.at(-1);
    if (!mayRead) return refusal(403);
    return newest === undefined ? refusal(500) : ok(remote(base, id, newest.rev, true));
  }
  if (what !== 'steps') return refusal(404);
  if (rev === undefined || rev === '') {
    if (method === 'POST')
      return isMine && caller.type === 'USER' && !caller.isAnonymous
        ? post(world, device, trail, request)
        : refusal(403);
    return ok(isMine ? listed(device, trail, request) : []);
  }
  const step = trail.steps.find((one) => String(one.rev) === rev);
  if (member === 'state' && method === 'GET') return ok(step !== undefined && mayRead ? step.state : {});
  if (step === undefined) return refusal(500);
  if (method === 'PUT') return isMine ? change(device, step, member, request) : refusal(403);
  switch (member) {
    case undefined:
      return mayRead ? ok(selected(shown(device, step), request.query)) : refusal(500);
    case '.pvrremote':
      return mayRead ? ok(remote(base, id, step.rev, false)) : refusal(403);
    case 'meta':
      return mayRead ? ok(step.meta) : refusal(500);
    case 'progress':
      return methodNotAllowed();
    case 'objects':
      if (method === 'POST') return announce(world, urls, owner, request);
      if (!mayRead) return refusal(404);
      return objects(world, urls, device, step, sha256);
    default:
      return refusal(404);
  }
}

function objects(
  world: World,
  urls: SignedUrls,
  device: Device,
  step: Step,
  sha256: string | undefined,
): HubAnswer {
  const of = (id: string) => {
    const found = findObject(world, device.owner, id);
    return found === undefined ? undefined : record(urls, device.owner, found.object);
  };
  const ids = objectsOf(step.state);
  if (sha256 === undefined || sha256 === '') return ok(ids.map(of).filter((one) => one !== undefined));
  if (!ids.includes(sha256)) return refusal(403);
  const type = findObject(world, device.owner, sha256)?.type ?? 'object';
  return ok(of(sha256), { 'pantahub-object-type': type });
}

function remote(base: string, id: string, rev: number, isNewest: boolean): Record<string, unknown> {
  const step = `${base}/trails/${id}/steps/${rev}`;
  return {
    ...{ 'pvr-spec': 'pvr-pantahub-1', 'json-get-url': `${step}/state`, 'json-key': 'state' },
    ...{
      'objects-endpoint': `${step}/objects`,
      'post-url': `${base}/trails/${id}/steps`,
      'step-get-url': step,
    },
    'post-fields': isNewest ? ['commit-msg'] : ['msg'],
    'post-fields-opt': isNewest ? ['rev'] : [],
  };
}

function shown(device: Device, step: Step): Record<string, unknown> {
  const isFactory = step.rev === 0;
  return {
    ...{ id: `${device.id}-${step.rev}`, rev: step.rev, 'trail-id': device.id },
    ...{
      device: isFactory ? '' : device.prn,
      owner: device.owner,
      committer: '',
      'commit-msg': step.message,
    },
    ...{ state: step.state, 'state-sha': stateSha(step.state), progress: step.progress, meta: step.meta },
    ...{
      used_objects: objectsOf(step.state),
      'step-time': step.stepTime,
      'progress-time': step.progressTime,
    },
    'time-created': isFactory ? zeroTime : step.created,
    'time-modified': isFactory ? zeroTime : step.modified,
    ...{ garbage: false, mark_public_processed: false },
  };
}

/** `fields=-state,-used_objects` leaves those out; `fields=+rev` all others. What is left out has its zero value. */
function selected(step: Record<string, unknown>, query: URLSearchParams): Record<string, unknown> {
  const fields = (query.get('fields') ?? '').split(',').filter((field) => field !== '');
  const named = new Set(fields.map((field) => field.slice(1).replace(/^statesha$/, 'state-sha')));
  if (fields.length === 0) return step;
  const isMinus = fields.every((field) => field.startsWith('-'));
  const always = new Set(['id', 'owner', 'meta', 'garbage', 'mark_public_processed', 'committer']);
  const isKept = (key: string) => (isMinus ? !named.has(key) : named.has(key) || always.has(key));
  return Object.fromEntries(
    Object.entries(step).map(([key, value]) => [key, isKept(key) ? value : zeroOf(key, value)]),
  );
}

function zeroOf(key: string, value: unknown): unknown {
  if (key === 'used_objects') return null;
  if (key === 'trail-id') return '0'.repeat(24);
  if (key.endsWith('-time') || key.startsWith('time-')) return zeroTime;
  if (typeof value === 'string') return '';
  return typeof value === 'number' ? 0 : {};
}

function listed(
  device: Device,
  trail: Trail,
  { query, caller }: KnownRequest,
): readonly Record<string, unknown>[] {
  const status = query.get('progress.status');
  const filter =
    status === null ? undefined : (JSON.parse(status) as { $ne?: string; $in?: string[] } | string);
  const isWanted = ({ progress }: Step) => {
    if (filter === undefined)
      return caller.type === 'DEVICE'
        ? ['NEW', 'QUEUED', 'DOWNLOADING', 'INPROGRESS', 'TESTING'].includes(progress.status)
        : progress.status !== 'DONE';
    if (typeof filter === 'string') return progress.status === filter;
    return filter.$in?.includes(progress.status) ?? progress.status !== filter.$ne;
  };
  const size = Number(query.get('page[size]') ?? Infinity);
  const offset = Number(query.get('page[offset]') ?? 0);
  const wanted = trail.steps.filter(isWanted).slice(offset, offset + size);
  return wanted.map((step) => selected(shown(device, step), query));
}

function summary(device: Device, trail: Trail): Record<string, unknown> {
  const newest = trail.steps.at(-1) ?? trail.steps[0];
  if (newest === undefined) return {};
  const reported = trail.steps.findLast(({ progress }) => progress.status !== 'NEW') ?? newest;
  return {
    ...{ deviceid: device.id, device: device.prn, 'device-nick': device.nick, revision: newest.rev },
    ...{ 'progress-revision': reported.rev, progress: newest.progress.progress },
    ...{ status: newest.progress.status, 'status-msg': newest.progress['status-msg'] },
    ...{ 'state-sha': stateSha(newest.state), public: device.isPublic, 'real-ip': '' },
    ...{ timestamp: newest.progressTime, 'trail-touched-time': newest.progressTime },
    ...{ 'step-time': newest.stepTime, 'progress-time': newest.progressTime },
    ...{ 'fleet-group': '', 'fleet-model': '', 'fleet-location': '', 'fleet-rev': '' },
  };
}

function summaries(world: World, owner: string): readonly unknown[] {
  return [...world.devices.values()].flatMap((device) => {
    const trail = world.trails.get(device.id);
    return device.owner === owner && trail !== undefined && !device.isGarbage ? [summary(device, trail)] : [];
  });
}

function trailOf(device: Device, { factoryState, steps }: Trail): Record<string, unknown> {
  return {
    ...{ id: device.id, owner: device.owner, device: device.prn },
    ...{ 'factory-state': factoryState, used_objects: objectsOf(factoryState) },
    ...{ 'last-insync': zeroTime, 'last-touched': steps.length > 1 ? steps.at(-1)?.stepTime : zeroTime },
  };
}

function ownTrails(world: World, { caller }: KnownRequest): readonly unknown[] {
  return [...world.devices.values()].flatMap((device) => {
    const trail = world.trails.get(device.id);
    const isMine = device.prn === caller.prn || device.owner === caller.prn;
    return isMine && trail !== undefined ? [trailOf(device, trail)] : [];
  });
}

/** POST /trails/ with the factory state, by the device. */
function firstBoot(world: World, { caller, body }: KnownRequest): HubAnswer {
  const device = [...world.devices.values()].find(({ prn }) => prn === caller.prn);
  if (device === undefined) return refusal(403);
  if (world.trails.has(device.id)) return refusal(500);
  return ok(trailOf(device, addTrail(world, device, fieldsOf(body))));
}

/** `rev: -1` is looked up first, and may be taken by now. */
function post(world: World, device: Device, trail: Trail, { body, nextRevision }: KnownRequest): HubAnswer {
  const { rev = 0, state, meta = {}, ...rest } = fieldsOf(body);
  const next = (trail.steps.at(-1)?.rev ?? -1) + 1;
  const isNext = (rev === -1 ? nextRevision : rev) === next;
  if (!isNext || typeof state !== 'object' || state === null) return refusal(500);
  const members = state as Record<string, unknown>;
  const isEmpty = Object.keys(members).length === 0;
  if (!isEmpty && !specs.has(String(members['#spec']))) return refusal(500);
  const isThere = (id: string) => findObject(world, device.owner, id)?.object.content !== undefined;
  if (!objectsOf(members).every(isThere)) return refusal(500);
  const message = rest['commit-msg'];
  const time = now();
  const step: Step = {
    ...{ rev: next, message: typeof message === 'string' ? message : '', state: members },
    ...{ meta: meta as Record<string, unknown>, progress: progressOf('NEW'), progressTime: epoch },
    ...{ stepTime: time, created: time, modified: time },
  };
  trail.steps.push(step);
  return ok(shown(device, step));
}

function change(device: Device, step: Step, member: string | undefined, request: KnownRequest): HubAnswer {
  const isDevice = request.caller.type === 'DEVICE';
  const { status } = step.progress;
  const becomes = (progress: Step['progress']) => {
    step.progress = progress;
    step.progressTime = step.modified = now();
    return ok(progress);
  };
  switch (member) {
    case 'progress': {
      if (!isDevice) return refusal(403);
      const said = fieldsOf(request.body);
      const downloads = said['downloads'] as { total?: Record<string, unknown> } | undefined;
      return becomes(
        progressOf(
          text(said['status']),
          text(said['status-msg']),
          Number(said['progress'] ?? 0),
          downloads?.total,
        ),
      );
    }
    case 'cancel':
      if (isDevice) return refusal(403);
      if (status !== 'NEW') return refusal(400);
      return becomes(progressOf('CANCEL', 'Cancel as requested by owner', 100));
    case 'wontgo':
      if (status !== 'INPROGRESS') return refusal(400);
      return becomes(progressOf('WONTGO', 'Mark as WONTGO as requested by owner', 100));
    case 'state':
      if (isDevice || status !== 'NEW') return refusal(500);
      step.state = fieldsOf(request.body);
      return ok(shown(device, step));
    case undefined:
    default:
      return methodNotAllowed();
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
