import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { setIn } from '../../core/checkout/init';
import { fileProblem } from '../../core/files/file-problem';
import { stringifyIndented } from '../../core/json/indented';
import type { JsonValue } from '../../core/json/value';
import { Problem } from '../../core/problem';
import type { SignatureRequest } from '../../core/revision/signature-patterns';
import {
  certificatesFor,
  openSigningKey,
  readTrusted,
  type SignerOptions,
  type UserPlace,
} from '../../core/revision/signer-files';
import type { Verdict } from '../../core/revision/verdict';
import type { OemTrust, SecureBootMode } from '../../core/revision/verify-as-device';
import { addSignature, removeSignatures, type SignReport, updateSignatures } from '../../core/use-cases/sign';
import {
  type DeviceReport,
  type FullSignature,
  judgeAsDevice,
  judgeAsPvr,
  type PvrReport,
} from '../../core/use-cases/verify-signatures';
import { counted } from '../counted';
import { passphraseAt } from '../passphrase';
import { type CommonOptions, openCheckoutSession, type CheckoutSession } from '../session';

/** What may stand before the verb as well as behind it. */
interface SharedOptions extends CommonOptions, SignerOptions {
  readonly pubkey?: string;
  readonly cacerts?: string;
  readonly withPayload?: true;
  readonly output?: string;
}

interface AddOptions extends SharedOptions {
  readonly part?: string;
  readonly raw?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly noconfig?: true;
  readonly force?: true;
}

export async function add(_: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<AddOptions>();
  const session = await openCheckoutSession(options);
  const { checkoutDirectory, job } = session;
  const key = await openSigningKey(options, place(), passphraseAt(job.signal));
  const signer = { key: key.key, certificates: await certificatesFor(key) };
  const { force, withPayload = isSet('PVS_SIG_WITH_PAYLOAD') } = options;
  const report = await addSignature(
    checkoutDirectory,
    requestFrom(options),
    signer,
    { force, withPayload },
    job,
  );
  const output = options.output ?? setIn(process.env, 'PVS_SIG_OUTPUT');
  if (output !== undefined) await writeTo(output, report);
  printSigned(session, report, output === '-');
}

function requestFrom({ part, raw = '', include, exclude, noconfig }: AddOptions): SignatureRequest {
  return part === undefined
    ? { kind: 'raw', name: raw, include, exclude }
    : { kind: 'part', part, include, exclude, noConfig: noconfig };
}

async function writeTo(output: string, { signatures }: SignReport): Promise<void> {
  const text = signatures.map((one) => one.text).join('');
  if (output === '-') {
    process.stdout.write(text);
    return;
  }
  const file = path.resolve(output);
  try {
    await writeFile(file, text);
  } catch (error) {
    throw fileProblem('writing the signature', file, error);
  }
}

export async function update(names: readonly string[], _: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<AddOptions>();
  const session = await openCheckoutSession(options);
  const { checkoutDirectory, job } = session;
  const key = await openSigningKey(options, place(), passphraseAt(job.signal));
  const { force, withPayload = isSet('PVS_SIG_WITH_PAYLOAD') } = options;
  const report = await updateSignatures(
    checkoutDirectory,
    names,
    async ({ jws }) => ({ key: key.key, certificates: await certificatesFor(key, jws) }),
    { force, withPayload },
    job,
  );
  printSigned(session, report, false);
}

/** @param isSilent stdout is the signature itself. */
function printSigned(
  { terminal }: CheckoutSession,
  { signatures, changedFiles }: SignReport,
  isSilent: boolean,
): void {
  const lines = signatures.map(({ file, protected: keys }) => {
    const isNew = changedFiles.includes(file);
    return `${file} signs ${counted(keys.length, 'file')} of the last commit${isNew ? '' : ', as before'}`;
  });
  const next = changedFiles.length > 0 ? ['Add it and commit: a device gets it with the next commit.'] : [];
  const text = lines.length === 0 ? noSignature : [...lines, ...next].join('\n');
  if (isSilent) terminal.note(text);
  else
    terminal.result(
      text,
      {
        signatures: signatures.map(({ file, protected: keys }) => ({ file, protected: keys })),
        changedFiles,
      },
      { hasChanged: changedFiles.length > 0 },
    );
}

interface ListOptions extends SharedOptions {
  readonly withSigs?: true;
}

/** As pvr prints it, but that each signature that isn't verified is named, and counts for nothing in the list. */
export async function list(names: readonly string[], _: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<ListOptions>();
  const { checkoutDirectory, terminal } = await openCheckoutSession(options);
  const trust = async () => ({ ...(await readTrusted(options, place())), at: new Date() });
  const { withSigs = false, withPayload = isSet('PVS_SIG_WITH_PAYLOAD') } = options;
  const report = await judgeAsPvr(checkoutDirectory, names, trust, { withPayload });
  for (const { file, verdict } of report.signatures)
    if (verdict.outcome === 'refused') terminal.note(`! ${file}: ${describe(verdict)}`);
  const { sigs, summary, signatures } = report;
  terminal.result(summaryText(report, withSigs), { ...summary, ...(withSigs && { sigs }), signatures });
  requireVerified(signatures, 'pvr does not verify');
}

/** Go's `json.MarshalIndent` of pvr's JwsVerifySummary. */
function summaryText({ summary, sigs }: PvrReport, withSigs: boolean): string {
  const members: (readonly [string, JsonValue])[] = [
    ['protected', summary.protected],
    ['excluded', summary.excluded],
    ['notseen', summary.notseen],
    ['sigs', withSigs ? sigs.map(asJson) : []],
  ];
  const filled = new Map(members.filter(([, value]) => Array.isArray(value) && value.length > 0));
  return stringifyIndented(filled, { prefix: '', indent: '    ' });
}

function asJson(signature: FullSignature): JsonValue {
  return new Map(Object.entries(signature) as [string, string][]);
}

interface VerifyOptions extends SharedOptions {
  readonly as?: 'pvr' | 'device';
  readonly mode: SecureBootMode;
  readonly trust?: string;
  readonly oemName?: string;
  readonly oemTrust?: string;
  readonly at?: Date;
}

export async function verify(_: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<VerifyOptions>();
  const { checkoutDirectory, terminal } = await openCheckoutSession(options);
  const { as, mode, pubkey, cacerts, trust: trustFile = cacerts, at = new Date() } = options;
  const { publicKeys, certificates } = await readTrusted({ pubkey, cacerts: trustFile }, place());
  const pvrTrust = () => Promise.resolve({ publicKeys, certificates, at });
  const pvr = as === 'device' ? undefined : await judgeAsPvr(checkoutDirectory, [], pvrTrust);
  const oem = await readOem(options);
  const trust = { certificates, publicKey: publicKeys[0], oem, at };
  const device = as === 'pvr' ? undefined : await judgeAsDevice(checkoutDirectory, { trust, mode });
  const lines = [...(pvr ? describePvr(pvr) : []), ...(device ? describeDevice(device, mode) : [])];
  const uncommitted = device?.uncommitted ?? [];
  if (uncommitted.length > 0) terminal.note(`Judged as if committed: ${uncommitted.join(', ')}`);
  terminal.result(lines.join('\n'), {
    ...(pvr && { pvr: { signatures: pvr.signatures } }),
    ...(device && { device: { mode, ...device } }),
  });
  if (pvr) requireVerified(pvr.signatures, 'pvr does not verify');
  if (device !== undefined && device.outcome !== 'accepted') {
    const found =
      device.outcome === 'crash' ? crashes(device) : `a device refuses the state: ${device.reason ?? ''}`;
    throw new Problem({ doing: 'verifying signatures', found, remedy: 'See the result for each signature' });
  }
}

/** The store of a device's maker, where both of its options are given. */
async function readOem({ oemName: name, oemTrust: cacerts }: VerifyOptions): Promise<OemTrust | undefined> {
  if (name === undefined || cacerts === undefined) return undefined;
  const { certificates } = await readTrusted({ cacerts }, place());
  return { name, certificates };
}

function describePvr({ signatures }: PvrReport): readonly string[] {
  const lines = signatures.map(({ file, verdict }) => `  ${file}: ${describe(verdict)}`);
  return ['As pvr:', ...(lines.length === 0 ? [`  ${noSignature}`] : lines)];
}

function describeDevice(device: DeviceReport, mode: SecureBootMode): readonly string[] {
  const { outcome, reason = '', signatures, uncovered } = device;
  const missing =
    mode === 'lenient' || uncovered.length === 0 ? [] : [`  not covered: ${uncovered.join(', ')}`];
  const whole = { accepted: 'accepted', refused: `refused: ${reason}`, crash: crashes(device) }[outcome];
  return [
    `As a device, in ${mode} mode:`,
    ...signatures.map(({ file, verdict }) => `  ${file}: ${describe(verdict)}`),
    ...missing,
    `  the state: ${whole}`,
  ];
}

function crashes({ reason = '' }: DeviceReport): string {
  return `refused: this state crashes Pantavisor (${reason})`;
}

function describe(verdict: Verdict): string {
  return verdict.outcome === 'verified' ? 'verified' : `refused: ${verdict.why.join('; ')}`;
}

/** Who asks in a script must not take what is listed for all that there is. */
function requireVerified(
  signatures: readonly { readonly file: string; readonly verdict: Verdict }[],
  what: string,
): void {
  const failed = signatures.filter(({ verdict }) => verdict.outcome === 'refused').map(({ file }) => file);
  if (failed.length === 0) return;
  throw new Problem({
    doing: 'verifying signatures',
    found: `${what} ${failed.join(', ')}`,
    remedy: 'Sign again with pvx sig update, or name with --cacerts or --pubkey whom to trust',
  });
}

export async function remove(names: readonly string[], _: unknown, command: Command): Promise<void> {
  const { checkoutDirectory, terminal, job } = await openCheckoutSession(
    command.optsWithGlobals<SharedOptions>(),
  );
  const { changedFiles } = await removeSignatures(checkoutDirectory, names, job);
  const text = `Removed ${changedFiles.filter((file) => !file.startsWith('.pvr/')).join(', ')}. It is gone for devices with the next commit.`;
  terminal.result(text, { changedFiles }, { hasChanged: true });
}

const noSignature = 'There is no signature.';

function isSet(name: string): boolean {
  const value = setIn(process.env, name);
  return value !== undefined && !/^(0|f|false)$/i.test(value);
}

function place(): UserPlace {
  return { env: process.env, homeDirectory: homedir() };
}
