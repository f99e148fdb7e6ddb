import { after, before, describe, it } from 'node:test';
import { playScenario } from '../device-view/scenario';
import { isLongForm } from '../long-form';
import { startDockerRegistry, type DockerRegistry } from './docker-registry';

/** `SEED=17` plays that one, `SEED=1..500` all of these. The first ones have every compressor, manifest and number of workers. */
const usual = isLongForm ? '1..100' : '1..14';
const [first = 1, last = first] = (process.env['SEED'] ?? usual).split('..').map(Number);
const seeds = Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** Most of the time goes into starting processes, and they wait for each other. */
describe('what the kernel shows of an app is what umoci unpacks of its image', { concurrency: 3 }, () => {
  let registry: DockerRegistry;
  before(async () => {
    registry = await startDockerRegistry();
  });
  after(() => registry.stop());

  for (const seed of seeds) {
    it(`seed ${seed}`, () => playScenario(seed, registry.host));
  }
});
