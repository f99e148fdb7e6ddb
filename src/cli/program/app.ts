import { type Command, Option } from 'commander';
import { runlevels } from '../../core/checkout/manifests/groups';
import { restartPolicies, statusGoals } from '../../core/checkout/manifests/run-manifest';
import { option } from '../options';
import { appName, collectArgument, collectName, collectVolume, newAppName } from './app-values';
import { withBudget } from './budget-options';
import { fromVariable, switchedByVariable } from './from-variable';
import { imageOption, requireReference, withLogin, withProgress } from './image-options';
import { later } from './later';

/** The commands for apps, with pvr's short names and variables. */
export function addAppCommands(program: Command): void {
  const app = program.command('app').alias('ap').description('add, update and look into apps');
  withProgress(withLogin(app.command('add')))
    .alias('aa')
    .description(
      'add an app from an image, a root file system or another checkout; with --base, as an overlay over another app',
    )
    .argument('<name>', 'the new app, a folder name', newAppName)
    .addOption(imageOption.from('PVR_FROM').makeOptionMandatory())
    .addOption(imageOption.type())
    .hook('preAction', requireReference)
    .addOption(
      new Option('--base <app>', 'the app to extend: the new one holds only what differs from it')
        .env('PVR_APP_ADD_BASE')
        .argParser(appName),
    )
    .addOption(
      new Option(
        '--base-group <group>',
        'with --base: put that app into this group, so that a device starts it first',
      ),
    )
    .addOption(imageOption.source())
    .addOption(imageOption.platform())
    .addOption(
      new Option('--group <group>', 'the group of containers it belongs to; with --base, the last one').env(
        'PVR_GROUP',
      ),
    )
    .addOption(
      new Option('--runlevel <level>', 'what groups were called before')
        .env('PVR_RUNLEVEL')
        .choices(runlevels)
        .conflicts('group'),
    )
    .addOption(
      new Option('--status-goal <goal>', 'what it must reach to count as up')
        .env('PVR_STATUS_GOAL')
        .choices(statusGoals),
    )
    .addOption(
      new Option('--restart-policy <policy>', 'what a change restarts')
        .env('PVR_RESTART_POLICY')
        .choices(restartPolicies),
    )
    .addOption(
      new Option(
        '--volume <path:persistence>',
        'keep a folder: permanent, revision or boot; may be given several times',
      )
        .argParser(collectVolume)
        .default([], 'none'),
    )
    .hook('preAction', fromVariable('volume', 'PVR_PERSISTENCE_VOLUME', collectVolume))
    .addOption(
      new Option('--arg <key=value>', 'an argument of the container template; may be given several times')
        .argParser(collectArgument)
        .default({}, 'none'),
    )
    .hook('preAction', fromVariable('arg', 'PVR_TEMPLATE_ARG', collectArgument))
    .addOption(
      new Option(
        '--arg-json <file>',
        'arguments of the template as a JSON object, which may hold lists; those of --arg win',
      ),
    )
    .addOption(imageOption.configJson())
    .addOption(new Option('--force', 'take the place of an app of this name, of which nothing stays'))
    .addOption(
      new Option(
        '-o, --format-options <options>',
        'mksquashfs options for the files made, e.g. "-comp zstd -b 256K"',
      ).env('PVR_FORMAT_OPTIONS'),
    )
    .addOption(imageOption.workers())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/build')).add));

  withBudget(withProgress(withLogin(app.command('update'))))
    .alias('au')
    .description(
      "build an app's newer image, or what else it is made from: as a patch where it has one, else as a new base",
    )
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
    .hook('preAction', switchedByVariable('patch', 'PVR_APP_UPDATE_PATCH', 'newbase'))
    .hook('preAction', switchedByVariable('newbase', 'PVR_APP_UPDATE_PATCH_CLEAN', 'patch'))
    .addOption(
      new Option(
        '--base <app>',
        'with --patch: the app whose base it is built on, which src.json has to name',
      )
        .argParser(appName)
        .conflicts(['newbase', 'all']),
    )
    .addOption(imageOption.from('PVR_APP_FROM'))
    .addOption(imageOption.type().conflicts('all'))
    .addOption(imageOption.configJson().conflicts('all'))
    .hook('preAction', requireReference)
    .addOption(imageOption.source())
    .addOption(imageOption.platform())
    .addOption(new Option('--dry-run', 'build and weigh it, but install nothing'))
    .addOption(
      new Option(
        '--formats',
        'with --dry-run: pack it in all forms worth a look, and compare them in bytes and in what they ask of a device',
      ).conflicts('all'),
    )
    .addOption(imageOption.workers())
    .addOption(option.json())
    .hook('preAction', requireNameOrAll)
    .hook('preAction', requireDryRunForFormats)
    .action(later(async () => (await import('../commands/build')).update));

  withProgress(withLogin(app.command('install')))
    .alias('ai')
    .description('make what an app lacks from its src.json: run.json, lxc.container.conf, squashfs files')
    .argument('<name>', 'the app', appName)
    .addOption(
      new Option('--base <app>', 'the app that it extends, which src.json has to name').argParser(appName),
    )
    .addOption(imageOption.type())
    .addOption(imageOption.source())
    .addOption(imageOption.workers())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/build')).install));

  withBudget(app.command('ls'))
    .alias('l')
    .description('list the apps with their sizes and states')
    .addOption(new Option('-q, --quiet', 'only their names, a line each'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/list')).list));

  app
    .command('info')
    .alias('i')
    .description('print src.json, as pvr does, or all that is known about an app')
    .argument('<name>', 'the app', appName)
    .addOption(new Option('--table', 'all that is known about it'))
    .addOption(new Option('--json', 'the same as one JSON document').conflicts('table'))
    .action(later(async () => (await import('../commands/list')).info));

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
    .action(later(async () => (await import('../commands/files')).files));

  app
    .command('check')
    .description('ask the registries which apps have a newer image')
    .argument('[names...]', 'the apps (default: all)', collectName)
    .addOption(option.json())
    .action(later(async () => (await import('../commands/check')).check));

  app
    .command('rm')
    .alias('r')
    .description('remove an app with its _config and _sigs')
    .argument('<name>', 'the app', appName)
    .addOption(
      new Option('--with-dependants', 'remove the apps that extend it, too, all at once').conflicts('force'),
    )
    .addOption(new Option('--force', 'remove it alone, even if others extend it: they have no base then'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/remove')).remove));
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
