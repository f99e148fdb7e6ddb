import { formatSize } from '../../core/presentation/size';
import { putState, type PutState } from '../../core/use-cases/put-state';
import { counted } from '../counted';
import { shownFile } from '../revision-session';
import { type CommonOptions, currentFolder, openCheckoutSession } from '../session';

/** Writes what was committed last to a folder. */
export async function put(target: string, options: CommonOptions): Promise<void> {
  await putTo(target, false, options);
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
