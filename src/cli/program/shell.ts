import { Argument, type Command } from 'commander';
import { shells } from '../completion/scripts';
import { later } from './later';

/** What a shell wants of the program. */
export function addShellCommands(program: Command): void {
  program
    .command('completion')
    .alias('com')
    .description('print what makes a shell complete verbs, options, apps, devices and images')
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .action(later(async () => (await import('../commands/completion')).printScript));
}
