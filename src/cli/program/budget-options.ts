import { type Command, InvalidArgumentError, Option } from 'commander';
import { shareExample, sizeExample } from '../../core/budget/amounts';
import { type Measure, parseLimit, type Rule } from '../../core/budget/rules';
import { appName } from './app-values';

/** The limits that weights are held to for this once, and where the weights are reported. */
export function withBudget(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--max-download <[app=]size>',
        'what a device may have to download, for all or for an app; broken, the command ends with 4',
      ).argParser(collectRule('download')),
    )
    .addOption(
      new Option(
        '--max-overlay <[app=]size>',
        'what the overlay of each app, or of one, may weigh; the same',
      ).argParser(collectRule('overlay')),
    )
    .addOption(
      new Option(
        '--max-share <[app=]percent>',
        'how much of its base the overlay of each app, or of one, may weigh; the same',
      ).argParser(collectRule('share')),
    )
    .addOption(new Option('--junit <file>', 'write the weights, and which limits are broken, as JUnit XML'))
    .addOption(new Option('--markdown <file>', 'write them as a table, for a comment'));
}

function collectRule(measure: Measure) {
  return (text: string, earlier: readonly Rule[] = []): readonly Rule[] => {
    const at = text.lastIndexOf('=');
    const app = at < 0 ? undefined : appName(text.slice(0, at));
    const limit = parseLimit(measure, text.slice(at + 1));
    if (limit === undefined)
      throw new InvalidArgumentError(
        `Give ${measure === 'share' ? shareExample : sizeExample}, after APP= if it is for one app.`,
      );
    return [...earlier.filter((rule) => rule.app !== app), { measure, app, limit, from: 'given' }];
  };
}
