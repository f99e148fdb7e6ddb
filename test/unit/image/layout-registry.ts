import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { sha256 } from '../../image-maker/layer';
import { serve, type TestServer } from './http-server';

/** Answers a request, or leaves it to the registry by returning false. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A registry whose repositories all hold what lies in an OCI image layout. */
export async function serveLayout(
  folder: string,
  tags: ReadonlyMap<string, string>,
  intercept: Intercept = () => false,
): Promise<TestServer> {
  return serve((request, response) => {
    if (intercept(request, response)) return;
    const [, kind, name = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
    const digest = kind === 'manifests' ? (tags.get(name) ?? name) : name;
    const file = path.join(folder, 'blobs', ...digest.split(':'));
    if (!digest.includes(':') || !existsSync(file)) {
      response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      return;
    }
    const content = readFileSync(file);
    response.setHeader('content-length', content.length);
    if (kind === 'manifests') response.setHeader('docker-content-digest', sha256(content));
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    if (range === undefined) response.end(request.method === 'HEAD' ? undefined : content);
    else {
      const rest = content.subarray(Number(range));
      const contentRange = `bytes ${range}-${content.length - 1}/${content.length}`;
      response.writeHead(206, { 'content-length': rest.length, 'content-range': contentRange }).end(rest);
    }
  });
}
