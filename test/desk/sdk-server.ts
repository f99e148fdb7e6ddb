import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Device, sha256 } from './device';

/** The HTTP of pvr-sdk before a device, as pvr expects it of one. */
export interface SdkServer extends AsyncDisposable {
  readonly port: number;
  /** `POST /cgi-bin/pvr/steps`, in their order. */
  readonly requests: string[];
  /** An object of this id is cut when it is fetched, once each. */
  readonly cut: Set<string>;
  /** Whether it tells how far a revision is. */
  hasProgress: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export async function startSdk(device: Device): Promise<SdkServer> {
  const requests: string[] = [];
  const cut = new Set<string>();
  const server = createServer(
    (message, response) => void serve(message, response).catch(() => message.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}/cgi-bin/pvr`;
  let posts = 0;
  const self = { port, requests, cut, hasProgress: true };

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = message;
    const { pathname, searchParams } = new URL(url, base);
    requests.push(`${method} ${pathname}`);
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const [, id = ''] = /\/get\/([0-9a-f]{64})$/.exec(pathname) ?? [];
    if (!device.isUp) return void message.destroy();
    const { status, body } = answer(method, pathname, searchParams, Buffer.concat(chunks));
    const content = Buffer.isBuffer(body) ? body : typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-length': String(Buffer.byteLength(content)) });
    if (cut.delete(id)) {
      response.write(content.slice(0, 1));
      setTimeout(() => response.destroy(), 20);
      return;
    }
    response.end(content);
  }

  function answer(method: string, place: string, query: URLSearchParams, body: Buffer): Answer {
    const ok = (value: unknown): Answer => ({ status: 200, body: value });
    switch (`${method} ${place.replace(/[0-9a-f]{64}$/, 'ID')}`) {
      case 'GET /cgi-bin/pvr/.pvrremote':
        return ok({
          ...{ 'pvr-spec': 'pvr-pantahub-1', 'json-get-url': `${base}/json`, 'json-key': 'state-json' },
          ...{ 'objects-endpoint': `${base}/objects`, 'post-url': `${base}/steps` },
          ...{ 'post-fields': ['commit-msg'], 'post-fields-opt': ['rev'] },
        });
      case 'GET /cgi-bin/pvr/json':
        return ok(device.steps.get(device.running)?.text ?? '');
      case 'PUT /cgi-bin/pvr/json':
        return ok(body.toString());
      case 'GET /cgi-bin/pvr/objects/ID':
        return known(place.slice(-64));
      case 'POST /cgi-bin/pvr/objects/': {
        const asked = JSON.parse(body.toString()) as {
          readonly sha256sum: string;
          readonly objectname: string;
        };
        const { status, body: known } = record(asked.sha256sum, asked);
        return { status: device.objects.has(asked.sha256sum) ? 409 : status, body: known };
      }
      case 'GET /cgi-bin/pvr/get/ID': {
        const object = device.objects.get(place.slice(-64));
        if (object === undefined) return { status: 404, body: 'not there' };
        return ok(typeof object === 'number' ? Buffer.alloc(object) : object);
      }
      case 'PUT /cgi-bin/pvr/put/ID':
        if (sha256(body) !== place.slice(-64)) return { status: 422, body: 'bad checksum' };
        device.objects.set(place.slice(-64), body);
        return ok('');
      case 'POST /cgi-bin/pvr/steps':
        return post(body.toString());
      case 'GET /cgi-bin/pvtx/status': {
        const rev = query.get('rev') ?? '';
        const step = device.steps.get(rev);
        if (!self.hasProgress) return { status: 404, body: 'not here' };
        if (step === undefined) return { status: 400, body: { error: 'no such revision' } };
        return ok({ progress: { ...step.progress, data: '0' }, rev: rev.replace(/^locals\//, '') });
      }
      case 'GET /cgi-bin/logs':
        return ok(`[pantavisor] 1105 INFO -- [log]: (fn:1) of ${query.get('source') ?? ''}\n`);
      default:
        return { status: 404, body: 'not here' };
    }
  }

  /** One that is to be fetched. */
  function known(id: string): Answer {
    const object = device.objects.get(id);
    const size = String(typeof object === 'number' ? object : (object?.length ?? 0));
    const body = {
      ...{ id, sha256sum: id, objectname: id, size, 'mime-type': 'application/octet-stream' },
      'signed-geturl': `${base}/get/${id}`,
    };
    return object === undefined ? { status: 404, body: 'not there' } : { status: 200, body };
  }

  function record(id: string, { objectname }: { readonly objectname: string }): Answer {
    const object = device.objects.get(id);
    const size = String(typeof object === 'number' ? object : (object?.length ?? 0));
    return {
      status: 200,
      body: {
        ...{ id, 'storage-id': '', owner: '', objectname, sha256sum: id, size },
        ...{ 'mime-type': 'application/octet-stream', 'signed-puturl': `${base}/put/${id}` },
        ...{ 'signed-geturl': `${base}/get/${id}`, now: '', 'expire-time': '' },
      },
    };
  }

  function post(text: string): Answer {
    const { 'state-json': state, 'commit-msg': message = '' } = JSON.parse(text) as {
      readonly 'state-json': Record<string, unknown>;
      readonly 'commit-msg'?: string;
    };
    const name = `locals/pvrsdk-${(posts += 1)}`;
    device.addStep(name, state);
    const step = device.steps.get(name);
    if (step !== undefined) step.message = message;
    // It runs what is posted.
    device.run(name);
    const stateSha = sha256(JSON.stringify(state));
    return { status: 200, body: { rev: -1, revlocal: name, 'state-sha': stateSha, 'trail-id': 'local' } };
  }

  return Object.assign(self, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
