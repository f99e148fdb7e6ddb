import { formatSize } from '../../core/presentation/size';
import { putState, type PutState } from '../../core/use-cases/put-state';
import { putRevision } from '../../core/use-cases/put-revision';
import { counted } from '../counted';
import { meantReference, type SocketOptions, withDevices } from '../device-session';
import { shownFile } from '../revision-session';
import { type CommonOptions, currentFolder, openCheckoutSession } from '../session';

export interface PutOptions extends CommonOptions, SocketOptions {
  readonly device?: true;
  readonly message?: string;
}

/** Writes what was committed last to a folder, or puts it to a device. */
export async function put(target: string | undefined, options: PutOptions): Promise<void> {
  if (options.device === true) await putToDevice(target, options);
  else if (target !== undefined) await putTo(target, false, options);
}

async function putToDevice(target: string | undefined, options: PutOptions): Promise<void> {
  const { checkoutDirectory } = await openCheckoutSession(options);
  await withDevices(options, async ({ remotes, terminal, job }) => {
    const request = { reference: meantReference(target, options), message: options.message };
    const report = await putRevision(checkoutDirectory, request, remotes, job);
    const { remote, revision, sent } = report;
    const objects =
      sent.count === 0 ? '' : `, with ${counted(sent.count, 'object')} of ${formatSize(sent.bytes)}`;
    const text = `${remote} has it as revision ${revision.name}${objects}, and does not run it by that.`;
    terminal.result(text, report, { hasChanged: true });
  });
}

/** Writes its objects alone. */
export async function putObjects(target: string, options: CommonOptions): Promise<void> {
  await putTo(target, true, options);
}

async function putTo(target: string, isOnlyObjects: boolean, options: CommonOptions): Promise<void> {
  const { checkoutDirectory, terminal, job } = await openCheckoutSession(options);
  const request = { target, folder: currentFolder(), isOnlyObjects };
  const report = await putState(checkoutDirectory, request, job);
  terminal.result(describe(report, isOnlyObjects), report);
}

function describe(
  { directory, objects, newObjects: { count, size } }: PutState,
  isOnlyObjects: boolean,
): string {
  const what = isOnlyObjects ? 'the objects of the last commit' : 'the last commit';
  const brought = count === 0 ? 'none of them new' : `${count} of them new, ${formatSize(size)}`;
  return `Put ${what} to ${shownFile(directory)}: ${counted(objects, 'object')}, ${brought}.`;
}
