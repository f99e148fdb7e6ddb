import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';

/** A registry that gives away what lies in an OCI image layout, to this machine alone. */
export interface LayoutRegistry {
  /** `localhost:43210`. */
  readonly host: string;
  stop(): void;
}

/**
 * Serves what a pull needs of the OCI distribution-spec. Tags are looked up in the layout whenever somebody asks, so that writing
 * it anew is a push; there they have this registry's name: `localhost:43210/web:1.0`.
 */
export async function serveLayout(layout: string): Promise<LayoutRegistry> {
  const server = createServer((request, response) => {
    void answer(layout, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `localhost:${port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(layout: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '', headers } = request;
  if (url === '/v2/') {
    response.end('{}');
    return;
  }
  const [, name = '', kind, reference = ''] =
    /^\/v2\/([\w./-]+)\/(manifests|blobs)\/([\w.:-]+)$/.exec(url) ?? [];
  const digest = isDigest(reference)
    ? reference
    : await digestOfTag(layout, `${headers.host ?? ''}/${name}:${reference}`);
  const file = path.join(layout, 'blobs', ...(digest ?? '').split(':'));
  const found = digest === undefined ? undefined : await stat(file).catch(() => undefined);
  if (digest === undefined || found === undefined) {
    response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"errors":[{"code":"NOT_FOUND"}]}');
    return;
  }
  response.writeHead(200, {
    'Content-Type': kind === 'manifests' ? await mediaTypeOf(file) : 'application/octet-stream',
    'Content-Length': found.size,
    'Docker-Content-Digest': digest,
  });
  if (method === 'GET') await pipeline(createReadStream(file), response);
  else response.end();
}

function isDigest(reference: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(reference);
}

const layoutIndex = z.object({
  manifests: z.array(z.object({ digest: z.string(), annotations: z.record(z.string(), z.string()) })),
});

async function digestOfTag(layout: string, reference: string): Promise<string | undefined> {
  const text = await readFile(path.join(layout, 'index.json'), 'utf8');
  const { manifests } = layoutIndex.parse(JSON.parse(text));
  const isNamed = ({ annotations }: (typeof manifests)[number]) =>
    annotations['org.opencontainers.image.ref.name'] === reference;
  return manifests.find(isNamed)?.digest;
}

async function mediaTypeOf(manifest: string): Promise<string> {
  const document: unknown = JSON.parse(await readFile(manifest, 'utf8'));
  return z.object({ mediaType: z.string() }).parse(document).mediaType;
}
