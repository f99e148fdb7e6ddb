import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Pvx } from '../device-view/pvx';
import { startHub, type Hub } from '../hub/hub';
import { runOfApp } from '../hub/hub-place';
import { type Account, addAccount, addDevice, addTrail, now, objectKey } from '../hub/world';
import type { Contender, Trial } from './contender';
import { type ComparedWork, measure, type Measurement } from './measure';
import { race } from './runner';
import { medians } from './statistics';

const megabyte = 1_000_000;
const objects = 60;
/** Milliseconds of a way to the hub and back. */
const latency = 20;

/** A post that changes 4 kB of a large checkout. */
export interface SmallPost {
  /** Bytes of all bodies. */
  readonly sent: number;
  readonly requests: number;
  readonly measured: Measurement;
}

export interface DeviceFigures {
  readonly transfers: readonly ComparedWork[];
  readonly small: SmallPost;
}

/**
 * Measures what clone and post take of a hub that answers after some time, and what a small change of a large checkout costs.
 *
 * @param megabytes of 60 objects, and five times those of the checkout that is changed a little.
 * @param folder for their work.
 */
export async function measureDevices(
  megabytes: number,
  rounds: number,
  folder: string,
  say: (text: string) => void,
): Promise<DeviceFigures> {
  await using hub = await startHub({ latency });
  const alice = addAccount(hub.world, 'alice');
  const place: Place = {
    hub,
    alice,
    folder,
    files: path.join(folder, 'files'),
    size: (megabytes * megabyte) / objects,
  };
  say(`${objects} objects of ${megabytes} MB`);
  const state = await makeObjects(place);
  const contenders = [
    curlDownloads(place, state),
    pvxClone(place),
    curlUploads(place),
    pvxPost(place),
  ] as const;
  const [downloads, clone, uploads, post] = contenders;
  const results = await race(
    new Map(contenders.map((one) => [one, 1])),
    rounds,
    path.join(folder, 'trial'),
    say,
  );
  const of = (contender: Contender) =>
    medians(results.get(contender) ?? { runs: [], temporaryDisk: 0, written: 0 });
  const transfers = [
    { work: 'clone', theirs: of(downloads), ours: of(clone), target: 3 },
    { work: 'post', theirs: of(uploads), ours: of(post), target: 3 },
  ];
  return { transfers, small: await measureSmallPost(place, megabytes * 5, say) };
}

interface Place {
  readonly hub: Hub;
  readonly alice: Account;
  readonly folder: string;
  /** Where the content of the objects lies, by name. */
  readonly files: string;
  /** Of each object, in bytes. */
  readonly size: number;
}

const nameOf = (at: number) => `data-${at}`;

/** A device `kitchen` whose only revision names them all. */
async function makeObjects({ hub, alice, files, size }: Place) {
  await mkdir(files, { recursive: true });
  const state: Record<string, unknown> = {
    '#spec': 'pantavisor-service-system@1',
    'web/run.json': runOfApp('web', { config: nameOf(0) }),
  };
  for (let at = 0; at < objects; at++) {
    const content = randomBytes(size);
    await writeFile(path.join(files, nameOf(at)), content);
    const sha256 = addContent(hub, alice, content);
    state[`web/${nameOf(at)}`] = sha256;
  }
  const device = addDevice(hub.world, alice.prn, { nick: 'kitchen' });
  addTrail(hub.world, device, state);
  return state;
}

function addContent(hub: Hub, { prn }: Account, content: Buffer, kept: Buffer | 'none' = content): string {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const time = now();
  hub.world.objects.set(objectKey(prn, sha256), {
    ...{ sha256, owner: prn, name: 'object', size: content.length, mimeType: '' },
    ...{ created: time, modified: time, content: kept },
  });
  return sha256;
}

const loggedIn = ({ hub, alice }: Place) => ({
  PVR_BASEURL: hub.url,
  PVR_ACCESSTOKEN: hub.tokens.forUser(alice, 'alice'),
});

/** One of the two in an empty folder. */
function trial(
  name: string,
  prepare: (folder: string) => Promise<Pick<Trial, 'command' | 'environment'> & { readonly inside: string }>,
  check: (inside: string) => Promise<void>,
): Contender {
  return {
    name,
    prepare: async (folder) => {
      const { inside, ...rest } = await prepare(folder);
      return {
        ...rest,
        place: { checkout: inside, cache: '' },
        temporary: [],
        check: async () => {
          await check(inside);
          return { written: 0, staged: 0 };
        },
      };
    },
  };
}

/** With the addresses of all objects in its hands, of which each is checked as it comes. */
function curlDownloads(place: Place, state: Record<string, unknown>): Contender {
  return trial(
    'one curl after the other, each object checked by sha256sum',
    async (folder) => {
      const ids = Object.entries(state).filter(([key]) => key.startsWith('web/data-'));
      const device = [...place.hub.world.devices.values()][0]?.id ?? '';
      const answer = await fetch(`${place.hub.url}/trails/${device}/steps/0/objects`, {
        headers: { authorization: `Bearer ${loggedIn(place).PVR_ACCESSTOKEN}` },
      });
      const records = (await answer.json()) as readonly Record<string, string>[];
      const url = new Map(records.map((record) => [record['sha256sum'], record['signed-geturl']]));
      const lines = ids.map(
        ([key, id]) =>
          `curl -sf -o ${path.basename(key)} '${url.get(String(id)) ?? ''}'
echo '${String(id)}  ${path.basename(key)}' | sha256sum -c --status`,
      );
      const script = path.join(folder, 'script.sh');
      await writeFile(script, `set -e\n${lines.join('\n')}\n`);
      return { inside: folder, command: ['sh', script], environment: {} };
    },
    requireFiles,
  );
}

async function requireFiles(folder: string): Promise<void> {
  const count = (await readdir(folder)).filter((name) => name.startsWith('data-')).length;
  if (count !== objects) throw new Error(`there are ${count} files in place of ${objects}`);
}

function pvxClone(place: Place): Contender {
  return trial(
    'pvx clone',
    async (folder) => {
      await mkdir(path.join(folder, 'home'));
      const program = path.resolve('dist', 'cli.js');
      return {
        inside: folder,
        command: [process.execPath, program, 'clone', 'kitchen'],
        environment: {
          ...loggedIn(place),
          HOME: path.join(folder, 'home'),
          PVR_OBJECTS_DIR: path.join(folder, 'objects'),
        },
      };
    },
    (folder) => requireFiles(path.join(folder, 'kitchen', 'web')),
  );
}

/** Announces each, and sends it, as who has nothing else. */
function curlUploads(place: Place): Contender {
  return trial(
    'one curl after the other, each object announced and sent',
    async (folder) => {
      forgetUploads(place);
      const { PVR_ACCESSTOKEN: token, PVR_BASEURL: url } = loggedIn(place);
      const script = path.join(folder, 'script.sh');
      await writeFile(
        script,
        `set -e
for file in ${place.files}/*; do
  sha=$(sha256sum "$file" | cut -c 1-64)
  size=$(stat -c %s "$file")
  answer=$(curl -sf -H 'authorization: Bearer ${token}' -d "{\\"objectname\\":\\"x\\",\\"sha256sum\\":\\"$sha\\",\\"size\\":\\"$size\\"}" ${url}/objects/)
  put=$(printf %s "$answer" | sed 's/.*"signed-puturl":"\\([^"]*\\)".*/\\1/')
  curl -sf -T "$file" "$put"
done
`,
      );
      return { inside: folder, command: ['sh', script], environment: {} };
    },
    () => requireUploads(place),
  );
}

function pvxPost(place: Place): Contender {
  const model = path.join(place.folder, 'model');
  let isMade = false;
  return trial(
    'pvx post',
    async (folder) => {
      const environment = {
        ...loggedIn(place),
        HOME: path.join(folder, 'home'),
        PVR_OBJECTS_DIR: path.join(place.folder, 'objects'),
      };
      if (!isMade) {
        isMade = true;
        const pvx = new Pvx(path.join(place.folder, 'home'), environment);
        await mkdir(model);
        await pvx.run(model, 'init');
        await cp(place.files, path.join(model, 'web'), { recursive: true });
        await writeFile(
          path.join(model, 'web', 'run.json'),
          JSON.stringify(runOfApp('web', { config: nameOf(0) })),
        );
        await pvx.run(model, 'add');
        await pvx.run(model, 'commit');
      }
      forgetUploads(place);
      // An empty device, so that all of it is new.
      const empty = addDevice(place.hub.world, place.alice.prn, {
        nick: `empty-${randomBytes(4).toString('hex')}`,
      });
      addTrail(place.hub.world, empty, { '#spec': 'pantavisor-service-system@1' });
      await mkdir(path.join(folder, 'home'));
      const program = path.resolve('dist', 'cli.js');
      return {
        inside: model,
        command: [process.execPath, program, 'post', empty.nick, '--no-wait', '--force'],
        environment,
      };
    },
    () => requireUploads(place),
  );
}

/** As if they had never been sent; what the downloads are of comes back with the uploads. */
function forgetUploads({ hub }: Place): void {
  for (const object of hub.world.objects.values()) object.content = undefined;
}

function requireUploads({ hub }: Place): Promise<void> {
  const there = [...hub.world.objects.values()].filter(({ content }) => content !== undefined).length;
  if (there < objects) return Promise.reject(new Error(`${there} of ${objects} objects were sent`));
  return Promise.resolve();
}

async function measureSmallPost(
  place: Place,
  megabytes: number,
  say: (text: string) => void,
): Promise<SmallPost> {
  say(`a checkout of ${megabytes} MB, of which 4 kB change`);
  const { hub, alice, folder } = place;
  const environment = { ...loggedIn(place), PVR_OBJECTS_DIR: path.join(folder, 'large-objects') };
  const pvx = new Pvx(path.join(folder, 'home'), environment);
  const checkout = path.join(folder, 'large');
  await mkdir(path.join(checkout, 'web'), { recursive: true });
  await pvx.run(checkout, 'init');
  const state: Record<string, unknown> = {
    '#spec': 'pantavisor-service-system@1',
    'web/run.json': runOfApp('web', { config: 'conf' }),
  };
  const files = 10;
  for (let at = 0; at < files; at++) {
    const content = randomBytes((megabytes * megabyte) / files);
    await writeFile(path.join(checkout, 'web', nameOf(at)), content);
    // Nobody asks the hub for it.
    state[`web/${nameOf(at)}`] = addContent(hub, alice, content, 'none');
  }
  const conf = randomBytes(4000);
  await writeFile(path.join(checkout, 'web', 'conf'), conf);
  await writeFile(path.join(checkout, 'web', 'run.json'), JSON.stringify(state['web/run.json']));
  state['web/conf'] = addContent(hub, alice, conf);
  const device = addDevice(hub.world, alice.prn, { nick: 'large' });
  addTrail(hub.world, device, state);
  await pvx.run(checkout, 'add');
  await pvx.run(checkout, 'commit');
  await writeFile(
    path.join(checkout, '.pvr', 'pvx-origin'),
    JSON.stringify({ remote: `${hub.url}/trails/${device.id}`, name: 'alice/large', revision: '0' }),
  );
  await writeFile(path.join(checkout, 'web', 'conf'), randomBytes(4000));
  await pvx.run(checkout, 'commit');
  hub.requests.length = 0;
  hub.traffic.received = 0;
  const measured = await measure(
    {
      place: { checkout, cache: '' },
      command: [process.execPath, path.resolve('dist', 'cli.js'), 'post', '--no-wait'],
      environment: { ...environment, HOME: path.join(folder, 'home') },
      temporary: [],
      check: () => Promise.resolve({ written: 0, staged: 0 }),
    },
    folder,
  );
  await rm(checkout, { recursive: true });
  return { sent: hub.traffic.received, requests: hub.requests.length, measured };
}
