import type { Command } from 'commander';
import type { HelpBlock, HelpTopic } from './topics';

/** The manual of a program in man(7)'s macros: its commands with what they take, and the topics. */
export function manPage(program: Command, version: string, topics: readonly HelpTopic[]): string {
  return [
    `.TH PVX 1 "" "pvx ${version}" "User Commands"`,
    '.SH NAME',
    `pvx \\- ${roff(program.description().replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    '.B pvx',
    '.I command',
    '[\\fIoptions\\fR]',
    '.SH COMMANDS',
    ...leavesOf(program).flatMap(describeCommand),
    ...topics.flatMap(({ title, blocks }) => [
      `.SH ${roff(title.toUpperCase())}`,
      ...blocks.flatMap(describeBlock),
    ]),
    '',
  ].join('\n');
}

/** Commands that do something, in the order of the help. */
function leavesOf(command: Command): readonly Command[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.flatMap((one) => (one.commands.length === 0 ? [one] : leavesOf(one)));
}

function describeCommand(command: Command): readonly string[] {
  const help = command.createHelp();
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help');
  const takes = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? name : `[${name}]`;
  });
  return [
    `.SS "${roff([...names, ...takes].join(' '))}"`,
    roff(sentence(command.description())),
    ...(command.aliases().length === 0 ? [] : [`Also: ${roff(command.aliases().join(', '))}.`]),
    ...help
      .visibleArguments(command)
      .flatMap((argument) => [
        '.TP',
        `.I ${roff(argument.name())}`,
        roff(help.argumentDescription(argument)),
      ]),
    ...options.flatMap((option) => [
      '.TP',
      `.B "${roff(option.flags)}"`,
      roff(help.optionDescription(option)),
    ]),
  ];
}

function describeBlock(block: HelpBlock): readonly string[] {
  if ('text' in block) return ['.PP', roff(block.text)];
  if ('lines' in block) return ['.PP', '.nf', ...block.lines.map(roff), '.fi'];
  return block.terms.flatMap(([term, meaning]) => ['.TP', `.B "${roff(term)}"`, roff(meaning)]);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Text as it is, whatever roff would make of it. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll('…', '...')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('’', "'")
    .replace(/^([.'])/, '\\&$1');
}
