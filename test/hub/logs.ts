import { fieldsOf, type HubAnswer, type KnownRequest, parsed, plain, refusal } from './answer';
import { type LogEntry, newId, type World } from './world';

/** A page of logs that somebody hasn't read to its end. */
export interface Cursor {
  readonly owner: string;
  readonly page: number;
  readonly entries: readonly LogEntry[];
}

export function answerLogs(world: World, cursors: Map<string, Cursor>, request: KnownRequest): HubAnswer {
  const { method, path, caller, body, query } = request;
  if (path === '/logs/cursor') {
    const cursor = cursors.get(String(fieldsOf(body)['next-cursor']));
    if (cursor?.owner !== caller.prn) return refusal(403);
    return page(cursors, { ...cursor, start: 0, hasCursor: true });
  }
  if (method === 'POST') {
    if (caller.type !== 'DEVICE') return refusal(403);
    const entries = parsed(body);
    for (const fields of Array.isArray(entries) ? (entries as Record<string, unknown>[]) : [])
      addLog(world, caller, fields);
    return plain({ status: 'ok' });
  }
  if (caller.type === 'DEVICE') return refusal(403);
  const size = Number(query.get('page') ?? 50);
  const start = Number(query.get('start') ?? 0);
  const found = select(world, caller.prn, query);
  const sorted = query.get('sort')?.startsWith('-') === true ? found.reverse() : found;
  return page(cursors, {
    ...{ owner: caller.prn, page: size, entries: sorted.slice(start), start },
    hasCursor: query.get('cursor') === 'true',
  });
}

export function addLog(
  world: World,
  device: { readonly prn: string; readonly owner: string | undefined },
  fields: Record<string, unknown>,
): void {
  const time = `${new Date().toISOString().slice(0, -1)}${String(world.logs.length % 1_000_000).padStart(6, '0')}Z`;
  world.logs.push({ id: newId(), device: device.prn, owner: device.owner ?? '', created: time, fields });
}

function select(world: World, owner: string, query: URLSearchParams): LogEntry[] {
  const named = (query.get('dev') ?? '').split(',').filter((name) => name !== '');
  const prns = named.map((name) => {
    const device = world.devices.get(name) ?? [...world.devices.values()].find((one) => one.nick === name);
    return device?.prn ?? name;
  });
  const isKnown = prns.some((prn) => [...world.devices.values()].some((device) => device.prn === prn));
  const [after, before] = [query.get('after'), query.get('before')];
  return world.logs.filter(({ device, owner: whose, created, fields }) => {
    if (whose !== owner) return false;
    // A name that nobody knows doesn't narrow anything.
    if (isKnown && !prns.includes(device)) return false;
    if (after !== null && Date.parse(created) < Date.parse(after)) return false;
    if (before !== null && Date.parse(created) > Date.parse(before)) return false;
    return ['rev', 'plat', 'src', 'lvl'].every((field) => {
      const wanted = query.get(field)?.split(',');
      return wanted === undefined || wanted.includes(String(fields[field]));
    });
  });
}

function page(
  cursors: Map<string, Cursor>,
  {
    owner,
    page: size,
    entries,
    start,
    hasCursor,
  }: Cursor & { readonly start: number; readonly hasCursor: boolean },
): HubAnswer {
  const now = entries.slice(0, size);
  const next = `cursor-${newId()}`;
  if (hasCursor) cursors.set(next, { owner, page: size, entries: entries.slice(size) });
  return plain({
    ...{ start, page: now.length, count: now.length },
    ...(hasCursor && { 'next-cursor': next }),
    ...(now.length > 0 && { entries: now.map(shown) }),
  });
}

/** Zeros are left out. */
function shown({ id, device, owner, created, fields }: LogEntry): Record<string, unknown> {
  const { tsec, tnano, rev, plat, src, lvl, msg } = fields;
  return {
    ...{ id, dev: device, own: owner, 'time-created': created },
    ...(tsec !== undefined && tsec !== 0 && { tsec }),
    ...(tnano !== undefined && tnano !== 0 && { tnano }),
    ...{ rev, plat, src, lvl, msg },
  };
}
