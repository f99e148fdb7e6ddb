import { homedir } from 'node:os';

/** What the outside world says about registries, docker and credentials; a value, so that tests can pass their own. */
export interface ImageEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly platform: NodeJS.Platform;
}

export function processEnvironment(): ImageEnvironment {
  return { env: process.env, homeDirectory: homedir(), platform: process.platform };
}
