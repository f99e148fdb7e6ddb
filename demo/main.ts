// The main job on images made on the spot, with the commands that a user would type; `npm run demo` starts it.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../src/cli/table';
import { formatSize } from '../src/core/presentation/size';
import { describeError } from '../src/core/problem';
import { writeOciLayout } from '../test/image-maker/oci-layout';
import { appTree } from './app-tree';
import { serveLayout } from './layout-registry';
import { type DemoDevice, deviceSteps, startDemoDevice } from './device-loop';
import { openInEditor } from './open';
import { runPvx } from './pvx';
import { steps } from './steps';
import { demoImages, noRegistry, rebuilt, referencesAt, type DemoImage, type References } from './web-server';

const folder = path.resolve(__dirname, '..', 'demo-checkout');
const checkout = path.join(folder, 'device');
const images = path.join(folder, 'images');

/** As seen from the checkout. */
const archive = '../images';

/** The demo leaves the user's own caches, logins and objects alone. */
const environment = {
  PVX_CACHE_DIR: path.join(folder, 'cache'),
  PVR_CONFIG_DIR: path.join(folder, 'config'),
  PVR_OBJECTS_DIR: path.join(folder, 'objects'),
};

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { open: { type: 'boolean', default: false } } });
  await rm(folder, { recursive: true, force: true });
  await mkdir(checkout, { recursive: true });
  if (values.open) await showInEditor();
  else {
    const references = referencesAt(noRegistry);
    const sources = ['--source', `archive:${archive}`];
    await showSteps(references, demoImages(references), sources);
    await using device = await startDemoDevice(folder, references.web, sources, environment);
    await showDevice(device, references, sources);
    say(`\n${whatNext()}`);
  }
}

/** With a registry of its own, so that the editor finds images to update to. */
async function showInEditor(): Promise<void> {
  const registry = await serveLayout(images);
  try {
    const references = referencesAt(registry.host);
    const made = demoImages(references);
    await showSteps(references, made, []);
    // The checkout and the device have the release from before it is built anew.
    await using device = await startDemoDevice(folder, references.nextWeb, [], environment);
    await writeImages(made.map((one) => (one.reference === references.nextWeb ? rebuilt(one) : one)));
    say(
      `\n${references.nextWeb} has been built anew meanwhile: the editor tells so, and builds the patch.\n`,
    );
    say(aboutDevice(device));
    await openInEditor(checkout, device.environment, say);
  } finally {
    registry.stop();
  }
}

async function showSteps(
  references: References,
  made: readonly DemoImage[],
  sources: readonly string[],
): Promise<void> {
  await makeImages(made);
  for (const [at, { title, args }] of steps(references, sources).entries()) {
    say(`\n${at + 1}. ${title}\n\n$ pvx ${args.join(' ')}`);
    const { output, seconds } = await runPvx(args, checkout, environment);
    say(`${indented(output)}\n  (${inWords(seconds)})`);
  }
  say(`\nThe checkout, ${path.relative(process.cwd(), checkout)}:\n\n${await appTree(checkout)}`);
}

/** The whole way from a device and back to it, with a hub and a device that run here. */
async function showDevice(
  { environment: withHub, trail }: DemoDevice,
  references: References,
  sources: readonly string[],
): Promise<void> {
  say('\nAnd with a device: a hub, and a device that takes what is posted, run in this demo.');
  for (const [at, { title, args, at: where, says }] of deviceSteps(references, sources).entries()) {
    say(`\n${at + 1}. ${title}\n\n$ pvx ${args.join(' ')}`);
    const cwd = where === 'folder' ? folder : path.join(folder, 'kitchen');
    const { output, seconds } = await runPvx(args, cwd, withHub);
    say(`${indented(output)}\n  (${inWords(seconds)})`);
    if (!says.test(output)) throw new Error(`pvx ${args.join(' ')} did not say ${String(says)}`);
  }
  const ends = trail.steps.map(({ progress }) => progress.status);
  if (ends.join() !== 'DONE,DONE') throw new Error(`the device ended with ${ends.join()}`);
}

function aboutDevice({ login: { PVR_BASEURL, PVR_ACCESSTOKEN } }: DemoDevice): string {
  const program = path.resolve(__dirname, '..', 'dist', 'cli.js');
  return `A hub with a device "kitchen" runs here, too, which takes what is posted to it. In VS Code you are logged in there as alice:

  1. Pantavisor, below the apps: Devices. Right-click kitchen, "Clone Device…", "Clone Here", "Open".
  2. Its image has moved: right-click web, "Update as Patch".
  3. The message tells when it is built: Source Control, type what it is about, and commit (Ctrl+Enter).
  4. "Post…" in the message, and "Post as Revision 1" on the page: the status bar follows kitchen until it is DONE.

The same in another terminal:

  alias pvx="node ${program}"
  export PVR_BASEURL=${PVR_BASEURL} PVR_ACCESSTOKEN=${PVR_ACCESSTOKEN}
  pvx clone kitchen && cd kitchen
  pvx app update web --patch && pvx commit -m "web 1.1, built anew" && pvx post
`;
}

async function makeImages(made: readonly DemoImage[]): Promise<void> {
  say('Images, made here as an OCI image layout; no docker, no network:\n');
  const start = performance.now();
  await writeImages(made);
  const rows = made.map(({ reference, image: { layers }, about }) => {
    const size = layers.reduce((sum, { tar }) => sum + tar.length, 0);
    return [reference, formatSize(size), `${layers.length} layers`, about];
  });
  say(`${indented(formatTable(rows, new Set([1])))}\n  (${inWords((performance.now() - start) / 1000)})`);
}

async function writeImages(made: readonly DemoImage[]): Promise<void> {
  await writeOciLayout(images, Object.fromEntries(made.map(({ reference, image }) => [reference, image])));
}

function whatNext(): string {
  const here = path.relative(process.cwd(), checkout);
  return `What to do next:

  Look at it in VS Code:     npm run demo -- --open
  Try the command line:      cd ${here}
                             node ../../dist/cli.js app info shop
                             node ../../dist/cli.js --help
  Start again from nothing:  npm run demo`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function inWords(seconds: number): string {
  return `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

void main().catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
});
