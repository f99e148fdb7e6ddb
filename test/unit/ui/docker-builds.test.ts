import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { DockerImage } from '../../../src/core/image/docker/list-images';
import type { ImageCheck } from '../../../src/core/use-cases/check-images';
import { DockerBuilds } from '../../../src/ui/images/docker-builds';
import { ImageChecks } from '../../../src/ui/images/image-checks';
import { Checkouts } from '../../../src/ui/model/checkouts';
import { ADisk } from './a-disk';
import { AStorage } from './a-storage';
import { aCheckout, anApp } from './an-app';

const directory = '/work/device';

let images: DockerImage[] | undefined;
let asked: string[][];
let listener: (() => void) | undefined;
let isWanted: boolean;
let answer: ((app: string) => ImageCheck) | undefined;
let checks: ImageChecks;
let checkouts: Checkouts;
let builds: DockerBuilds;

/** Promises that wait for nothing but each other are through then. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(async () => {
  const disk = new ADisk();
  const remote = anApp('remote', {}, { name: 'example/remote', sources: ['remote'] });
  const web = anApp('web', {}, { name: 'nginx', tag: 'latest', sources: ['remote', 'local'] });
  disk.checkouts.set(directory, aCheckout(directory, [remote, web]));
  checkouts = new Checkouts(() => ['/work'], disk);
  images = [image('nginx:latest', 'a'), image('example/remote:1', 'a')];
  asked = [];
  listener = undefined;
  isWanted = true;
  answer = undefined;
  checks = new ImageChecks(new AStorage(), (_, apps) => {
    asked.push([...apps]);
    return Promise.resolve(answer === undefined ? [] : apps.map(answer));
  });
  builds = new DockerBuilds(checkouts, checks, {
    isWanted: () => isWanted,
    listen: (onChange) => {
      listener = onChange;
      return { dispose: () => (listener = undefined) };
    },
    list: () => (images === undefined ? Promise.reject(new Error('no docker')) : Promise.resolve(images)),
    onFailure: (error) => assert.fail(String(error)),
  });
  await settle();
});

function image(reference: string, id: string): DockerImage {
  return { reference, id, size: 1, created: 1 };
}

async function readCheckouts(): Promise<void> {
  await checkouts.readApps();
  await settle();
}

describe('docker', () => {
  it('is left alone until an app is known that may be made from it', async () => {
    assert.equal(listener, undefined);
    await readCheckouts();
    assert.ok(listener);
  });

  it('is left alone where nobody wants it, or none runs', async () => {
    isWanted = false;
    await readCheckouts();
    assert.equal(listener, undefined);
    isWanted = true;
    images = undefined;
    builds.update();
    await settle();
    assert.equal(listener, undefined);
  });

  it('that comes back makes those be asked about again that could not be while it was away', async () => {
    images = undefined;
    answer = (app) => ({
      app,
      reference: '',
      installed: '',
      state: 'failed',
      found: 'no docker',
      remedy: 'Start it',
    });
    await readCheckouts();
    await checks.check(await checkouts.readApps(), new AbortController().signal);
    asked = [];
    images = [image('nginx:latest', 'a')];
    builds.startAnew();
    await settle();
    assert.deepEqual(asked, [['web']]);
  });

  it('makes an app be asked about when its image is another one there', async () => {
    await readCheckouts();
    images = [image('nginx', 'b'), image('example/remote:1', 'b'), image('other:1', 'x')];
    listener?.();
    await settle();
    assert.deepEqual(asked, [['web']]);
    listener?.();
    await settle();
    assert.equal(asked.length, 1);
  });

  it('is looked for at once when it is to be another one', async () => {
    const found = images;
    images = undefined;
    await readCheckouts();
    assert.equal(listener, undefined);
    images = found;
    builds.update();
    await settle();
    assert.equal(listener, undefined, 'so soon it is not looked for again by itself');
    builds.startAnew();
    await settle();
    assert.ok(listener);
  });

  it('is left alone again when that is no longer wanted', async () => {
    await readCheckouts();
    isWanted = false;
    builds.update();
    assert.equal(listener, undefined);
  });
});
