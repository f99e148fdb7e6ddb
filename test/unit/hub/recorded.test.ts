import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Hub, startHub } from '../../hub/hub';
import { addLog } from '../../hub/logs';
import { addAccount, addDevice, addTrail, now, objectKey, objectsOf, progressOf } from '../../hub/world';

/**
 * What a real Pantahub answered, scenario by scenario. Signed URLs, tokens and states have names of their own in the fixture:
 * `<PUT 8f6ad8cf 12>`, `<token 3>`, `<state 0>`. Long lists are cut to three.
 */
interface Recorded {
  readonly states: Readonly<Record<string, Record<string, unknown>>>;
  readonly scenarios: readonly { readonly scenario: string; readonly exchanges: readonly Exchange[] }[];
}

interface Exchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: string;
    /** Whose token goes with it. */
    readonly as?: string;
    readonly userAgent?: string;
    readonly range?: string;
    readonly body?: unknown;
    /** How many bytes were sent that nobody recorded. */
    readonly bytes?: number;
  };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
}

const recorded = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../fixtures/pantahub/recorded.json'), 'utf8'),
) as Recorded;

/** Devices of the recordings that were made before they began. */
const kitchen = '6b0cda23686c8238cc34e514';
const recordedDevice = '6b0cda33686c8238cc34e523';
const renamed = '6b0cdab5686c8238cc34e53c';
const late = '6b0cdabc686c8238cc34e53d';

describe("the tests' own Pantahub answers as the real one did", () => {
  let hub: Hub;
  /** What the real one said, and what this one says in its place. */
  const substitutes = new Map<string, string>();

  before(async () => {
    hub = await startHub();
    const { world } = hub;
    const alice = addAccount(world, 'alice', { id: '6b0cda143159d7efc93f1da4' });
    addAccount(world, 'bob', { id: '6b0cda173159d7efc93f1da5' });
    const [first = {}] = Object.values(recorded.states);
    for (const [nick, id] of [
      ['kitchen', kitchen],
      ['rec_3634', recordedDevice],
      ['rec_33348', renamed],
      ['rec_404', late],
    ] as const) {
      const device = addDevice(world, alice.prn, { nick, id });
      if (id !== renamed && id !== recordedDevice) addTrail(world, device, first);
    }
    const ofFactory = objectsOfScenario('first-boot');
    for (const sha256 of objectsOf(first)) {
      const time = now();
      world.objects.set(objectKey(alice.prn, sha256), {
        ...{ sha256, owner: alice.prn, mimeType: '' },
        ...{ name: 'object', size: 13, ...ofFactory.get(sha256) },
        ...{ created: time, modified: time, content: 'none' },
      });
    }
  });

  after(() => hub[Symbol.asyncDispose]());

  for (const { scenario, exchanges } of recorded.scenarios) {
    it(scenario, async () => {
      prepare(scenario);
      // All of them at once; which of them wins is open.
      if (scenario === 'post-race') await race(exchanges);
      else for (const [at, exchange] of exchanges.entries()) await replay(exchange, `${scenario} ${at}`);
    });
  }

  /** What happened elsewhere between two recordings. */
  function prepare(scenario: string): void {
    const { world } = hub;
    const recordedTrail = world.trails.get(recordedDevice);
    if (scenario === 'object-link') {
      for (const device of world.devices.values()) device.isLinked = device.id === kitchen;
    }
    if (scenario === 'object-bad-uploads') {
      for (const device of world.devices.values()) device.isLinked = false;
    }
    if (scenario === 'public-device') {
      const state = Object.values(recorded.states)[0] ?? {};
      const time = now();
      recordedTrail?.steps.push({
        ...{ rev: 10, message: '', state, meta: {}, progress: progressOf('NEW'), progressTime: time },
        ...{ stepTime: time, created: time, modified: time },
      });
    }
    if (scenario === 'pvr-logs') {
      const device = world.devices.get(kitchen);
      if (device !== undefined)
        addLog(world, device, { tsec: 1, rev: '0', plat: 'pantavisor', src: 'x', lvl: 'INFO', msg: 'boot' });
    }
    if (scenario === 'device-rename')
      for (const device of world.devices.values()) if (device.id === renamed) device.nick = 'rec_33348';
  }

  async function race(exchanges: readonly Exchange[]): Promise<void> {
    const answers = await Promise.all(exchanges.map(({ request }) => send(request)));
    const statuses = (ones: readonly { readonly status: number }[]) =>
      ones.map(({ status }) => status).sort();
    assert.deepEqual(statuses(answers), statuses(exchanges.map(({ response }) => response)));
  }

  async function replay({ request, response }: Exchange, where: string): Promise<void> {
    // Whose bytes nobody recorded.
    const [, start = ' '] = request.bytes === undefined ? [] : (/^<PUT (\w+)/.exec(request.path) ?? []);
    for (const object of hub.world.objects.values())
      if (object.sha256.startsWith(start)) object.content ??= 'none';
    if (request.bytes !== undefined) return;
    const answer = await send(request);
    const text = await answer.text();
    assert.equal(answer.status, response.status, `${where}: ${text.slice(0, 200)}`);
    for (const [name, value] of Object.entries(response.headers ?? {})) {
      const actual = answer.headers.get(name) ?? '';
      assert.equal(
        actual.replaceAll(hub.url, 'http://127.0.0.1:12365'),
        name === 'content-type' && value === 'text/plain; charset=utf-8' && actual !== '' ? actual : value,
        `${where}: ${name}`,
      );
    }
    if (response.body === undefined) return;
    let actual: unknown = text;
    if (typeof response.body === 'object') actual = JSON.parse(text) as unknown;
    learn(response.body, actual);
    assert.deepEqual(shapeOf(actual), shapeOf(resolved(response.body)), where);
  }

  async function send({ method, path: wanted, query = '', as, body, ...rest }: Exchange['request']) {
    const place = substituted(wanted);
    const address = place.startsWith('http')
      ? place
      : `${hub.url}${place.replace(/^<.*>$/, '/local-s3/foreign')}`;
    const token = as === undefined ? undefined : tokenOf(as);
    const content =
      typeof body === 'string'
        ? substituted(body)
        : body === undefined
          ? undefined
          : substituted(JSON.stringify(resolved(body)));
    return fetch(`${address}${substituted(query)}`, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': rest.userAgent ?? 'test',
        ...(token !== undefined && { authorization: token }),
        ...(rest.range !== undefined && { range: rest.range }),
      },
      ...(content !== undefined && { body: content }),
    });
  }

  function tokenOf(who: string): string {
    const { world, tokens } = hub;
    if (who === 'basic') return 'Basic YTpi';
    if (who === 'expired' || who === 'malformed') return 'Bearer e30.e30.bad';
    if (who === 'anonymous') return `Bearer ${tokens.forAnonymous()}`;
    if (who.startsWith('device ')) {
      const device = world.devices.get(substituted(who.slice(7)));
      assert.ok(device !== undefined, who);
      return `Bearer ${tokens.forDevice(device, device.prn)}`;
    }
    const account = world.accounts.get(who);
    assert.ok(account !== undefined, who);
    return `Bearer ${tokens.forUser(account, who)}`;
  }

  /** Of two documents of the same shape, which string stands for which. */
  function learn(said: unknown, actual: unknown): void {
    if (typeof said === 'string' && typeof actual === 'string') {
      const isName =
        /^<(?:PUT|GET|token) /.test(said) ||
        /^[0-9a-f]{24}$/.test(said) ||
        /^[a-z]+-[a-z]+-[a-z]+$/.test(said);
      if (isName && said !== actual) substitutes.set(said, actual);
    } else if (typeof said === 'object' && said !== null && typeof actual === 'object' && actual !== null) {
      for (const [key, value] of Object.entries(said)) learn(value, (actual as Record<string, unknown>)[key]);
    }
  }

  function substituted(text: string): string {
    let result = text;
    for (const [said, actual] of substitutes) result = result.replaceAll(said, actual);
    const [, device = ''] = /devices:\/([0-9a-f]{24})/.exec(result) ?? [];
    return result.replace('fakefakefakefak', `secret-of-${device}`);
  }
});

/** Names and sizes of the objects that a scenario speaks of. */
function objectsOfScenario(
  name: string,
): ReadonlyMap<string, { readonly name: string; readonly size: number }> {
  const exchanges = recorded.scenarios.find(({ scenario }) => scenario === name)?.exchanges ?? [];
  return new Map(
    exchanges.flatMap(({ request: { body } }) => {
      const { sha256sum, size, objectname } = (body ?? {}) as Readonly<Record<string, string>>;
      return sha256sum === undefined ? [] : [[sha256sum, { name: objectname ?? '', size: Number(size) }]];
    }),
  );
}

/** With the states that its names stand for. */
function resolved(value: unknown): unknown {
  if (typeof value === 'string') return recorded.states[value] ?? value;
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  if ('$' in value) return resolved(value.$);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolved(member)]));
}

/**
 * Its members by name, with the kind of each, and what is the same at every hub; of a list, the kind of its members. What lies in
 * `state` and its like is the client's own.
 */
function shapeOf(value: unknown, isListed = false): unknown {
  if (Array.isArray(value))
    return [...new Set(value.map((one) => JSON.stringify(shapeOf(one, true))))].slice(0, 1);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  const shape = (key: string, member: unknown) => {
    if (free.has(key)) return 'free';
    return key === 'state-sha' && !isListed ? member : shapeOf(member, isListed);
  };
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, shape(key, member)]),
  );
}

const free = new Set(['state', 'factory-state', 'user-meta', 'device-meta', 'meta', 'used_objects']);
