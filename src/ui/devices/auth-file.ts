import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { pvrFolderOfUser } from '../../core/checkout/init';
import { keptDevicesFile } from '../../core/remote/desk/kept-devices';
import { authFileName } from '../../core/remote/pantahub/logins';

/** Whether pvr, or the command line, has ever logged in here, or keeps a device by name. */
export async function keepsDevices(): Promise<boolean> {
  const folder = pvrFolderOfUser(process.env, homedir());
  const isThere = (name: string) =>
    access(path.join(folder, name)).then(
      () => true,
      () => false,
    );
  return (await Promise.all([authFileName, keptDevicesFile].map(isThere))).includes(true);
}
