import { homedir } from 'node:os';
import path from 'node:path';
import { defaultObjectsDirectory, initCheckout } from '../../core/checkout/init';
import { currentFolder, openSession, type CommonOptions } from '../session';

export async function init(options: CommonOptions): Promise<void> {
  const { terminal } = openSession(options);
  const directory = currentFolder();
  await initCheckout(directory, { objectsDirectory: defaultObjectsDirectory(process.env, homedir()) });
  terminal.result(
    `${directory} is a checkout now. Add an app: pvx app add NAME --from IMAGE`,
    { directory: path.resolve(directory) },
    { hasChanged: true },
  );
}
