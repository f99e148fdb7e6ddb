import { Command, Option } from 'commander';

const inOrderOfHelp: readonly (() => Promise<(program: Command) => void>)[] = [
  async () => (await import('./program/revision')).addRevisionCommands,
  async () => (await import('./program/app')).addAppCommands,
  async () => (await import('./program/sig')).addSigCommands,
  async () => (await import('./program/objects')).addObjectsCommands,
  async () => (await import('./program/devices')).addDeviceCommands,
  async () => (await import('./program/shell')).addShellCommands,
  async () => (await import('./program/pvr-verbs')).addPvrVerbs,
];

/**
 * The command line, in pvr's grammar: `pvx app add NAME --from REF`. Each action gets its own options only; what it does
 * is in the file of its name in commands/.
 *
 * Parsing throws a CommanderError where the program should end: after an error, which it has told by then, and after help.
 *
 * @param words what was typed. Commands are made, which takes longer than most run, until the one that they begin with is among them;
 *   without one, as for help and typing errors, all are.
 */
export async function makeProgram(version: string, words: readonly string[]): Promise<Command> {
  const program = new Command('pvx')
    .description('Manage the apps of a Pantavisor checkout: patches, new bases and extension apps.')
    .version(version, '-v, --version')
    // pvr's, which scripts give; there is nothing more to be told.
    .addOption(new Option('-d, --debug').hideHelp())
    // A short option may mean one thing before a verb and another behind it, as pvr's -p of sig does.
    .enablePositionalOptions()
    // These three are handed down to commands, but only to those that are made after them.
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'pvx: ')) })
    .addHelpText(
      'after',
      '\nRun it inside a checkout. pvx help topics lists what else there is to read: exit codes, environment, …',
    );

  for (const add of inOrderOfHelp) {
    (await add())(program);
    if (program.commands.some((one) => [one.name(), ...one.aliases()].includes(words[0] ?? ''))) break;
  }

  // Commander's own one takes a single word: of `help app add` it shows the help of `app`.
  program.helpCommand(false);
  program
    .command('help')
    .description('display help for a command, or read about a topic (pvx help topics)')
    .argument('[command...]', 'a command, or a topic')
    .action(async (names: readonly string[]) => {
      const { helpTopics } = await import('./manual/topics');
      const { helpPage, topicList } = await import('./manual/help-page');
      const typed = names.join('-').toLowerCase();
      const topic = helpTopics.find(({ name }) => name === typed);
      if (typed === 'topics') process.stdout.write(`${topicList(helpTopics)}\n`);
      else if (topic !== undefined) process.stdout.write(helpPage(topic));
      else subcommand(program, names).help();
    });
  return program;
}

/** What was typed with one dash, as Go's flags, and so pvr's, may be: `-patch`, `-from=nginx`. Others stay as they are. */
export function withTwoDashes(program: Command, words: readonly string[]): readonly string[] {
  let command = program;
  let isOver = false;
  return words.map((word) => {
    const next = command.commands.find((one) => [one.name(), ...one.aliases()].includes(word));
    if (next !== undefined) command = next;
    isOver ||= word === '--';
    const [, name] = /^-([a-z][a-z-]+)(?:=|$)/.exec(word) ?? [];
    const isLong = name !== undefined && command.options.some(({ long }) => long === `--${name}`);
    return isLong && !isOver ? `-${word}` : word;
  });
}

/** By its path. @throws CommanderError when there is none. */
function subcommand(program: Command, names: readonly string[]): Command {
  return names.reduce(
    (within, name) =>
      within.commands.find((one) => [one.name(), ...one.aliases()].includes(name)) ??
      within.error(`error: unknown command '${name}'; pvx help topics lists what else there is to read`, {
        exitCode: 2,
      }),
    program,
  );
}
