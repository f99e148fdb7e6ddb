import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { BackendClient } from '../../../src/backend/client';
import type { ProgressEvent, RegistryCredentials, RegistryQuestion } from '../../../src/backend/protocol';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';
import { makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';
import { isProblem } from './is-problem';
import { serveWithLogin } from './registry-with-login';
import { type Checkout, Workshop } from './workshop';

describe('requests to the backend', { timeout: 120_000 }, () => {
  let workshop: Workshop;
  let client: BackendClient;
  let checkout: Checkout;

  beforeEach(async () => {
    workshop = await Workshop.open();
    client = workshop.client();
    checkout = await workshop.checkout('one');
  });
  afterEach(() => workshop.close());

  it('build, list, check and remove, and answer as the core does', async () => {
    const phases = new Set<ProgressEvent['phase']>();
    const report = await checkout.add(client, 'web', 'small', {
      onProgress: ({ phase }) => phases.add(phase),
    });
    assert.equal(report.outcome, 'installed');
    assert.deepEqual(
      report.built.map((file) => [file.path, file.isSame, file.previousSize]),
      [['web/root.squashfs', false, undefined]],
    );
    assert.ok(phases.has('resolve'));

    const inCheckout = { checkoutDirectory: checkout.folder };
    const entries = await client.request('listBaseEntries', { ...inCheckout, app: 'web' });
    assert.deepEqual(
      entries.map((entry) => entry.path).filter((name) => name.startsWith('bin')),
      // One character for each byte, UTF-8 or not.
      ['bin', 'bin/app', 'bin/\xe9\xff'],
    );
    const checks = await client.request('checkImages', { ...inCheckout, apps: ['nobody'] });
    assert.deepEqual(
      checks.map(({ app, state }) => [app, state]),
      [['nobody', 'failed']],
    );
    const request = { app: 'web', dependants: 'remove' } as const;
    const plan = await client.request('planRemoval', { ...inCheckout, request });
    assert.deepEqual(plan.losses.uncommittedApps, ['web']);
    const removal = await client.request('removeApp', { ...inCheckout, request, agreed: plan });
    assert.deepEqual(removal.changedFiles, ['web']);
  });

  it('preview a patch, build it, list it and find nothing missing', async () => {
    await checkout.add(client, 'web', 'small');
    const before = await checkout.files();
    const inCheckout = { checkoutDirectory: checkout.folder };
    const request = {
      app: 'web',
      kind: 'patch',
      reference: 'app:patched',
      sources: checkout.sources,
    } as const;
    const preview = await client.request('updateApp', {
      ...inCheckout,
      request: { ...request, isPreview: true },
    });
    assert.equal(preview.outcome, 'previewed');
    assert.deepEqual(
      preview.overlay?.map(({ path: name, change }) => [name, change]),
      [['bin/app', 'changed']],
    );
    assert.deepEqual(await checkout.files(), before);

    await client.request('updateApp', { ...inCheckout, request });
    assert.deepEqual(
      await client.request('listOverlayChanges', { ...inCheckout, app: 'web' }),
      preview.overlay,
    );
    assert.equal((await checkout.install(client, 'web')).outcome, 'unchanged');
  });

  it('look at an image without reading its layers', async () => {
    const request = { reference: 'app:small', sources: checkout.sources };
    const summary = await client.request('inspectImage', { checkoutDirectory: checkout.folder, request });
    const { size, ...rest } = summary;
    assert.ok(size > 0);
    assert.deepEqual(rest, {
      source: 'archive',
      platform: 'linux/arm64',
      created: Date.UTC(2024, 0, 2, 3, 4, 5) / 1000,
    });
  });

  it('list the platforms of an image, of which the wizard lets choose one', async () => {
    const layout = path.join(workshop.folder, 'platforms');
    const layers = [makeLayer([])];
    const forPlatform = (architecture: string) =>
      makeImage(layers, { platform: { os: 'linux', architecture } });
    await writeOciLayout(layout, {
      one: forPlatform('arm64'),
      both: [forPlatform('amd64'), forPlatform('arm64')],
    });
    // Of two sources that fail, one knows what there is.
    const sources = `local,archive:${layout}`;
    const list = (reference: string) => client.request('listPlatforms', { request: { reference, sources } });
    assert.deepEqual(await list('app:both'), ['linux/amd64', 'linux/arm64']);
    assert.deepEqual(await list('app:one'), ['linux/arm64']);
    await assert.rejects(list('app:none'), isProblem(/^looking for the image app:none$/, /./));
  });

  it('pass warnings on', async () => {
    const warnings: { message: string; about: string }[] = [];
    const request = { app: 'web', reference: 'app:small', sources: `local,${checkout.sources}` };
    await mkdir(path.join(checkout.folder, '.pvr', 'tmp', randomUUID()), { recursive: true });
    await workshop
      .client({ settings: { ...workshop.settings, dockerHost: `unix://${workshop.folder}/no.sock` } })
      .request(
        'addApp',
        { checkoutDirectory: checkout.folder, request },
        { onWarning: (message, about) => warnings.push({ message, about }) },
      );
    assert.deepEqual(
      warnings.map(({ about }) => about),
      ['checkout', 'job'],
    );
    assert.match(warnings[0]?.message ?? '', /^An earlier command was interrupted/);
    assert.match(
      warnings[1]?.message ?? '',
      /^Not from docker: .*no docker daemon answers at unix:.*no\.sock/,
    );
  });

  it('fail with the Problem that the core found', async () => {
    const request = { app: 'nobody', dependants: 'refuse' } as const;
    const params = { checkoutDirectory: checkout.folder, request };
    await assert.rejects(
      client.request('removeApp', params),
      isProblem(/^removing nobody$/, /^there is no such app$/),
    );
  });

  it('fail without details when it is a defect; those are in the log', async () => {
    const wrong: unknown = 5;
    const params = { checkoutDirectory: wrong as string, app: 'web' };
    await assert.rejects(client.request('installApp', params), (error: unknown) => {
      assert.ok(error instanceof Error && !(error instanceof Problem));
      assert.match(error.message, /^installing web: the backend failed unexpectedly/);
      return true;
    });
    const logged = workshop.log.find(({ level }) => level === 'error');
    assert.match(
      logged?.message ?? '',
      /^installing web \(\d+ ms\): failed unexpectedly: TypeError.*\n +at /s,
    );
  });

  describe('to a registry that wants a login', () => {
    const login = { username: 'somebody', password: 'very secret' };
    const inspect = async (credentials: () => Promise<RegistryCredentials | undefined>) => {
      const layout = `${workshop.folder}/app`;
      const digests = await writeOciLayout(layout, { latest: makeImage([makeLayer([])]) });
      const registry = await serveWithLogin(layout, digests.get('latest') ?? '', login);
      const questions: RegistryQuestion[] = [];
      const warnings: string[] = [];
      const reference = `${registry.host}/app`;
      const asking = workshop
        .client({
          credentials: (question) => {
            questions.push(question);
            return credentials();
          },
        })
        .request(
          'inspectImage',
          { checkoutDirectory: checkout.folder, request: { reference, sources: 'remote' } },
          { onWarning: (message) => warnings.push(message) },
        );
      const [outcome] = await Promise.allSettled([asking]);
      await registry.close();
      return { outcome, host: registry.host, questions, warnings };
    };

    it('ask for credentials, and show them to nobody else', async () => {
      const { outcome, host, questions } = await inspect(() => Promise.resolve(login));
      assert.equal(outcome.status, 'fulfilled');
      assert.deepEqual(questions[0], { host, credentialKey: host });
      const log = workshop.log.map(({ message }) => message).join('\n');
      assert.match(log, /looking for the image/);
      assert.doesNotMatch(log, /very secret|c29tZWJvZHk/);
    });

    it('say that they are missing where there are none', async () => {
      const { outcome } = await inspect(() => Promise.resolve(undefined));
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof Problem);
      assert.match(inTerminalWords(outcome.reason.remedy), /docker login/);
    });

    it('do without when they can not be read, and warn', async () => {
      const { outcome, warnings } = await inspect(() => Promise.reject(new Error('locked: very secret')));
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof Problem);
      assert.match(warnings.join('\n'), /No credentials for 127\.0\.0\.1:\d+ from the editor/);
      assert.doesNotMatch(warnings.join('\n'), /very secret/);
    });
  });
});
