import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { createTransport } from '../../../src/core/net/transport';
import { Problem } from '../../../src/core/problem';
import { DeskRemote } from '../../../src/core/remote/desk/desk-remote';
import { findSdk } from '../../../src/core/remote/desk/sdk-remote';
import { parseLogs } from '../../../src/core/remote/desk/ssh-way';
import { StateMemory } from '../../../src/core/remote/desk/state-memory';
import type { WayIn } from '../../../src/core/remote/desk/way-in';
import { type Script, ScriptedServer } from '../scripted-server';
import type { Target } from '../target';
import { varyJson } from '../vary-json';

const server = new ScriptedServer();
const patience = { connect: 500, headers: 500, body: 500 };
const remedies = { noTls: '', noSuchName: '', refused: '', noHttp: '', badRedirect: '', tooLong: '' };
const transport = createTransport({
  environment: { env: {}, homeDirectory: '/nowhere', platform: process.platform },
  remedies: { ...remedies, wantsCertificate: () => '', notTrusted: () => '' },
  ...{ retry: { attempts: 1 }, timeouts: patience },
});

const progress = {
  status: 'ERROR',
  'status-msg': 'x',
  progress: 100,
  retries: 0,
  logs: '{"tsec":1,"lvl":"ERROR","msg":"x"}\n',
};
const answers = {
  '/device-meta': {
    'pantavisor.revision': '0',
    'pantavisor.status': 'READY',
    storage: { total: 9, real_free: 5 },
  },
  '/user-meta': { a: 'b' },
  '/steps': [{ name: '0', date: '2026-11-30T01:43:01Z', commitmsg: '', progress: {} }],
  '/steps/0/progress': progress,
  '/steps/0': { '#spec': 'pantavisor-service-system@1', 'web/conf': 'f'.repeat(64) },
  '/objects': [{ sha256: 'f'.repeat(64), size: '4' }],
  '/containers': [{ name: 'web', roles: ['mgmt'], auto_recovery: { max_retries: 5, is_stable: 'true' } }],
  '/cgi-bin/pvr/.pvrremote': {
    ...{ 'json-get-url': 'http://$HOST/steps/0', 'objects-endpoint': 'http://$HOST/objects' },
    ...{ 'post-url': 'http://$HOST/post', 'json-key': 'state-json' },
  },
  '/cgi-bin/pvtx/status': { progress },
};

/** What answers in the place of a device: over its control socket, and by HTTP. */
export const target: Target = {
  seeds: () => {
    const script = Object.entries(answers).map(([place, body]) => [place, { body: JSON.stringify(body) }]);
    return Promise.resolve({
      'a device': Buffer.from(JSON.stringify({ answers: Object.fromEntries(script) as object })),
    });
  },
  vary: (input, _, random) => Buffer.from(varyJson(input.toString('utf8'), random)),
  async read(input, folder, job) {
    const text = input.toString('utf8');
    parseLogs(text);
    const host = await server.play(scriptIn(text));
    const memory = new StateMemory(path.join(folder, 'states'), 'x');
    await using remote = new DeskRemote(wayTo(Number(host.split(':')[1])), {
      memory,
      timeouts: patience,
      rest: 1,
    });
    for (const work of [
      () => remote.facts(job),
      () => remote.revisions(job),
      () => remote.state('0', job),
      () => remote.quota(job),
      () => remote.containers.list(job),
      () => remote.logs({ limit: 10 }, job),
      async () => {
        const sdk = await findSdk(host, transport, () => memory, job);
        await sdk?.facts(job);
        await sdk?.revision('locals/x', job);
      },
    ])
      await work().catch((error: unknown) => {
        if (!(error instanceof Problem)) throw error;
      });
  },
  async close() {
    await transport.close();
    await server.close();
  },
};

function scriptIn(text: string): Script {
  try {
    const script = JSON.parse(text) as Partial<Script> | null;
    return typeof script?.answers === 'object' ? { answers: script.answers } : { answers: {} };
  } catch {
    return { answers: {} };
  }
}

function wayTo(port: number): WayIn {
  return {
    ...{ address: 'unix:///x', name: 'x', nick: 'x' },
    prepare: () => Promise.resolve(),
    async connect() {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    },
    logFiles: () => Promise.resolve(undefined),
    object: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
