import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type State = Readonly<Record<string, unknown>>;

export interface Step {
  readonly name: string;
  /** As it was put; undefined: the device has made one of this name for a command that named none. */
  text: string | undefined;
  date: string;
  message: string;
  progress: Progress;
}

export interface Progress {
  readonly status: string;
  readonly 'status-msg': string;
  readonly progress: number;
  readonly retries: 0;
  readonly logs?: string;
}

/** What goes wrong with requests, for as often as is said. */
export interface Fault {
  readonly matches: (method: string, path: string) => boolean;
  /**
   * `cut`: the connection ends before anything is done. `lost`: it is done, and the answer never comes. `hang`: nothing is done or
   * answered. `slow`: it takes a while. A number: a status in place of the answer. `gc`: the garbage collector runs after it.
   */
  readonly what: 'cut' | 'lost' | 'hang' | 'slow' | 'gc' | number;
  times?: number;
}

export interface DeviceOptions {
  /** A folder of this device alone. */
  readonly folder: string;
  readonly state: State;
  readonly objects?: Iterable<Buffer>;
  /** Milliseconds between two phases of an update; undefined: {@link Device.next} moves on. */
  readonly pace?: number;
}

/** A phase of an update; `down`: nothing answers. */
type Phase =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'down' }
  | { readonly kind: 'up' }
  | { readonly kind: 'do'; readonly work: () => void | Promise<void> };

interface Answer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const json = { 'content-type': 'application/json' };
const failed = (status: number, Error: string, headers = {}): Answer => ({
  status,
  headers: { ...json, ...headers },
  body: JSON.stringify({ Error }),
});
const done: Answer = { status: 200, headers: json, body: '' };
const plain = (value: unknown): Answer => ({ status: 200, headers: json, body: JSON.stringify(value) });
const progressOf = (status: string, message: string, percent: number): Progress => ({
  status,
  ...{ 'status-msg': message, progress: percent, retries: 0 },
});

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A Pantavisor for tests: what its control socket answers, seen in recordings, and what it does with revisions. */
export class Device implements AsyncDisposable {
  readonly socket: string;
  /** `PUT /objects/…`, in their order. */
  readonly requests: string[] = [];
  readonly faults: Fault[] = [];
  readonly steps = new Map<string, Step>();
  /** By sha256; a number is the size of one whose bytes nobody has. */
  readonly objects = new Map<string, Buffer | number>();
  readonly userMeta = new Map<string, string>();
  readonly deviceMeta = new Map<string, unknown>();
  readonly stopped = new Set<string>();
  /** How a revision ends that would be good otherwise. */
  fails: (name: string) => string | undefined = () => undefined;
  storage = {
    total: 270_553_174_016,
    free: 241_847_676_928,
    reserved: 13_527_658_700,
    real_free: 228_320_018_228,
  };
  running = '0';
  /** What it goes back to. */
  good = '0';
  isUp = true;
  readonly #folder: string;
  readonly #pace: number | undefined;
  readonly #pending: Phase[] = [];
  #server: Server | undefined;
  #isQueued = false;
  #playing: Promise<void> | undefined;
  readonly #stop = new AbortController();

  private constructor({ folder, state, objects = [], pace }: DeviceOptions) {
    this.#folder = folder;
    this.#pace = pace;
    this.socket = path.join(folder, 'pv-ctrl');
    for (const object of objects) this.objects.set(sha256(object), object);
    this.addStep('0', state, progressOf('DONE', 'Factory revision', 100));
  }

  static async start(options: DeviceOptions): Promise<Device> {
    const device = new Device(options);
    await mkdir(options.folder, { recursive: true });
    await device.#listen();
    return device;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#playing;
    await this.#goDown();
  }

  addStep(name: string, state: State, progress = progressOf('NEW', 'Update ready to be run', 0)): void {
    const date = new Date().toISOString().replace(/\.\d+/, '');
    this.steps.set(name, { ...{ name, text: JSON.stringify(state), date, message: '' }, progress });
  }

  async log(file: string, text: string): Promise<void> {
    const place = path.join(this.#folder, 'logs', file);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text, { flag: 'a' });
  }

  /** The state of a step; undefined: there is none. */
  stateOf(name: string): Record<string, unknown> | undefined {
    const text = this.steps.get(name === 'current' ? this.running : name)?.text;
    return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
  }

  get isBusy(): boolean {
    return this.#isQueued || this.#pending.length > 0;
  }

  /** Comes to the next phase of what it is at. @returns whether there was one. */
  async next(): Promise<boolean> {
    const phase = this.#pending.shift();
    if (phase === undefined) return false;
    this.#isQueued = false;
    switch (phase.kind) {
      case 'progress': {
        const step = this.steps.get(this.#updating);
        if (step !== undefined) step.progress = phase.progress;
        break;
      }
      case 'down':
        await this.#goDown();
        break;
      case 'up':
        await this.#listen();
        break;
      case 'do':
        await phase.work();
        break;
    }
    return true;
  }

  /** Removes all revisions but the one that runs, the one that comes, and the last that was DONE (local-device, 1.5). */
  collectGarbage(): number {
    const kept = new Set([this.running, this.good, ...(this.isBusy ? [this.#updating] : [])]);
    for (const name of this.steps.keys()) if (!kept.has(name)) this.steps.delete(name);
    const used = new Set([...this.steps.values()].flatMap(({ text }) => objectsIn(text)));
    let reclaimed = 0;
    for (const [id, object] of this.objects)
      if (!used.has(id)) {
        this.objects.delete(id);
        reclaimed += typeof object === 'number' ? object : object.length;
      }
    return reclaimed;
  }

  #updating = '0';

  /** What running a revision does, phase by phase (local-device, 3.6). */
  run(name: string, { doesReboot = this.#doesReboot(name) } = {}): void {
    this.#updating = name;
    this.#isQueued = true;
    const step = this.steps.get(name);
    const before = this.running;
    const at = (status: string, message: string, percent: number): Phase => ({
      kind: 'progress',
      progress: progressOf(status, message, percent),
    });
    const become = (revision: string): Phase => ({ kind: 'do', work: () => void (this.running = revision) });
    if (step?.text === undefined) {
      const date = new Date().toISOString().replace(/\.\d+/, '');
      const add = () => {
        const progress = progressOf('WONTGO', 'State JSON not found', 100);
        this.steps.set(name, { ...{ name, text: undefined, date, message: '' }, progress });
      };
      this.#pending.push({ kind: 'do', work: add });
    } else {
      const missing = objectsIn(step.text).filter((id) => !this.objects.has(id));
      const why = missing.length > 0 ? 'Object validation went wrong' : this.fails(name);
      if (why !== undefined) this.#pending.push(...this.#failing(name, before, why, missing));
      else if (doesReboot)
        this.#pending.push(
          ...[{ kind: 'down' } as const, become(name)],
          ...[at('INPROGRESS', 'Trying new revision', 50), { kind: 'up' } as const],
          at('TESTING', 'Awaiting to set rollback point if update is stable', 75),
          at('TESTING', 'Waiting for all containers to become stable', 75),
          at('DONE', 'Update finished, revision set as rollback point', 100),
          { kind: 'do', work: () => void (this.good = name) },
        );
      else
        this.#pending.push(
          at('INPROGRESS', 'Transitioning to new revision without rebooting', 50),
          become(name),
          at('INPROGRESS', 'Trying new revision', 50),
          at('TESTING', 'Awaiting to see if update is stable', 75),
          at('TESTING', 'Waiting for all containers to become stable', 75),
          at('UPDATED', 'Update finished, revision not set as rollback point', 100),
        );
    }
    this.#play();
  }

  #failing(name: string, before: string, why: string, missing: readonly string[]): readonly Phase[] {
    const word = (platform: string, src: string, msg: string) =>
      `${JSON.stringify({ tsec: 1690, tnano: 0, platform, lvl: 'ERROR', src, msg })}\n`;
    const logs =
      missing.map((id) => word('pantavisor', 'state', `trails object with checksum ${id} failed`)).join('') +
      word('pantavisor', 'controller', '(_pv_wait:502) a platform did not work as expected. Tearing down...');
    const ended = progressOf('ERROR', why, 100);
    const up = { kind: 'up' } as const;
    return [
      { kind: 'down' },
      { kind: 'progress', progress: progressOf('INPROGRESS', 'Trying new revision', 50) },
      up,
      { kind: 'do', work: () => this.log(`${name}/web/lxc/console.log`, 'web: can not start\n') },
      { kind: 'progress', progress: ended },
      { kind: 'down' },
      { kind: 'do', work: () => void (this.running = before) },
      { kind: 'progress', progress: { ...ended, logs } },
      up,
    ];
  }

  reboot(): void {
    const step = this.steps.get(this.running);
    this.#updating = this.running;
    this.#isQueued = true;
    const at = (status: string, message: string, percent: number): Phase => ({
      kind: 'progress',
      progress: progressOf(status, message, percent),
    });
    // Its state is gone: it starts for ever.
    if (step?.text === undefined) this.#pending.push({ kind: 'down' });
    else
      this.#pending.push(
        ...[{ kind: 'down' } as const, at('INPROGRESS', 'Trying new revision', 50), { kind: 'up' } as const],
        at('TESTING', 'Awaiting to set rollback point if update is stable', 75),
        at('TESTING', 'Waiting for all containers to become stable', 75),
        at('DONE', 'Update finished, revision set as rollback point', 100),
        { kind: 'do', work: () => void (this.good = this.running) },
      );
    this.#play();
  }

  /** Whatever a change touches that isn't restarted alone. */
  #doesReboot(name: string): boolean {
    const [old = {}, next = {}] = [this.stateOf('current'), this.stateOf(name)];
    const changed = [...new Set([...Object.keys(old), ...Object.keys(next)])].filter(
      (key) => JSON.stringify(old[key]) !== JSON.stringify(next[key]),
    );
    const isOfGroupApp = (key: string) => {
      const run = (next[`${key.split('/', 1)[0] ?? ''}/run.json`] ?? {}) as { readonly group?: string };
      return run.group === 'app';
    };
    return changed.some((key) => !isOfGroupApp(key));
  }

  #play(): void {
    const pace = this.#pace;
    if (pace === undefined || this.#playing !== undefined) return;
    const playing = async () => {
      do await sleep(pace, undefined, { signal: this.#stop.signal });
      while (await this.next());
    };
    this.#playing = playing()
      .catch(() => undefined)
      .then(() => void (this.#playing = undefined));
  }

  async #listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((message, response) => void this.#serve(message, response));
    this.#server = server;
    await rm(this.socket, { force: true });
    await new Promise<void>((resolve) => server.listen(this.socket, resolve));
    this.isUp = true;
  }

  async #goDown(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.isUp = false;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    message.on('error', () => undefined);
    response.on('error', () => undefined);
    const { method = '', url = '' } = message;
    const place = decodeURIComponent(url.replace(/\?.*/, ''));
    this.requests.push(`${method} ${place}`);
    const { host = '' } = message.headers;
    if (host !== '' && host !== 'localhost') return void message.destroy();
    const fault = this.faults.find(({ matches, times = 1 }) => times > 0 && matches(method, place));
    if (fault !== undefined) fault.times = (fault.times ?? 1) - 1;
    if (fault?.what === 'cut') return void message.destroy();
    if (fault?.what === 'hang') return;
    // A step's file is emptied before its body arrives.
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of message) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    if (fault?.what === 'slow') await sleep(300);
    const answer: Answer =
      typeof fault?.what === 'number'
        ? failed(fault.what, 'as was wished')
        : this.#answer(method, place, Buffer.concat(chunks));
    if (fault?.what === 'gc') this.collectGarbage();
    if (fault?.what === 'lost') return void message.destroy();
    const { status, body = '', headers = {} } = answer;
    const isChunked = headers['content-type'] === 'application/octet-stream';
    response.writeHead(status, {
      ...headers,
      ...(!isChunked && { 'content-length': String(Buffer.byteLength(body)) }),
    });
    response.end(method === 'HEAD' ? undefined : body);
  }

  #answer(method: string, place: string, body: Buffer): Answer {
    const unknown = failed(400, `unknown endpoint: ${place}`);
    const wrong = failed(400, 'Method not supported for this endpoint');
    const [, first = '', ...rest] = place.split('/');
    const name = rest.join('/');
    switch (first) {
      case 'containers':
        if (place === '/containers') return method === 'GET' ? plain(this.#containers()) : wrong;
        return rest.length === 1 && name !== '' && method === 'PUT' ? this.#act(name, body) : unknown;
      case 'groups':
        return plain(
          ['data', 'root', 'platform', 'app'].map((group) => ({
            ...{ name: group, status_goal: group === 'data' ? 'MOUNTED' : 'STARTED' },
            ...{ restart_policy: group === 'app' ? 'container' : 'system', status: 'READY' },
          })),
        );
      case 'steps':
        if (place === '/steps') return method === 'GET' ? this.#list() : wrong;
        return this.#step(method, rest, body, { unknown, wrong });
      case 'objects':
        if (place !== '/objects')
          return rest.length === 1 ? this.#object(method, name, body, wrong) : unknown;
        if (method !== 'GET') return wrong;
        return plain(
          [...this.objects].sort().map(([id, one]) => ({
            sha256: id,
            size: String(typeof one === 'number' ? one : one.length),
          })),
        );
      case 'commands':
        return method === 'POST' ? this.#command(body) : wrong;
      case 'device-meta':
      case 'user-meta':
        return this.#meta(first, method, name, body, wrong);
      case 'storage':
        if (name !== 'gc') return unknown;
        return { ...plain(0), body: `{"reclaimed": ${this.collectGarbage()}}` };
      case 'signal':
        return failed(500, 'Signal not expected from this platform');
      case 'buildinfo':
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: '' };
      case 'config2':
        return plain([{ key: 'PH_CREDS_HOST', value: 'api.pantahub.com', modified: 'ph conf file' }]);
      case 'daemons':
        return plain([{ name: 'hwrngd', pid: 0, respawn: true }]);
      case 'drivers':
        return plain({});
      case 'xconnect-graph':
        return failed(404, 'xconnect not enabled at build time');
      default:
        return unknown;
    }
  }

  #containers(): readonly { readonly name: string; readonly restart_policy: string }[] {
    const state = this.stateOf('current') ?? this.#last;
    this.#last = state;
    return Object.entries(state).flatMap(([key, value]) => {
      const [, name] = /^([^/]+)\/run\.json$/.exec(key) ?? [];
      if (name === undefined) return [];
      const { group = 'root' } = value as { readonly group?: string };
      const isApp = group === 'app';
      const recovery = { policy: 'on-failure', max_retries: 5, current_retries: 0, stable_timeout: 30 };
      return [
        {
          ...{ name, group, status: this.stopped.has(name) ? 'STOPPING' : 'STARTED', status_goal: 'STARTED' },
          ...{ restart_policy: isApp ? 'container' : 'system', roles: ['mgmt'] },
          ...(isApp && {
            auto_recovery: { ...recovery, is_stable: 'true', backoff_policy: 'reboot' },
            user_stopped: String(this.stopped.has(name)),
          }),
        },
      ];
    });
  }

  /** What runs goes on when its files are gone. */
  #last: Record<string, unknown> = {};

  #act(name: string, body: Buffer): Answer {
    const { action } = (parsed(body.toString()) ?? {}) as { readonly action?: string };
    const found = this.#containers().find((one) => one.name === name);
    if (found === undefined) return failed(404, 'Container not found');
    if (found.restart_policy === 'system')
      return failed(403, "Container has restart_policy 'system' and cannot be controlled via API");
    if (action === 'stop') this.stopped.add(name);
    else if (action === 'start' || action === 'restart') this.stopped.delete(name);
    else return failed(400, "Invalid action. Use 'start', 'stop', or 'restart'");
    return done;
  }

  #list(): Answer {
    const steps = [...this.steps.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return plain(
      steps.map(({ name, date, message, progress }) => ({
        ...{ name, date, commitmsg: message },
        // What has more than 512 bytes is left out (local-device, 1.6).
        progress: JSON.stringify(progress).length > 512 ? {} : progress,
      })),
    );
  }

  #step(
    method: string,
    words: readonly string[],
    body: Buffer,
    { unknown, wrong }: { readonly unknown: Answer; readonly wrong: Answer },
  ): Answer {
    const last = words.at(-1) ?? '';
    const isPart = last === 'progress' || last === 'commitmsg';
    const name = (isPart ? words.slice(0, -1) : words).join('/');
    const isLocal = name.startsWith('locals/');
    if (name.split('/').length > (isLocal ? 2 : 1)) return unknown;
    const step = this.steps.get(name === 'current' ? this.running : name);
    const gone = failed(404, 'Resource does not exist');
    if (method === 'GET') {
      if (last === 'commitmsg') return unknown;
      if (step === undefined || (!isPart && step.text === undefined)) return gone;
      if (isPart && step.text === undefined && step.progress.status !== 'WONTGO') return gone;
      return isPart ? plain(step.progress) : { status: 200, headers: json, body: step.text ?? '' };
    }
    if (method !== 'PUT' || !isLocal) return wrong;
    if (last === 'commitmsg') {
      if (step === undefined) return gone;
      step.message = body.toString();
      return done;
    }
    if (isPart) return wrong;
    if (name.length > 'locals/'.length + 64) return failed(400, 'Request has bas step name');
    return this.#putStep(name, body.toString());
  }

  /** Whatever is there is overwritten, and gone if the new one is refused (local-device, 1.3). */
  #putStep(name: string, text: string): Answer {
    const state = parsed(text);
    const isState = typeof state === 'object' && state !== null && '#spec' in state;
    const known = this.steps.get(name);
    if (isState) {
      this.addStep(name, state);
      const added = this.steps.get(name);
      if (added !== undefined) added.text = text;
      return done;
    }
    // What runs has its name still, and nothing behind it.
    if (known !== undefined) this.steps.delete(name);
    return failed(422, 'Parser: State JSON has bad format');
  }

  #object(method: string, id: string, body: Buffer, wrong: Answer): Answer {
    const known = this.objects.get(id);
    if (method === 'GET') {
      if (known === undefined) return failed(400, 'Request has bad object name');
      const content = typeof known === 'number' ? Buffer.alloc(known) : known;
      return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: content };
    }
    if (method === 'HEAD') return { ...failed(400, ''), body: '' };
    if (method !== 'PUT') return wrong;
    if (!/^[0-9a-f]{64}$/.test(id)) return failed(400, 'Request has bad object name');
    if (known !== undefined) return done;
    if (body.length > this.storage.real_free) return failed(507, 'Not enough disk space available');
    if (sha256(body) !== id) return failed(422, 'Object has bad checksum');
    this.objects.set(id, body);
    return done;
  }

  #command(body: Buffer): Answer {
    const bad = failed(400, 'Command has bad format');
    const { op, payload } = (parsed(body.toString()) ?? {}) as {
      readonly op?: string;
      readonly payload?: string;
    };
    if (typeof op !== 'string' || typeof payload !== 'string') return bad;
    const known =
      /^(?:LOCAL_RUN|LOCAL_RUN_COMMIT|REBOOT_DEVICE|RUN_GC|TRY_ONCE|LOCAL_APPLY|GO_REMOTE|UPDATE_METADATA)$/;
    if (!known.test(op)) return bad;
    if (op === 'GO_REMOTE')
      return failed(409, 'Cannot do this operation when remote mode is disabled by config');
    if (op === 'UPDATE_METADATA') return failed(409, 'Cannot do this operation while on local mode');
    if (this.#isQueued)
      return failed(503, 'A command is already in progress. Try again', { 'retry-after': '120' });
    if (this.isBusy) return failed(503, 'An update is in progress. Try again', { 'retry-after': '600' });
    if (op === 'LOCAL_RUN') this.run(payload);
    if (op === 'LOCAL_RUN_COMMIT') this.run(payload, { doesReboot: true });
    if (op === 'REBOOT_DEVICE') this.reboot();
    if (op === 'RUN_GC') this.collectGarbage();
    return done;
  }

  #meta(
    which: 'device-meta' | 'user-meta',
    method: string,
    key: string,
    body: Buffer,
    wrong: Answer,
  ): Answer {
    const map: Map<string, unknown> = which === 'user-meta' ? this.userMeta : this.deviceMeta;
    const word = which === 'user-meta' ? 'User' : 'Device';
    if (key === '') {
      if (method !== 'GET') return wrong;
      return plain({ ...Object.fromEntries(map), ...(which === 'device-meta' && this.#ownMeta()) });
    }
    if (method === 'PUT') {
      if (body.length === 0) return failed(400, `Cannot add or update ${word.toLowerCase()} meta`);
      map.set(key, body.toString());
      return done;
    }
    if (method !== 'DELETE') return wrong;
    return map.delete(key) ? done : failed(404, `${word} meta does not exist`);
  }

  #ownMeta(): object {
    return {
      ...{ time: { timeval: { tv_sec: 1, tv_usec: 2 }, timezone: { tz_minuteswest: 0, tz_dsttime: 0 } } },
      ...{ sysinfo: { uptime: 1513 }, storage: this.storage, 'pantavisor.version': '029' },
      ...{ 'pantavisor.status': 'READY', 'pantavisor.revision': this.running },
      ...{ 'pantavisor.mode': 'local', 'pantavisor.arch': 'x86_64/64/EL' },
      ...{ 'pantahub.online': '0', 'pantahub.claimed': '0', interfaces: { 'lo.ipv4': ['127.0.0.1'] } },
    };
  }
}

export function objectsIn(text: string | undefined): readonly string[] {
  const state = parsed(text ?? '');
  if (typeof state !== 'object' || state === null) return [];
  return Object.entries(state).flatMap(([key, value]) =>
    key !== '#spec' && typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? [value] : [],
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
