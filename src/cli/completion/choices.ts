import { homedir } from 'node:os';
import { readCheckout } from '../../core/checkout/checkout';
import { findCheckoutFrom } from '../../core/checkout/find';
import { pvrFolderOfUser } from '../../core/checkout/init';
import { silentJob } from '../../core/job';
import { KeptDevices } from '../../core/remote/desk/kept-devices';
import { helpTopics } from '../manual/topics';
import type { Choices } from './complete';

/** What there is to choose from in the current folder, and at this user's. */
export function choicesHere(): Choices {
  const apps = async () => {
    const directory = await findCheckoutFrom(process.cwd());
    return directory === undefined ? [] : (await readCheckout(directory)).apps;
  };
  return {
    apps: () => orNone(async () => (await apps()).map(({ name }) => name)),
    devices: () =>
      orNone(async () => {
        const kept = new KeptDevices(pvrFolderOfUser(process.env, homedir()));
        return (await kept.list(silentJob())).map(({ nick }) => nick);
      }),
    images: () =>
      orNone(async () =>
        (await apps()).flatMap(({ source }) => {
          if (source.kind !== 'docker' || source.image.name === undefined) return [];
          const { name, tag } = source.image;
          return [tag === undefined ? name : `${name}:${tag}`];
        }),
      ),
    topics: () => helpTopics.map(({ name }) => name),
  };
}

/** A shell that completes has no place for messages. */
async function orNone(read: () => Promise<readonly string[]>): Promise<readonly string[]> {
  return read().catch(() => []);
}
