import { InvalidArgumentError, Option } from 'commander';

/** Options that several commands share; each call makes a new one, since commander ties an option to its command. */
export const option = {
  json: () => new Option('--json', 'print one JSON document instead of text'),
  from: () => new Option('--from <reference>', 'the image, e.g. nginx:1.27 or registry.example/team/app:v2'),
  source: () =>
    new Option(
      '--source <sources>',
      'where to look for the image, in order: remote, local (docker), archive:PATH (docker save or OCI layout)',
    ),
  platform: () =>
    new Option('--platform <platform>', 'the platform of a multi-platform image, e.g. linux/arm/v7'),
  workers: () =>
    new Option('--workers <count>', 'threads that compress (default: one per core)').argParser(wholeNumber),
};

/** The name of an app; shells complete that of its folder with a slash. */
export function appName(text: string): string {
  return text.replace(/\/+$/, '');
}

/** For an option that may be given several times: each value is added to those before. */
export function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
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

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 to 999.');
  return Number(text);
}
