import { type Command, Option } from 'commander';
import { option } from '../options';
import { later } from './later';

/** `pvx objects …`: the store of what was committed, which pvr has no commands for. */
export function addObjectsCommands(program: Command): void {
  const objects = program
    .command('objects')
    .description('look after the content of committed files, which pvr and other checkouts share');

  objects
    .command('check')
    .description('read all objects, and tell which are damaged, and which a checkout misses')
    .addOption(new Option('--repair', 'put those right whose content a checkout still has'))
    .addOption(store())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/objects')).check));

  objects
    .command('gc')
    .description(
      'remove what pvx itself has added, no checkout names that it has seen, and nobody has needed for 30 days',
    )
    .addOption(new Option('--dry-run', 'say what would go, and remove nothing'))
    .addOption(new Option('--force', 'take checkouts for gone that cannot be looked at'))
    .addOption(store())
    .addOption(option.json())
    .action(later(async () => (await import('../commands/objects')).clear));
}

function store(): Option {
  return new Option('-o, --objects <folder>', 'which store (default: that of the checkout)');
}
