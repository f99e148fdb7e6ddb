import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { pvrFolderOfUser } from '../../core/checkout/init';
import { authFileName } from '../../core/remote/pantahub/logins';

/** Whether pvr, or the command line, has ever logged in here. */
export function hasAuthFile(): Promise<boolean> {
  return access(path.join(pvrFolderOfUser(process.env, homedir()), authFileName)).then(
    () => true,
    () => false,
  );
}
