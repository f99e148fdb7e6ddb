import { homedir } from 'node:os';
import path from 'node:path';
import { defaultObjectsDirectory, initCheckout } from '../../core/checkout/init';
import { type CommonOptions, currentFolder, openSession } from '../session';

export interface InitOptions extends CommonOptions {
  readonly objects?: string;
  readonly spec?: string;
}

export async function init({ objects, spec, ...options }: InitOptions): Promise<void> {
  const { terminal } = openSession(options);
  const directory = currentFolder();
  // An empty one, as of an empty variable, is as good as none.
  const objectsDirectory = path.resolve(
    objects === undefined || objects === '' ? defaultObjectsDirectory(process.env, homedir()) : objects,
  );
  await initCheckout(directory, { objectsDirectory, spec });
  terminal.result(
    `${directory} is a checkout now. Add an app: pvx app add NAME --from IMAGE`,
    { directory: path.resolve(directory) },
    { hasChanged: true },
  );
}
