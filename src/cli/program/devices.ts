import { type Command, InvalidArgumentError, Option } from 'commander';
import { option } from '../options';
import { withBudget } from './budget-options';
import { later } from './later';

/** The commands for devices: pvr's verbs, and what one wants to know before and after them. */
export function addDeviceCommands(program: Command): void {
  program
    .command('login')
    .alias('lo')
    .description('log in to Pantahub, for pvr as well')
    .argument('[user]', 'nick or e-mail address (default: ask)')
    .addOption(new Option('--hub <url>', 'another one than PVR_BASEURL names'))
    .addOption(new Option('--password-stdin', 'read the password from stdin'))
    .addOption(
      new Option('--client-id <prn>', "by the hub's page in a browser, as this confidential app").conflicts(
        'passwordStdin',
      ),
    )
    .addOption(option.json())
    .action(later(async () => (await import('../commands/login')).login));

  program
    .command('whoami')
    .alias('wai')
    .description('tell who is logged in, and where')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/login')).whoami));

  program
    .command('ps')
    .description('list your devices: what each runs, and what is on its way')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/devices')).ps));

  program
    .command('claim')
    .alias('cl')
    .description('make a new device yours')
    .argument('<device>', 'its id, or its URL')
    .argument('<challenge>', 'the words that it tells')
    .addOption(new Option('--nick <name>', 'what it is to be called'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/devices')).claim));

  program
    .command('clone')
    .alias('c')
    .description("make a checkout of a device's newest revision, or of another one")
    .argument(
      '<device>',
      'NICK, USER/NICK[/REVISION], a URL, IP[:PORT], ssh://… or a socket; #web,-db names parts',
    )
    .argument('[folder]', 'an empty or a new one (default: named like the device)')
    .addOption(revisionOption().conflicts('running'))
    .addOption(new Option('--running', 'what the device runs, which need not be the newest'))
    .addOption(
      new Option('-o, --objects <folder>', 'where the content of committed files is kept').env(
        'PVR_OBJECTS_DIR',
      ),
    )
    .addOption(option.json())
    .action(later(async () => (await import('../commands/clone')).clone));

  withBudget(program.command('post'))
    .alias('po')
    .description('post the last commit to the device as its next revision, and follow it')
    .argument('[device]', deviceText)
    .addOption(socketOption())
    .addOption(new Option('-m, --message <text>', "what it is about (default: the last commit's)"))
    .addOption(new Option('--dry-run', 'say what would happen, and send nothing'))
    .addOption(new Option('--force', 'even if what others posted is undone, or the device would refuse it'))
    .addOption(new Option('--no-wait', 'end when it is posted'))
    .addOption(
      new Option(
        '--to <devices>',
        "onto each device's own newest revision: one first, the others when it runs it; separated by commas",
      )
        .argParser(names)
        .conflicts(['force', 'wait', 'maxDownload', 'maxOverlay', 'maxShare', 'junit', 'markdown']),
    )
    .addOption(new Option('--canary <device>', 'with --to: the one that comes first (default: the first)'))
    .addOption(
      new Option('--parts <names>', 'with --to: which parts (default: the apps that changed)').argParser(
        names,
      ),
    )
    .addOption(option.json())
    .action(later(async () => (await import('../commands/post')).post));

  program
    .command('revisions')
    .description('list what a device has been sent, and what became of it')
    .argument('[device]', deviceText)
    .addOption(socketOption())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/revisions')).revisions));

  program
    .command('watch')
    .description('follow what a device makes of its newest revision, or another one')
    .argument('[device]', deviceText)
    .addOption(socketOption())
    .addOption(revisionOption())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/revisions')).watch));

  program
    .command('cancel')
    .description('take back the newest revision, or another one, that the device has not begun with')
    .argument('[device]', deviceText)
    .addOption(socketOption())
    .addOption(revisionOption())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/revisions')).cancel));

  program
    .command('back')
    .description('post an earlier revision again; a device that is reached itself runs the very one')
    .argument('<revision>', 'a number, or a name, as pvx revisions lists them', revisionName)
    .argument('[device]', deviceText)
    .addOption(socketOption())
    .addOption(new Option('-m, --message <text>', 'what it is about'))
    .addOption(new Option('--no-wait', 'end when it is posted'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/copy')).back));

  program
    .command('fastcopy')
    .alias('fcp')
    .description('post what one device has, or parts of it, onto the newest revision of another one')
    .argument('<from>', 'NICK, USER/NICK, USER/NICK/REVISION or a URL; #web,-db names parts')
    .argument('<to>', 'NICK, USER/NICK or a URL')
    .addOption(new Option('-m, --message <text>', 'what it is about'))
    .addOption(new Option('--no-wait', 'end when it is posted'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/copy')).fastcopy));

  addLogs(program.command('logs'));

  const device = program.command('device').alias('dev').description('look into devices, and name them');
  device
    .command('ps')
    .description('the same as pvx ps')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/devices')).ps));
  device
    .command('get')
    .description('print what Pantahub, or the device itself, says of it')
    .argument('<device>', 'as for clone')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/devices')).get));
  device
    .command('set')
    .alias('se')
    .description('set what you tell a device')
    .argument('<device>', 'as for clone')
    .argument('<assignments...>', 'KEY=VALUE; KEY= takes a key away')
    .addOption(
      new Option('--device-meta', 'of what the device tells of itself, where that is reached itself'),
    )
    .addOption(option.json())
    .action(later(async () => (await import('../commands/devices')).set));
  device
    .command('create')
    .alias('cr')
    .description('make a device that no hardware stands for yet')
    .argument('<nick>', 'its name')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/devices')).create));
  device
    .command('rename')
    .description('give a device another name')
    .argument('<device>', 'its nick')
    .argument('<nick>', 'the new one')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/devices')).rename));
  addLogs(device.command('logs'));
  addDeskCommands(device);
}

/** Those for devices that are reached themselves. */
function addDeskCommands(device: Command): void {
  device
    .command('scan')
    .description('look for devices in the network (mDNS)')
    .addOption(new Option('--seconds <count>', 'how long').argParser((text) => count(text)).default(5))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/desk')).scan));
  device
    .command('keep')
    .description('give a device that no hub knows a name here')
    .argument('<nick>', 'its name')
    .argument('<device>', 'IP[:PORT], ssh://[USER@]HOST[:PORT] or the path of a socket')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/desk')).keep));
  device
    .command('forget')
    .description('take such a name away')
    .argument('<nick>', 'its name')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/desk')).forget));
  device
    .command('containers')
    .description('list the containers of a device that is reached itself: what each does, and is to do')
    .argument('[device]', deviceText)
    .addOption(socketOption())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/desk')).containers));
  for (const action of ['start', 'stop', 'restart'] as const)
    device
      .command(action)
      .description(`${action} a container of a device that is reached itself`)
      .argument('<container>', 'its name')
      .argument('[device]', deviceText)
      .addOption(socketOption())
      .addOption(option.json())
      .action(later(async () => (await import('../commands/desk'))[action]));
}

const deviceText =
  'NICK, USER/NICK, a URL, IP[:PORT], ssh://[USER@]HOST[:PORT] or a socket (default: where the checkout came from)';

function addLogs(command: Command): void {
  command
    .alias('log')
    .description('print what a device has told')
    .argument('[device]', deviceText)
    .addOption(socketOption())
    .addOption(new Option('-f, --follow', 'go on with what it tells'))
    .addOption(revisionOption())
    .addOption(new Option('--platform <name>', 'of one container, or of pantavisor'))
    .addOption(
      new Option('--level <names>', 'levels, separated by commas: ERROR,WARN').argParser((text) =>
        text.toUpperCase().split(','),
      ),
    )
    .addOption(new Option('-n, --lines <count>', 'how many at first').argParser(count).default(50))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/logs')).logs));
}

function revisionOption(): Option {
  return new Option('--revision <name>', 'which revision, as pvx revisions lists them').argParser(
    revisionName,
  );
}

/** A device that is reached itself names its own ones. */
function revisionName(text: string): string {
  if (/^\d+$/.test(text)) return String(Number(text));
  if (/^(?:locals\/|state-)[A-Za-z0-9_+%.-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('Give a number, or a name as locals/NAME.');
}

/** Beside a device that is named; commander ties an option to its command. */
function socketOption(): Option {
  return new Option(
    '--socket <path>',
    'the control socket (pv-ctrl) of a device in a container on this machine, in place of the device',
  );
}

function names(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.replace(/\/+$/, ''))
    .filter((name) => name !== '');
}

function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 to 9999.');
  return Number(text);
}
