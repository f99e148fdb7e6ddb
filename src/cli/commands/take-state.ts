import { readConfig } from '../../core/checkout/config';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { Problem } from '../../core/problem';
import { type TakenState, type TakeRequest, takeState } from '../../core/use-cases/take-state';
import { shownFile } from '../revision-session';
import { readOrigin } from '../../core/use-cases/steps/origin';
import { type DeviceSession, withDevices } from '../device-session';
import { type CommonOptions, currentFolder, openCheckoutSession } from '../session';
import { counted } from '../counted';

export interface GetOptions extends CommonOptions {
  readonly ours?: true;
  readonly theirs?: true;
}

/** Takes parts of a device, another checkout or an export in the place of the checkout's own. */
export async function get(reference: string | undefined, options: GetOptions): Promise<void> {
  await take(reference, 'parts', options);
}

/** Mixes another state into the checkout's, as pvr does. */
export async function merge(reference: string | undefined, options: CommonOptions): Promise<void> {
  await take(reference, 'merge', options);
}

/** Makes an export the last commit. */
export async function importState(file: string, options: CommonOptions): Promise<void> {
  await take(file, 'all', options);
}

async function take(typed: string | undefined, how: TakeRequest['how'], options: GetOptions): Promise<void> {
  const { checkoutDirectory } = await openCheckoutSession(options);
  await withDevices(options, (session) => takeInto(checkoutDirectory, { typed, how, options }, session));
}

async function takeInto(
  checkoutDirectory: string,
  {
    typed,
    how,
    options,
  }: {
    readonly typed: string | undefined;
    readonly how: TakeRequest['how'];
    readonly options: GetOptions;
  },
  { remotes, terminal, job }: DeviceSession,
): Promise<void> {
  const prefer: TakeRequest['prefer'] = options.ours ? 'ours' : options.theirs ? 'theirs' : undefined;
  // What is kept was typed in the checkout's own folder.
  const request =
    typed === undefined
      ? { reference: await usualReference(checkoutDirectory), folder: checkoutDirectory, how, prefer }
      : { reference: typed, folder: currentFolder(), how, prefer };
  const report = await takeState(checkoutDirectory, request, remotes, job);
  terminal.result(describe(report), report, { hasChanged: true });
}

async function usualReference(checkoutDirectory: string): Promise<string> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const origin = await readOrigin(checkout);
  const { document } = await readConfig(checkout);
  const known = ['DefaultPutUrl', 'DefaultGetUrl'].map((field) => document.get(field));
  const reference = known.find((value) => typeof value === 'string' && value !== '');
  if (typeof reference === 'string') return reference;
  if (origin !== undefined) return origin.address;
  throw new Problem({
    doing: 'looking for where to get from',
    found: 'the checkout has not got anything from anywhere yet',
    remedy: 'Name a device, the folder of a checkout, or a file that pvx export has made',
  });
}

function describe({ changed, objects, leftBehind, revision, conflicts }: TakenState): string {
  const lines = [
    ...conflicts.map(({ part }) => `Both sides had changed ${shownFile(part)}.`),
    ...(revision === undefined ? [] : [`The checkout goes on from revision ${revision} now.`]),
    ...leftBehindLines(leftBehind),
  ];
  if (changed.length === 0) return ['The last commit has all of it already.', ...lines].join('\n');
  return [
    ...changed.map(shownFile),
    `The last commit has ${counted(changed.length, 'change')} now, with ${counted(objects, 'object')}. Bring its files with pvx checkout.`,
    ...lines,
  ].join('\n');
}

export function leftBehindLines(parts: readonly string[]): readonly string[] {
  return parts.length === 0
    ? []
    : [`Not with it, since it was not named: ${parts.map(shownFile).join(', ')}`];
}
