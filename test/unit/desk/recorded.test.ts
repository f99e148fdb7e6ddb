import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as sendRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Device, type State } from '../../desk/device';
import { type SdkServer, startSdk } from '../../desk/sdk-server';

/**
 * What a real Pantavisor answered, scenario by scenario, in the order in which they were recorded; and what pvr asked of a stand-in for
 * pvr-sdk. Long lists are cut to three, and states have names of their own.
 */
interface Recorded {
  readonly states: Readonly<Record<string, State>>;
  readonly scenarios: readonly { readonly scenario: string; readonly exchanges: readonly Exchange[] }[];
}

interface Exchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
    readonly type?: string;
    /** How many bytes were sent that nobody recorded. */
    readonly bytes?: number;
  };
  readonly response: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly text?: string;
    /** No answer came. */
    readonly error?: string;
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const recorded = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../fixtures/device/recorded.json'), 'utf8'),
) as Recorded;

const web = { '#spec': 'service-manifest-run@1', name: 'web', group: 'root' };
const shop = { '#spec': 'service-manifest-run@1', name: 'shop', group: 'app' };
const first: State = { '#spec': 'pantavisor-service-system@1', 'web/run.json': web, 'shop/run.json': shop };
/** More looks than any update has phases. */
const patience = 12;

describe("the tests' own device answers as the real one did", { skip: process.platform === 'win32' }, () => {
  let folder: string;
  let device: Device;
  let sdk: SdkServer;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'recorded-'));
    device = await Device.start({ folder: path.join(folder, 'a'), state: first });
    addObjects();
    sdk = await startSdk(device);
  });

  after(async () => {
    await sdk[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  for (const { scenario, exchanges } of recorded.scenarios) {
    it(scenario, async () => {
      await prepare(scenario);
      for (const [at, exchange] of exchanges.entries()) await replay(exchange, `${scenario} ${at}`);
    });
  }

  /** Whose bytes nobody recorded. */
  function addObjects(): void {
    for (const state of Object.values(recorded.states))
      for (const id of Object.values(state)) if (isId(id)) device.objects.set(id, 1);
  }

  /** What happened elsewhere between two recordings. */
  async function prepare(scenario: string): Promise<void> {
    const whole = recorded.states['<state 0>'] ?? {};
    const goesOn = ['02-new-base-commit', '06b-missing-objects-progress', '11b-crashing-app-progress'];
    if (!goesOn.includes(scenario)) while (await device.next());
    if (scenario === '20-pvr-post') device.objects.delete(ofPost);
    if (scenario === '03-wrong-volume-name') device.fails = (name) => failures[name];
    // Another one, which ran other revisions; and pvr's, which runs what it clones.
    if (!['11-crashing-app', '20-pvr-clone'].includes(scenario)) return;
    await sdk[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
    device = await Device.start({ folder: path.join(folder, scenario), state: whole });
    device.fails = (name) => failures[name];
    device.addStep('locals/n3', whole, settled);
    if (scenario === '11-crashing-app') [device.running, device.good] = ['locals/n3', 'locals/n3'];
    sdk = await startSdk(device);
    addObjects();
  }

  async function replay({ request, response }: Exchange, where: string): Promise<void> {
    // Whose bytes nobody recorded.
    const [, id] = /^\/objects\/([0-9a-f]{64})$/.exec(request.path) ?? [];
    if (request.method === 'PUT' && id !== undefined && request.bytes !== undefined) {
      device.objects.set(id, request.bytes);
      return;
    }
    // Time goes on until the device is as it was then.
    for (let look = 0; ; look += 1) {
      const failure = await attempt(request, response, where);
      if (failure === undefined) return;
      if (look === patience || request.method !== 'GET' || !(await device.next())) throw failure;
    }
  }

  async function attempt(
    request: Exchange['request'],
    response: Exchange['response'],
    where: string,
  ): Promise<Error | undefined> {
    try {
      const answer = await send(request).catch((error: unknown) => {
        if (response.error !== undefined) return undefined;
        throw error;
      });
      // One that hung, or was broken, was followed by others that came through.
      if (response.error !== undefined) {
        if (response.error === 'TimeoutError') return undefined;
        assert.equal(answer, undefined, where);
        return undefined;
      }
      assert.ok(answer !== undefined);
      compare(answer, response, where);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  function compare(answer: Answer, response: Exchange['response'], where: string): void {
    assert.equal(answer.status, response.status, `${where}: ${answer.text.slice(0, 200)}`);
    for (const [name, value] of Object.entries(response.headers ?? {}))
      assert.equal(answer.headers[name], value, `${where}: ${name}`);
    if (response.body === undefined) {
      if (response.text === '') assert.equal(answer.text, '', where);
      return;
    }
    const actual = JSON.parse(answer.text) as unknown;
    assert.deepEqual(shapeOf(actual), shapeOf(resolved(response.body)), where);
    // What a device says in words, and how far it is.
    const words = (value: unknown) => {
      const {
        Error: error,
        status,
        'status-msg': message,
        progress,
      } = (value ?? {}) as Record<string, unknown>;
      return { error, status, message, progress };
    };
    if (!Array.isArray(actual) && !request20(where))
      assert.deepEqual(words(actual), words(response.body), where);
  }

  function send({ method, path: place, body, type }: Exchange['request']): Promise<Answer> {
    const isHttp = place.startsWith('/cgi-bin/');
    const content = body === undefined || body === '' ? undefined : textOf(body);
    const target = isHttp ? { host: '127.0.0.1', port: sdk.port } : { socketPath: device.socket };
    return new Promise((resolve, reject) => {
      const headers = {
        host: isHttp ? `127.0.0.1:${sdk.port}` : 'localhost',
        ...(content !== undefined && { 'content-length': Buffer.byteLength(content) }),
        ...(type !== undefined && { 'content-type': type }),
      };
      const sent = sendRequest({ ...target, method, path: place, headers, agent: false }, (message) => {
        const chunks: Buffer[] = [];
        message
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('error', reject)
          .on('end', () =>
            resolve({
              ...{ status: message.statusCode ?? 0, headers: message.headers },
              text: Buffer.concat(chunks).toString(),
            }),
          );
      });
      sent.on('error', reject).end(content);
    });
  }
});

/** The one that pvr had to send. */
const ofPost = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const settled = {
  ...{ status: 'DONE', 'status-msg': 'Update finished, revision set as rollback point' },
  ...{ progress: 100, retries: 0 as const },
};

const failures: Readonly<Record<string, string>> = {
  'locals/v4': 'A container could not be started',
  'locals/n6': 'A container could not be started',
};

function request20(where: string): boolean {
  return where.startsWith('20-');
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function textOf(body: unknown): string {
  if (typeof body !== 'string') return JSON.stringify(resolved((body as { readonly json: unknown }).json));
  return recorded.states[body] === undefined ? body : JSON.stringify(recorded.states[body]);
}

/** With the states that its names stand for. */
function resolved(value: unknown): unknown {
  if (typeof value === 'string') return recorded.states[value] ?? value;
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolved(member)]));
}

/** Its members by name, with the kind of each; of a list, what all its members have. What is free to be anything is left out. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const shapes = value.map((one) => JSON.stringify(shapeOf(one)));
    return [...new Set(shapes)].sort().slice(0, 1);
  }
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  if ('#spec' in value) return 'a state';
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !free.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, shapeOf(member)]),
  );
}

/** Of one machine, or of one moment. */
const free = new Set([
  ...['sysinfo', 'interfaces', 'pantavisor.uname', 'pantavisor.cpumodel', 'key', 'value', 'modified'],
  ...['progress', 'logs', 'name', 'auto_recovery', 'user_stopped'],
]);
