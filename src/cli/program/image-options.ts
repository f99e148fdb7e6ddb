import { type Command, Option } from 'commander';
import { parsePlatform } from '../../core/image/platform';
import { parseReference } from '../../core/image/reference';
import { parseSources } from '../../core/image/source-list';
import { understood, wholeNumber } from './app-values';

/** Where an image comes from, and how it is packed; with pvr's variables. */
export const imageOption = {
  /** @param variable pvr has another one for each command. */
  from: (variable: 'PVR_FROM' | 'PVR_APP_FROM') =>
    new Option('--from <reference>', 'the image, e.g. nginx:1.27 or registry.example/team/app:v2')
      .env(variable)
      .argParser((text) => understood(text, parseReference)),
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
