import { homedir } from 'node:os';

/** What the outside world says of hosts, programs and credentials; a value, so that tests can pass their own. */
export interface ProcessEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly platform: NodeJS.Platform;
}

export function processEnvironment(): ProcessEnvironment {
  return { env: process.env, homeDirectory: homedir(), platform: process.platform };
}

/** The value of the first of these variables that is set; an empty one counts as unset. */
export function variable({ env }: ProcessEnvironment, ...names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
}
