import { type Command, Option } from 'commander';
import { option } from '../options';
import { withBudget } from './budget-options';
import { later } from './later';

/** The commands for what changed, and what was committed: pvr's verbs, with its short names. */
export function addRevisionCommands(program: Command): void {
  program
    .command('init')
    .alias('i')
    .description('make the current folder a checkout, as pvr init does')
    .addOption(
      new Option('-o, --objects <folder>', 'where the content of committed files is kept').env(
        'PVR_OBJECTS_DIR',
      ),
    )
    .addOption(new Option('-s, --spec <name>', 'which kind of state it is going to have'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/init')).init));

  program
    .command('status')
    .alias('s')
    .description(
      'list what changed since the last commit: A added, D gone, C changed, ? not tracked, ! broken',
    )
    .addOption(new Option('--short', 'only letters and paths'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/status')).status));

  withBudget(program.command('diff'))
    .alias('d')
    .description('print what changed since the last commit as a merge patch of the state')
    .argument('[paths...]', 'files, folders or patterns (default: all)')
    .addOption(
      new Option(
        '--stat',
        'what a device downloads and restarts, by app, and what changed inside of file systems',
      ),
    )
    .addOption(option.json())
    .hook('preAction', requireAllForStat)
    .action(later(async () => (await import('../commands/diff')).diff));

  program
    .command('json')
    .alias('j')
    .description('print the state that a commit would write')
    .addOption(option.canonical())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/state')).workingState));

  program
    .command('add')
    .alias('a')
    .description('have the next commit take files in')
    .argument('[paths...]', 'files, folders or patterns (default: all)')
    .addOption(new Option('-r, --raw', 'commit JSON files by their sha256, not with their content'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/add')).add));

  program
    .command('commit')
    .alias('ci')
    .description('make the tracked files, as they are, the last commit')
    .addOption(new Option('-m, --message <text>', 'what it is about'))
    .addOption(new Option('-c, --checkpoint', 'mark it as one that devices can go back to'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/commit')).commit));

  program
    .command('checkout')
    .aliases(['reset', 'co', 'r'])
    .description('put files back as they were committed')
    .argument('[paths...]', 'files, folders or patterns (default: all, and forget what was added)')
    .addOption(option.canonical())
    .addOption(
      new Option('--hardlink', 'make files further names of their objects, which nobody may write to'),
    )
    .addOption(new Option('--force', 'even if edited files are lost'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/checkout')).checkout));

  program
    .command('get')
    .alias('g')
    .description(
      'take the state of a device, another checkout or an export, part by part, as the last commit; of the device that this checkout came from, with what changed here',
    )
    .argument(
      '[source]',
      'a device, a checkout, its .pvr or an export; #web,-db names parts (default: as last time)',
    )
    .addOption(
      new Option('--ours', 'of parts that both sides changed, keep what is here').conflicts('theirs'),
    )
    .addOption(new Option('--theirs', 'of parts that both sides changed, take what comes'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/take-state')).get));

  program
    .command('merge')
    .alias('m')
    .description('the same, but mix documents that both have, as pvr does')
    .argument(
      '[source]',
      'a device, a checkout, its .pvr or an export; #web,-db names parts (default: as last time)',
    )
    .addOption(option.json())
    .action(later(async () => (await import('../commands/take-state')).merge));

  program
    .command('export')
    .description('write what was committed last, with all objects, to one file')
    .argument('<file>', 'a tar archive, gzipped if it ends in .gz or .tgz; - for stdout')
    .addOption(
      new Option('-p, --parts <names>', 'apps, folders or files, separated by commas').argParser((text) =>
        text.split(',').map((name) => name.replace(/\/+$/, '')),
      ),
    )
    .addOption(option.json())
    .action(later(async () => (await import('../commands/export')).exportTo));

  program
    .command('import')
    .description('make an export the last commit; nothing of the present one stays')
    .argument('<file>', 'what pvx export, or pvr, has written')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/take-state')).importState));

  program
    .command('put')
    .alias('p')
    .description(
      'write what was committed last to a folder, as an export that is unpacked; or put it to a device, which does not run it by that',
    )
    .argument('[target]', 'a folder, which gets a file json and a folder objects; with --device, as for post')
    .addOption(
      new Option(
        '--device',
        'to a device: at a hub in the place of the newest revision, which it has not begun with; else as one more',
      ),
    )
    .addOption(new Option('--socket <path>', 'with --device: the control socket of one on this machine'))
    .addOption(
      new Option('-m, --message <text>', "with --device: what it is about (default: the last commit's)"),
    )
    .hook('preAction', requireTarget)
    .addOption(option.json())
    .action(later(async () => (await import('../commands/put')).put));

  program
    .command('putobjects')
    .description('write the objects of what was committed last to a folder')
    .argument('<folder>', 'a folder of objects')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/put')).putObjects));

  program
    .command('deploy')
    .description(
      'make a folder what a device has on its disk: hard links to objects, and .pv for the bootloader',
    )
    .argument('<folder>', 'nothing else may lie in it')
    .argument(
      '[sources...]',
      'checkouts or exports; #web,-db names parts (default: the last commit of this one)',
    )
    .addOption(new Option('-n, --nomerge', 'nothing stays of what is deployed there'))
    .addOption(
      new Option('--force', 'even if files are lost that were edited there, or that nobody deployed'),
    )
    .addOption(
      new Option('-o, --objects <folder>', 'where a new folder keeps its objects').env('PVR_OBJECTS_DIR'),
    )
    .addOption(option.json())
    .action(later(async () => (await import('../commands/deploy')).deploy));

  program
    .command('inspect')
    .description('print the state that was committed last')
    .argument('[source]', 'here, or in a checkout, its .pvr or an export; #web,-db names parts')
    .addOption(option.canonical())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/state')).inspect));

  program
    .command('dm-convert')
    .alias('dmc')
    .description('have a device mount a volume of an app through dm-verity')
    .argument('<app>', 'the app, or both as web/root.squashfs')
    .argument('[volume]', 'a file that its run.json mounts')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/verity')).convert));

  program
    .command('dm-apply')
    .alias('dma')
    .description('make hash trees of dm-verity anew that do not fit their volumes')
    .argument('[path]', 'an app or a volume (default: all)')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/verity')).apply));

  program
    .command('global-config')
    .description('print, and set, what pvr keeps in its own config.json')
    .argument('[assignments...]', 'KEY=VALUE')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/global-config')).globalConfig));
}

/** A checkout has come from a device, and from no folder. @throws CommanderError */
function requireTarget(command: Command): void {
  const isDevice = command.getOptionValue('device') === true;
  if (isDevice || command.args.length > 0) return;
  command.error("error: missing required argument 'target', or option '--device'", { exitCode: 2 });
}

/** A device gets all of a commit. @throws CommanderError */
function requireAllForStat(command: Command): void {
  if (command.getOptionValue('stat') !== true || command.args.length === 0) return;
  command.error("error: argument 'paths' cannot be used with option '--stat'", { exitCode: 2 });
}
