import { type Command, InvalidArgumentError, Option } from 'commander';
import { option } from '../options';
import { later } from './later';

/** `pvx sig …`, in pvr's grammar: what all of them take may stand before the verb, as pvr wants it, or behind it. */
export function addSigCommands(program: Command): void {
  const sig = program
    .command('sig')
    .description('sign parts of what was committed, and see what pvr and devices make of signatures')
    .enablePositionalOptions();
  // Short forms as pvr has them; behind a verb, -p is its part.
  sig
    .addOption(signing.key())
    .addOption(signing.x5c())
    .addOption(new Option('-p, --pubkey <file>', pubkeyText))
    .addOption(new Option('-c, --cacerts <file>', cacertsText))
    .addOption(signing.withPayload())
    .addOption(signing.output())
    .addOption(option.json());

  sig
    .command('add')
    .alias('a')
    .description('sign an app or another part of the last commit, or, with --raw, what patterns match')
    .addOption(
      new Option('-p, --part <name>', 'the part: its files, and what _config has for it').conflicts('raw'),
    )
    .addOption(
      new Option('-r, --raw <name>', 'a name for a signature of what the patterns match as they are'),
    )
    .addOption(
      new Option('-i, --include <glob>', 'what to sign (default: all); may be given several times').argParser(
        collect,
      ),
    )
    .addOption(
      new Option(
        '-e, --exclude <glob>',
        'what to leave out (default: src.json); may be given several times',
      ).argParser(collect),
    )
    .addOption(new Option('-n, --noconfig', 'with --part: leave out what _config has for it'))
    .addOption(signing.key())
    .addOption(signing.x5c())
    .addOption(signing.withPayload())
    .addOption(signing.output())
    .addOption(signing.force())
    .addOption(option.json())
    .hook('preAction', requirePartOrRaw)
    .action(later(async () => (await import('../commands/sig')).add));

  sig
    .command('update')
    .alias('up')
    .description('make signatures anew over the last commit, with the patterns that they have')
    .argument('[names...]', 'web for _sigs/web.json (default: all)')
    .addOption(signing.key())
    .addOption(signing.x5c())
    .addOption(signing.withPayload())
    .addOption(signing.force())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/sig')).update));

  sig
    .command('ls')
    .description('list what signatures protect that pvr verifies, and say why it does not verify others')
    .argument('[names...]', 'web for _sigs/web.json (default: all)')
    .addOption(new Option('-s, --with-sigs', 'list the signatures themselves, too'))
    .addOption(signing.withPayload())
    .addOption(new Option('--pubkey <file>', pubkeyText))
    .addOption(new Option('--cacerts <file>', cacertsText))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/sig')).list));

  sig
    .command('verify')
    .description('say of each signature, and of the state, what pvr and a device make of it')
    .addOption(new Option('--as <whom>', 'one of them (default: both)').choices(['pvr', 'device']))
    .addOption(
      new Option(
        '--mode <mode>',
        "a device's secure boot: in strict mode, signatures have to cover everything",
      )
        .choices(['lenient', 'strict', 'audit'])
        .default('lenient'),
    )
    .addOption(new Option('--trust <file>', cacertsText))
    .addOption(new Option('--cacerts <file>', 'the same, as pvr names it').conflicts('trust'))
    .addOption(
      new Option(
        '--oem-name <name>',
        "PV_OEM_NAME of the device: the common name of its maker's certificates",
      ),
    )
    .addOption(
      new Option(
        '--oem-trust <file>',
        'what it trusts for those, in place of the others (PEM); never for the bsp, nor for parts of that name',
      ),
    )
    .addOption(new Option('--pubkey <file>', pubkeyText))
    .addOption(
      new Option(
        '--at <date>',
        'when certificates have to be valid, e.g. 2026-11-30 (default: now)',
      ).argParser(date),
    )
    .addOption(option.json())
    .hook('preAction', requireBothOfOem)
    .action(later(async () => (await import('../commands/sig')).verify));

  sig
    .command('rm')
    .description('remove signatures; the next commit goes without them')
    .argument('<names...>', 'web for _sigs/web.json')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/sig')).remove));
}

const pubkeyText =
  'public keys (PEM): pvr trusts only them then, a device has the first as its pub.pem (PVR_SIG_PUBKEY)';
const cacertsText =
  'certificates that are trusted (PEM; PVR_SIG_CACERTS; default: ~/.pvr/pvs/cacerts.default.pem)';

/** Each call makes a new one, since commander ties an option to its command. */
const signing = {
  key: () =>
    new Option('-k, --key <file>', 'the private key (PEM; PVR_SIG_KEY; default: ~/.pvr/pvs/key.default.pem)'),
  x5c: () =>
    new Option(
      '-x, --x5c <file>',
      'its certificates, or no (PEM; PVR_X5C_PATH; default: those of a signature that is made anew, or ~/.pvr/pvs/x5c.default.pem)',
    ),
  withPayload: () =>
    new Option('--with-payload', 'put what is signed into the signature (PVS_SIG_WITH_PAYLOAD)'),
  output: () =>
    new Option('--output <file>', 'write the signature there, too; - for stdout (PVS_SIG_OUTPUT)'),
  force: () => new Option('--force', 'sign what a device refuses, or what has changed since the last commit'),
};

function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

function date(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('Write it as 2026-11-30 or 2026-11-30T12:00:00Z.');
  return at;
}

/** @throws CommanderError when there is neither. */
function requirePartOrRaw(command: Command): void {
  if (command.getOptionValue('part') !== undefined || command.getOptionValue('raw') !== undefined) return;
  command.error('error: say what to sign with --part NAME, or --raw NAME and --include GLOB', {
    exitCode: 2,
  });
}

/** @throws CommanderError when there is one of them alone. */
function requireBothOfOem(command: Command): void {
  const isGiven = (key: string) => command.getOptionValue(key) !== undefined;
  if (isGiven('oemName') === isGiven('oemTrust')) return;
  command.error("error: options '--oem-name' and '--oem-trust' belong together", { exitCode: 2 });
}
