import { type Command, InvalidArgumentError, Option } from 'commander';
import { checkAppName } from '../../core/checkout/app-name';
import { restartPolicies, statusGoals } from '../../core/checkout/manifests/run-manifest';
import { parseVolumes } from '../../core/checkout/manifests/volumes';
import { parsePlatform } from '../../core/image/platform';
import { parseReference } from '../../core/image/reference';
import { parseSources } from '../../core/image/source-list';
import { Problem } from '../../core/problem';
import { inTerminalWords } from '../../core/remedy';
import { option } from '../options';
import { later } from './later';

/** The commands for apps. */
export function addAppCommands(program: Command): void {
  const app = program.command('app').alias('ap').description('add, update and look into apps');
  app
    .command('add')
    .description('add an app from an image; with --base, as an overlay over another app')
    .argument('<name>', 'the new app, a folder name', newAppName)
    .addOption(imageOption.from().makeOptionMandatory())
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
    .addOption(imageOption.source())
    .addOption(imageOption.platform())
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
    .addOption(imageOption.workers())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/build')).add));

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
    .addOption(imageOption.from())
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

  app
    .command('install')
    .description('make what an app lacks from its src.json: run.json, lxc.container.conf, squashfs files')
    .argument('<name>', 'the app', appName)
    .addOption(imageOption.source())
    .addOption(imageOption.workers())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/build')).install));

  app
    .command('ls')
    .description('list the apps with their sizes and states')
    .addOption(option.json())
    .action(later(async () => (await import('../commands/list')).list));

  app
    .command('info')
    .description('everything known about an app')
    .argument('<name>', 'the app', appName)
    .addOption(option.json())
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
    .description('remove an app with its _config and _sigs')
    .argument('<name>', 'the app', appName)
    .addOption(
      new Option('--with-dependants', 'remove the apps that extend it, too, all at once').conflicts('force'),
    )
    .addOption(new Option('--force', 'remove it alone, even if others extend it: they have no base then'))
    .addOption(option.json())
    .action(later(async () => (await import('../commands/remove')).remove));
}

/** Where an image comes from, and how it is packed. */
const imageOption = {
  from: () =>
    new Option('--from <reference>', 'the image, e.g. nginx:1.27 or registry.example/team/app:v2').argParser(
      (text) => understood(text, parseReference),
    ),
  source: () =>
    new Option(
      '--source <sources>',
      'where to look for the image, in order: remote, local (docker), archive:PATH (docker save or OCI layout; comes last: all that follows is its path)',
    ).argParser((text) => understood(text, parseSources)),
  platform: () =>
    new Option(
      '--platform <platform>',
      'the platform of a multi-platform image, e.g. linux/arm/v7',
    ).argParser(
      // An empty one is none, for pvr too: the checkout's own platforms count.
      (text) => (text === '' ? text : understood(text, parsePlatform)),
    ),
  workers: () =>
    new Option('--workers <count>', 'threads that compress (default: one per core)').argParser(wholeNumber),
};

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

/** The name of an app; shells complete that of its folder with a slash. */
function appName(text: string): string {
  const name = text.replace(/\/+$/, '');
  if (name === '') throw new InvalidArgumentError('Give the name of an app.');
  return name;
}

/** The name of an app that is about to be added. */
function newAppName(text: string): string {
  return understood(appName(text), checkAppName);
}

/** Values of `--volume`, each checked with those before, which it can clash with. */
function collectVolume(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, understood(text, () => parseVolumes([...earlier, text]))];
}

/** Names of apps, for a command that takes several; one that is given twice is meant once. */
export function collectName(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...new Set([...earlier, appName(text)])];
}

/** `KEY=VALUE` pairs, collected into an object. */
function collectArgument(
  text: string,
  earlier: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const separator = text.indexOf('=');
  if (separator <= 0) throw new InvalidArgumentError('Write it as KEY=VALUE.');
  return { ...earlier, [text.slice(0, separator)]: text.slice(separator + 1) };
}

/**
 * The text, once the core's own parser has taken it: what it refuses is wrong usage, which is told before anything is tried.
 * The core parses it again, as it does what comes from elsewhere.
 */
function understood(text: string, parse: (text: string) => unknown): string {
  try {
    parse(text);
    return text;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { found, remedy } = error;
    throw new InvalidArgumentError(
      `${found.charAt(0).toUpperCase()}${found.slice(1)}. ${inTerminalWords(remedy)}.`,
    );
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 to 999.');
  return Number(text);
}
