import type { Command, ImageConfig } from './image-config';

/**
 * What stands behind `lxc.init.cmd =`, byte for byte as pvr writes it: the first word bare, the others in
 * quotes; the words of `Cmd` behind an `Entrypoint` without a space between them, which the device reads as
 * separate words all the same. An `Entrypoint` that is a string hides `Cmd`.
 */
export function initCommand({ entrypoint, cmd }: ImageConfig): string {
  if (typeof entrypoint === 'string') return ` ${entrypoint}`;
  if (entrypoint.length === 0) return cmd.length === 0 ? ' /sbin/init' : commandLine(cmd);
  const behind = typeof cmd === 'string' ? [cmd] : cmd;
  return commandLine(entrypoint) + (behind.length === 0 ? '' : ` ${behind.map(inQuotes).join('')}`);
}

/**
 * How the container will not be started as docker would start it, for a person to know; undefined when it
 * will.
 */
export function initCommandWarning(image: ImageConfig): string | undefined {
  const { entrypoint, cmd } = image;
  if (typeof entrypoint === 'string') {
    return cmd.length > 0 ? 'the Entrypoint is a string, so that the Cmd is not passed to it' : undefined;
  }
  if (entrypoint.length === 0 && typeof cmd === 'string') return undefined;
  const wanted = [...entrypoint, ...(typeof cmd === 'string' ? [cmd] : cmd)];
  const words = wordsOnDevice(initCommand(image));
  const same = words.length === wanted.length && words.every((word, index) => word === wanted[index]);
  return same || wanted.length === 0
    ? undefined
    : 'the command has a word that lxc.container.conf cannot express (a quote in a word, an empty word, or ' +
        'a space in the program name), so that the device splits it differently than docker';
}

function commandLine(command: Command): string {
  if (typeof command === 'string') return ` ${command}`;
  const [program = '', ...words] = command;
  return program === '' ? '' : ` ${program}${words.map((word) => ` ${inQuotes(word)}`).join('')}`;
}

function inQuotes(word: string): string {
  return `"${word}"`;
}

/** Splits a command as LXC does (lxc_string_split_quoted): quotes open a word only where a word begins. */
function wordsOnDevice(line: string): string[] {
  return [...line.matchAll(/"([^"]*)(?:"|$)|'([^']*)(?:'|$)|([^\s"'][^\s]*)/g)]
    .map(([, doubleQuoted, singleQuoted, bare]) => doubleQuoted ?? singleQuoted ?? bare ?? '')
    .filter((word) => word !== '');
}
