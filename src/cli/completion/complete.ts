import type { Command, Option } from 'commander';

/** What else than the grammar there is to choose from. Whatever can't be read is nothing to choose from. */
export interface Choices {
  apps(): Promise<readonly string[]>;
  devices(): Promise<readonly string[]>;
  /** References of images that src.json files name. */
  images(): Promise<readonly string[]>;
  topics(): readonly string[];
}

export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/**
 * What the last of these words can become; nothing where a file is meant, which shells complete themselves.
 *
 * @param words what was typed behind the program's name; the last one is the one to complete, and may be empty.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  choices: Choices,
): Promise<readonly Candidate[]> {
  const typed = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const { command, positionals, pending, isOver } = positionIn(program, typed);
  const [, optionName, value] = isOver ? [] : (/^(--[a-z0-9-]+)=(.*)$/s.exec(last) ?? []);
  if (optionName !== undefined && value !== undefined) {
    const values = await valuesOf(optionOf(command, optionName), choices);
    return startingWith(
      last,
      values.map(({ word, description }) => ({ word: `${optionName}=${word}`, description })),
    );
  }
  if (pending !== undefined) return startingWith(last, await valuesOf(pending, choices));
  if (last.startsWith('-') && !isOver) return startingWith(last, optionsOf(command));
  const visible = command.createHelp().visibleCommands(command);
  if (positionals === 0 && visible.length > 0) {
    const verbs = visible.map((one) => ({ word: one.name(), description: one.description() }));
    return startingWith(last, verbs);
  }
  return startingWith(last, await argumentsOf(command, positionals, choices));
}

interface Position {
  readonly command: Command;
  /** How many words stand there that are no options, nor verbs. */
  readonly positionals: number;
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  /** `--` stands there: no options any more. */
  readonly isOver: boolean;
}

function positionIn(program: Command, typed: readonly string[]): Position {
  let position: Position = { command: program, positionals: 0, pending: undefined, isOver: false };
  for (const word of typed) {
    const { command, positionals, pending, isOver } = position;
    const next =
      positionals === 0
        ? command.commands.find((one) => [one.name(), ...one.aliases()].includes(word))
        : undefined;
    if (pending !== undefined) position = { ...position, pending: undefined };
    else if (word === '--') position = { ...position, isOver: true };
    else if (word.startsWith('-') && !isOver) {
      const option = word.includes('=') ? undefined : optionOf(command, word);
      position = { ...position, pending: option?.required === true ? option : undefined };
    } else if (next !== undefined) position = { ...position, command: next };
    else position = { ...position, positionals: positionals + 1 };
  }
  return position;
}

function optionOf(command: Command, word: string): Option | undefined {
  return command.options.find(({ long, short }) => word === long || word === short || `-${word}` === long);
}

function optionsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', description }));
}

async function valuesOf(option: Option | undefined, choices: Choices): Promise<readonly Candidate[]> {
  if (option === undefined) return [];
  if (option.argChoices !== undefined) return plain(option.argChoices);
  switch (option.long ?? '') {
    case '--base':
    case '--part':
    case '--parts':
      return plain(await choices.apps());
    case '--from':
      return plain(await choices.images());
    case '--to':
    case '--canary':
      return plain(await choices.devices());
    case '--source':
      return plain(['remote', 'local', 'remote,local', 'archive:']);
    default:
      return [];
  }
}

/** Which arguments name what; those that aren't here are files, or new. */
async function argumentsOf(command: Command, index: number, choices: Choices): Promise<readonly Candidate[]> {
  const names = command.registeredArguments;
  const argument = names[index] ?? (names.at(-1)?.variadic === true ? names.at(-1) : undefined);
  const parent = command.parent?.name();
  switch (argument?.name() ?? '') {
    case 'command':
      return [...(await complete(rootOf(command), [''], choices)), ...plain(choices.topics())];
    case 'shell':
      return plain(argument?.argChoices ?? []);
    case 'app':
      return plain(await choices.apps());
    case 'name':
    case 'names':
      return (parent === 'app' && command.name() !== 'add') || parent === 'sig'
        ? plain(await choices.apps())
        : [];
    case 'device':
    case 'from':
    case 'to':
      return plain(await choices.devices());
    default:
      return [];
  }
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

function plain(words: readonly string[]): readonly Candidate[] {
  return words.map((word) => ({ word, description: '' }));
}

function startingWith(start: string, candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ word }) => {
    const isNew = !seen.has(word);
    seen.add(word);
    return isNew && word !== '' && word.startsWith(start);
  });
}
