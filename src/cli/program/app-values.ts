import { InvalidArgumentError } from 'commander';
import { checkAppName } from '../../core/checkout/app-name';
import { parseVolumes } from '../../core/checkout/manifests/volumes';
import { Problem } from '../../core/problem';
import { inTerminalWords } from '../../core/remedy';

/** The name of an app; shells complete that of its folder with a slash. */
export function appName(text: string): string {
  const name = text.replace(/\/+$/, '');
  if (name === '') throw new InvalidArgumentError('Give the name of an app.');
  return name;
}

/** The name of an app that is about to be added. */
export function newAppName(text: string): string {
  return understood(appName(text), checkAppName);
}

/** Values of `--volume`, each checked with those before, which it can clash with. */
export function collectVolume(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, understood(text, () => parseVolumes([...earlier, text]))];
}

/** Names of apps, for a command that takes several; one that is given twice is meant once. */
export function collectName(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...new Set([...earlier, appName(text)])];
}

/** `KEY=VALUE` pairs, collected into an object. */
export function collectArgument(
  text: string,
  earlier: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const separator = text.indexOf('=');
  if (separator <= 0) throw new InvalidArgumentError('Write it as KEY=VALUE.');
  return { ...earlier, [text.slice(0, separator)]: text.slice(separator + 1) };
}

/**
 * The text, once the core's own parser has taken it: what it refuses is wrong usage, which is told before anything is tried.
 * The core parses it again, as it does what comes from elsewhere.
 */
export function understood(text: string, parse: (text: string) => unknown): string {
  try {
    parse(text);
    return text;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { found, remedy } = error;
    throw new InvalidArgumentError(
      `${found.charAt(0).toUpperCase()}${found.slice(1)}. ${inTerminalWords(remedy)}.`,
    );
  }
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 to 999.');
  return Number(text);
}
