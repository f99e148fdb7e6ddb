import { homedir } from 'node:os';
import path from 'node:path';
import { defaultObjectsDirectory } from '../../core/checkout/init';
import { CodecPool } from '../../core/squashfs/codec-pool';
import { clone as cloneDevice, running } from '../../core/use-cases/clone';
import { codecs } from '../codecs-folder';
import { counted } from '../counted';
import { withDevices } from '../device-session';
import { shownFile } from '../revision-session';
import { type CommonOptions, currentFolder } from '../session';
import { leftBehindLines } from './take-state';

export interface CloneOptions extends CommonOptions {
  readonly revision?: string;
  readonly running?: true;
  readonly objects?: string;
}

/** Makes a checkout of what a device has, or of a part of it. */
export async function clone(
  reference: string,
  folder: string | undefined,
  options: CloneOptions,
): Promise<void> {
  await withDevices(options, async ({ remotes, terminal, job }) => {
    const pool = new CodecPool({ directory: codecs });
    try {
      const objects = options.objects
        ? path.resolve(options.objects)
        : defaultObjectsDirectory(process.env, homedir());
      const parent = currentFolder();
      const report = await cloneDevice(
        {
          reference,
          revision: options.running ? running : options.revision,
          folder: folder === undefined ? undefined : path.resolve(parent, folder),
          parent,
          objectsDirectory: objects,
        },
        remotes,
        pool,
        job,
      );
      const { revision, files, objects: count } = report;
      const message = revision.message === '' ? '' : ` (${shownFile(revision.message)})`;
      const text = `Cloned revision ${revision.name}${message} of ${report.remote} to ${shownFile(report.folder)}: ${counted(files, 'file')}, ${counted(count, 'object')}. It is ${revision.progress.status}.`;
      terminal.result([text, ...leftBehindLines(report.leftBehind)].join('\n'), report, { hasChanged: true });
    } finally {
      await pool.close();
    }
  });
}
