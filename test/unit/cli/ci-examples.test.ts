import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Pvx } from '../../device-view/pvx';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';

const v1 = makeImage([makeLayer([{ path: 'usr/bin/app', kind: 'file', content: randomBytes(50_000) }])]);
const v2 = derive(v1, [{ path: 'etc/conf', kind: 'file', content: 'two' }]);

/** The scripts of an example, in the order in which they run: block scalars below these keys. */
async function scriptsOf(file: string, keys: RegExp): Promise<readonly string[]> {
  const lines = (await readFile(path.join('examples', 'ci', file), 'utf8')).split('\n');
  return lines.flatMap((line, at) => {
    if (!keys.test(line)) return [];
    const indent = /^ */.exec(lines[at + 1] ?? '')?.[0] ?? '';
    const end = lines.findIndex((one, index) => index > at && one !== '' && !one.startsWith(indent));
    return [
      lines
        .slice(at + 1, end < 0 ? undefined : end)
        .map((one) => one.slice(indent.length))
        .join('\n'),
    ];
  });
}

interface Comment {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('the examples for CI', () => {
  let folder: string;
  let checkout: string;
  let server: Server;
  let environment: NodeJS.ProcessEnv;
  const comments: Comment[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ci-examples-'));
    checkout = path.join(folder, 'checkout');
    await mkdir(checkout);
    const [home, layout, bin] = ['home', 'layout', 'bin'].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeOciLayout(layout, { v1, v2 });
    await mkdir(bin);
    await writeFile(
      path.join(bin, 'pvx'),
      `#!/bin/sh\nexec ${process.execPath} ${path.resolve('dist', 'cli.js')} "$@"\n`,
    );
    await chmod(path.join(bin, 'pvx'), 0o755);
    const pvx = new Pvx(home);
    await pvx.run(checkout, 'init');
    await pvx.run(
      checkout,
      'app',
      'add',
      'web',
      '--from',
      'localhost/app:v1',
      '--source',
      `archive:${layout}`,
    );
    server = createServer((request, response) => {
      void text(request).then((body) => {
        comments.push({ url: request.url, headers: request.headers, body });
        response.writeHead(201).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    environment = {
      ...{ HOME: home, PATH: `${bin}:${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
      ...{ PVX_CACHE_DIR: path.join(home, 'cache'), PVR_SOURCE: `archive:${layout}` },
      ...{ APP: 'web', IMAGE: 'localhost/app:v2', PVR_REGISTRY_USERNAME: '', PVR_REGISTRY_PASSWORD: '' },
      ...{
        GITHUB_API_URL: api,
        GITHUB_REPOSITORY: 'team/device',
        PULL_REQUEST: '7',
        GITHUB_TOKEN: 'of-github',
      },
      GITHUB_STEP_SUMMARY: path.join(folder, 'summary.md'),
      ...{ CI_API_V4_URL: api, CI_PROJECT_ID: '3', CI_MERGE_REQUEST_IID: '9', COMMENT_TOKEN: 'of-gitlab' },
    };
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const run = (script: string) =>
    promisify(execFile)('bash', ['-eo', 'pipefail', '-c', script], { cwd: checkout, env: environment });

  it('for GitHub comment a patch that is light enough, and gate one that is not', async () => {
    const [build = '', comment = ''] = await scriptsOf('github.yml', /^ +run: \|$/);
    await run(build);
    await run(comment);
    const [said] = comments.splice(0);
    assert.equal(said?.url, '/repos/team/device/issues/7/comments');
    assert.equal(said.headers.authorization, 'Bearer of-github');
    const { body } = JSON.parse(said.body) as { readonly body: string };
    assert.match(body, /^✅ \*\*Within the size budget\*\*[^]*\| web \|/);
    assert.equal(await readFile(path.join(folder, 'summary.md'), 'utf8'), body);

    await writeFile(path.join(checkout, '.pvx.json'), '{"budget":{"maxDownload":"1 kB"}}');
    await assert.rejects(run(build), { code: 4, stderr: /over budget: a device downloads/ });
    await run(comment);
    assert.match(comments.splice(0)[0]?.body ?? '', /❌ \*\*Over the size budget\*\*/);
    await rm(path.join(checkout, '.pvx.json'));
  });

  it('for GitLab do, too', async () => {
    const [build = '', comment = ''] = await scriptsOf('gitlab-ci.yml', /^ +- \|$/);
    await run(`unset PVR_REGISTRY_USERNAME PVR_REGISTRY_PASSWORD\n${build}`);
    await run(comment);
    const [said] = comments.splice(0);
    assert.equal(said?.url, '/projects/3/merge_requests/9/notes');
    assert.equal(said.headers['private-token'], 'of-gitlab');
    assert.match(new URLSearchParams(said.body).get('body') ?? '', /Within the size budget[^]*\| web \|/);
    assert.match(await readFile(path.join(checkout, 'weight.xml'), 'utf8'), /failures="0"/);
    // Nobody comments what was never weighed.
    await rm(path.join(checkout, 'weight.md'));
    await run(comment);
    assert.deepEqual(comments, []);
  });
});
