import { homedir } from 'node:os';
import { pvrFolderOfUser } from '../../core/checkout/init';
import { configureUser } from '../../core/checkout/user-config';
import { type CommonOptions, openSession } from '../session';

/** Prints what pvr's own config.json says, after fields of it were set. */
export async function globalConfig(assignments: readonly string[], options: CommonOptions): Promise<void> {
  const { terminal } = openSession(options);
  terminal.document(await configureUser(pvrFolderOfUser(process.env, homedir()), assignments));
}
