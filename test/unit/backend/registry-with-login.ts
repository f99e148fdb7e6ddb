import { readFileSync } from 'node:fs';
import path from 'node:path';
import { serve, type TestServer } from '../image/http-server';

const mediaType = 'application/vnd.oci.image.manifest.v1+json';

/** A registry that shows the image `app` from an OCI image layout to whoever logs in. */
export function serveWithLogin(
  layout: string,
  digest: string,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<TestServer> {
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return serve(({ url = '', headers, method }, response) => {
    if (headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    const named = /^\/v2\/app\/(?:manifests|blobs)\/(?:latest$|(sha256:[0-9a-f]{64})$)/.exec(url);
    if (named === null) {
      response.writeHead(url === '/v2/' ? 200 : 404).end();
      return;
    }
    const wanted = named[1] ?? digest;
    const bytes = readFileSync(path.join(layout, 'blobs', ...wanted.split(':')));
    const kind = url.includes('/manifests/') ? mediaType : 'application/octet-stream';
    response.writeHead(200, {
      'content-type': kind,
      'content-length': bytes.length,
      'docker-content-digest': wanted,
    });
    response.end(method === 'HEAD' ? undefined : bytes);
  });
}
