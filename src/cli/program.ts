import { Command, Option } from 'commander';
import { restartPolicies, statusGoals } from '../core/checkout/manifests/run-manifest';
import { appName, collectArgument, collectName, collectVolume, newAppName, option } from './options';
import { addDeviceCommands } from './program/devices';
import { later } from './program/later';
import { addObjectsCommands } from './program/objects';
import { addRevisionCommands } from './program/revision';
import { addSigCommands } from './program/sig';

/**
 * The command line, in pvr's grammar: `pvx app add NAME --from REF`. Each action gets its own options only; what it does
 * is in the file of its name in commands/.
 *
 * Parsing throws a CommanderError where the program should end: after an error, which it has told by then, and after help.
 */
export function makeProgram(version: string): Command {
  const program = new Command('pvx')
    .description('Manage the apps of a Pantavisor checkout: patches, new bases and extension apps.')
    .version(version)
    // A short option may mean one thing before a verb and another behind it, as pvr's -p of sig does.
    .enablePositionalOptions()
    // These three are handed down to commands, but only to those that are made after them.
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'pvx: ')) })
    .addHelpText(
      'after',
      `
Run it inside a checkout. Exit codes: 0 done, 1 failed (the checkout is as it was, unless the message says that only the
result could not be written; with update --all, apps that did not fail are updated), 2 wrong usage, 70 a defect or too
little memory, 130 interrupted.`,
    );

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
    .action(later(async () => (await import('./commands/init')).init));

  addRevisionCommands(program);

  const app = program.command('app').alias('ap').description('add, update and look into apps');
  app
    .command('add')
    .description('add an app from an image; with --base, as an overlay over another app')
    .argument('<name>', 'the new app, a folder name', newAppName)
    .addOption(option.from().makeOptionMandatory())
    .addOption(
      new Option('--base <app>', 'the app to extend: the new one holds only what differs from it').argParser(
        appName,
      ),
    )
    .addOption(
      new Option(
        '--base-group <group>',
        'with --base: put that app into this group, so that a device starts it first',
      ),
    )
    .addOption(option.source())
    .addOption(option.platform())
    .addOption(
      new Option('--group <group>', 'the group of containers it belongs to; with --base, the last one'),
    )
    .addOption(new Option('--status-goal <goal>', 'what it must reach to count as up').choices(statusGoals))
    .addOption(new Option('--restart-policy <policy>', 'what a change restarts').choices(restartPolicies))
    .addOption(
      new Option(
        '--volume <path:persistence>',
        'keep a folder: permanent, revision or boot; may be given several times',
      )
        .argParser(collectVolume)
        .default([], 'none'),
    )
    .addOption(
      new Option('--arg <key=value>', 'an argument of the container template; may be given several times')
        .argParser(collectArgument)
        .default({}, 'none'),
    )
    .addOption(
      new Option(
        '--format-options <options>',
        'mksquashfs options for the files made, e.g. "-comp zstd -b 256K"',
      ),
    )
    .addOption(option.workers())
    .addOption(option.json())
    .action(later(async () => (await import('./commands/build')).add));

  app
    .command('update')
    .description("build an app's newer image: as a patch where it has one, else as a new base")
    .argument('[name]', 'the app', appName)
    .addOption(
      new Option(
        '--all',
        'all apps that are made from images, one after the other; one that fails stops and undoes none of the others',
      ).conflicts(['from', 'platform']),
    )
    .addOption(new Option('--patch', 'ship only what changed against the base').conflicts('newbase'))
    .addOption(
      new Option(
        '--newbase',
        'make a fresh base, without an overlay; with --all, apps that extend one are patched',
      ),
    )
    .addOption(option.from())
    .addOption(option.source())
    .addOption(option.platform())
    .addOption(new Option('--dry-run', 'build and weigh it, but install nothing'))
    .addOption(
      new Option(
        '--formats',
        'with --dry-run: pack it in all forms worth a look, and compare them in bytes and in what they ask of a device',
      ).conflicts('all'),
    )
    .addOption(option.workers())
    .addOption(option.json())
    .hook('preAction', requireNameOrAll)
    .hook('preAction', requireDryRunForFormats)
    .action(later(async () => (await import('./commands/build')).update));

  app
    .command('install')
    .description('make what an app lacks from its src.json: run.json, lxc.container.conf, squashfs files')
    .argument('<name>', 'the app', appName)
    .addOption(option.source())
    .addOption(option.workers())
    .addOption(option.json())
    .action(later(async () => (await import('./commands/build')).install));

  app
    .command('ls')
    .description('list the apps with their sizes and states')
    .addOption(option.json())
    .action(later(async () => (await import('./commands/list')).list));

  app
    .command('info')
    .description('everything known about an app')
    .argument('<name>', 'the app', appName)
    .addOption(option.json())
    .action(later(async () => (await import('./commands/list')).info));

  app
    .command('files')
    .description('list what the overlay of an app holds, or all files of its base')
    .argument('<name>', 'the app', appName)
    .addOption(new Option('--base', 'the base instead of the overlay'))
    .addOption(
      new Option(
        '--by <group>',
        'what the overlay holds, by package: from which version to which, how many files, and their size',
      )
        .choices(['package'])
        .conflicts('base'),
    )
    .addOption(option.json())
    .action(later(async () => (await import('./commands/files')).files));

  app
    .command('check')
    .description('ask the registries which apps have a newer image')
    .argument('[names...]', 'the apps (default: all)', collectName)
    .addOption(option.json())
    .action(later(async () => (await import('./commands/check')).check));

  app
    .command('rm')
    .description('remove an app with its _config and _sigs')
    .argument('<name>', 'the app', appName)
    .addOption(
      new Option('--with-dependants', 'remove the apps that extend it, too, all at once').conflicts('force'),
    )
    .addOption(new Option('--force', 'remove it alone, even if others extend it: they have no base then'))
    .addOption(option.json())
    .action(later(async () => (await import('./commands/remove')).remove));

  addSigCommands(program);
  addObjectsCommands(program);
  addDeviceCommands(program);

  // Commander's own one takes a single word: of `help app add` it shows the help of `app`.
  program.helpCommand(false);
  program
    .command('help')
    .description('display help for command')
    .argument('[command...]')
    .action((names: readonly string[]) => subcommand(program, names).help());
  return program;
}

/** @throws CommanderError when there is neither a name nor `--all`, or both. */
function requireNameOrAll(command: Command): void {
  const isAll = command.getOptionValue('all') === true;
  if (isAll !== command.args.length > 0) return;
  command.error(
    isAll
      ? "error: argument 'name' cannot be used with option '--all'"
      : "error: missing required argument 'name', or option '--all'",
    { exitCode: 2 },
  );
}

/** Whoever leaves it out may mean to update. @throws CommanderError */
function requireDryRunForFormats(command: Command): void {
  if (command.getOptionValue('formats') !== true || command.getOptionValue('dryRun') === true) return;
  command.error("error: option '--formats' compares and installs nothing, so it needs option '--dry-run'", {
    exitCode: 2,
  });
}

/** By its path. @throws CommanderError when there is none. */
function subcommand(program: Command, names: readonly string[]): Command {
  return names.reduce(
    (within, name) =>
      within.commands.find((one) => one.name() === name) ??
      within.error(`error: unknown command '${name}'`, { exitCode: 2 }),
    program,
  );
}
