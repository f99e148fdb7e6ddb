import { type Command, InvalidArgumentError, Option } from 'commander';
import { type SourceKind, sourceKinds } from '../../core/checkout/manifests/source-manifest';
import { parsePlatform } from '../../core/image/platform';
import { parseReference } from '../../core/image/reference';
import { parseSources } from '../../core/image/source-list';
import { requireImageReference } from '../../core/image/image-reference';
import { understood, wholeNumber } from './app-values';

/** Where an image comes from, and how it is packed; with pvr's variables. */
export const imageOption = {
  /** @param variable pvr has another one for each command. See {@link requireReference}. */
  from: (variable: 'PVR_FROM' | 'PVR_APP_FROM') =>
    new Option(
      '--from <reference>',
      'the image, e.g. nginx:1.27 or registry.example/team/app:v2; what it is of another --type, see there',
    ).env(variable),
  type: () =>
    new Option(
      '-t, --type <type>',
      'what the app is made from. docker: an image; rootfs: a root file system (a folder, a tar archive in any compression, a SquashFS file, or the address of one); pvr: an app of another checkout, an export or a device, REF#APP',
    )
      .env('PVR_SOURCE_TYPE')
      // pvr takes an empty one for none.
      .argParser((text) => (text === '' ? undefined : sourceType(text))),
  configJson: () =>
    new Option(
      '--config-json <file>',
      "a JSON object in place of what an image says of its program, such as Entrypoint, Cmd, Env and Volumes; an image's own other keys stay",
    ).env('PVR_CONFIG_JSON'),
  source: () =>
    new Option(
      '--source <sources>',
      'where to look for the image, in order: remote, local (docker), archive:PATH (docker save or OCI layout; comes last: all that follows is its path)',
    )
      .env('PVR_SOURCE')
      .argParser((text) => understood(text, parseSources)),
  platform: () =>
    new Option('--platform <platform>', 'the platform of a multi-platform image, e.g. linux/arm/v7')
      .env('PVR_PLATFORM')
      // An empty one is none, for pvr too: the checkout's own platforms count.
      .argParser((text) => (text === '' ? text : understood(text, parsePlatform))),
  workers: () =>
    new Option('--workers <count>', 'threads that compress (default: one per core)').argParser(wholeNumber),
};

function sourceType(text: string): SourceKind {
  const type = sourceKinds.find((one) => one === text);
  if (type !== undefined) return type;
  throw new InvalidArgumentError(`Allowed choices are ${sourceKinds.join(', ')}.`);
}

/**
 * For `hook('preAction', …)`: what is no name of an image is wrong usage, unless it is, or may be, something else.
 *
 * @throws CommanderError
 */
export function requireReference(command: Command): void {
  const { from, type } = command.opts<{ readonly from?: string; readonly type?: SourceKind }>();
  if (from === undefined || (type ?? 'docker') !== 'docker') return;
  // An app of another checkout is updated so without its type, too.
  if (type === undefined && command.name() === 'update' && /[#/]/.test(from)) return;
  try {
    understood(from, (text) => {
      requireImageReference(text);
      parseReference(text);
    });
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    command.error(`error: option '--from <reference>' argument '${from}' is invalid. ${error.message}`, {
      exitCode: 2,
    });
  }
}

/** How a command that takes its time tells of that, on stderr. */
export function withProgress(command: Command): Command {
  return command
    .addOption(new Option('-q, --quiet', 'tell of no progress').implies({ progress: 'none' }))
    .addOption(
      new Option('--progress <form>', 'tell of progress as JSON lines, or not at all').choices([
        'json',
        'none',
      ]),
    );
}

/** How to log in to the registry, where docker's own logins don't do. */
export function withLogin(command: Command): Command {
  return command
    .addOption(
      new Option('-u, --username <name>', 'who logs in to the registry').env('PVR_REGISTRY_USERNAME'),
    )
    .addOption(
      new Option(
        '-p, --password [password]',
        'ask for the password; one that is given here shows up in lists of processes, unlike one in PVR_REGISTRY_PASSWORD',
      ).conflicts('passwordStdin'),
    )
    .addOption(new Option('--password-stdin', 'read the password from stdin'));
}
