import { type Command, InvalidArgumentError } from 'commander';

/**
 * What pvr's variable gives for an option of many values, which are separated by commas there, where none was typed. For
 * `hook('preAction', …)`: commander's own reading of variables knows no lists.
 */
export function fromVariable<Collected>(
  attribute: string,
  variable: string,
  collect: (text: string, earlier: Collected) => Collected,
): (command: Command) => void {
  return (command) => {
    const text = process.env[variable];
    if (!text || command.getOptionValueSource(attribute) !== 'default') return;
    try {
      const none = command.getOptionValue(attribute) as Collected;
      const values = text.split(',').reduce((earlier, each) => collect(each, earlier), none);
      command.setOptionValueWithSource(attribute, values, 'env');
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      command.error(`error: ${variable} is ${JSON.stringify(text)}. ${error.message}`, { exitCode: 2 });
    }
  };
}

/** As Go's strconv.ParseBool reads them, and so pvr. */
const truths = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False', ''].map((text) => [text, false] as const),
]);

/** The same for a switch; what was typed, also for the one that excludes it, wins. */
export function switchedByVariable(
  attribute: string,
  variable: string,
  excludedBy: string,
): (command: Command) => void {
  return (command) => {
    const text = process.env[variable];
    const isTyped = [attribute, excludedBy].some((one) => command.getOptionValue(one) !== undefined);
    if (text === undefined || isTyped) return;
    const isOn = truths.get(text);
    if (isOn === undefined)
      command.error(`error: ${variable} is ${JSON.stringify(text)}. Write 1 or 0.`, { exitCode: 2 });
    if (isOn) command.setOptionValueWithSource(attribute, true, 'env');
  };
}
