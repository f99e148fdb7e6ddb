/**
 * What to do about something, as data: prose, and between it the {@link Way}s that a terminal and an editor have different words
 * for. It goes over wires as it is; whoever shows it says it with {@link sayRemedy}.
 */
export type Remedy = string | readonly (string | Way)[];

/** Something that can be done here: a command, an option or a setting. */
export type Way = ReturnType<(typeof way)[keyof typeof way]>;

/** Each way, declared once; its kind is its name. An app is undefined where any could be meant. */
export const way = {
  /** Builds what an app lacks, from its src.json. */
  install: (app: string) => ({ kind: 'install', app }) as const,
  /** Brings an app up to date as it was made. */
  update: (app: string) => ({ kind: 'update', app }) as const,
  patch: (app?: string) => ({ kind: 'patch', app }) as const,
  newBase: (app: string) => ({ kind: 'newBase', app }) as const,
  listBase: (app: string) => ({ kind: 'listBase', app }) as const,
  listApps: () => ({ kind: 'listApps' }) as const,
  /** Makes a folder a checkout. */
  init: () => ({ kind: 'init' }) as const,
  /** Says of one build which platform it is for. */
  platform: () => ({ kind: 'platform' }) as const,
  /** The same, or of the app for good. */
  platformOfApp: () => ({ kind: 'platformOfApp' }) as const,
  /** Adds an app as an extension of another. */
  extend: (base: string) => ({ kind: 'extend', base }) as const,
  /** Puts the base of a new extension into another group. */
  moveBase: (group: string) => ({ kind: 'moveBase', group }) as const,
  /** Removes an app with those that extend it. */
  withDependants: () => ({ kind: 'withDependants' }) as const,
  /** Removes an app alone. */
  force: () => ({ kind: 'force' }) as const,
  /** @param host undefined: Docker Hub. */
  logIn: (host: string | undefined) => ({ kind: 'logIn', host }) as const,
  /** A verb of revisions. */
  revision: (verb: 'status' | 'checkout' | 'export' | 'sig add') => ({ kind: 'revision', verb }) as const,
  /** Makes signatures anew over the last commit. */
  signAgain: () => ({ kind: 'signAgain' }) as const,
  /** @param hub its address, without a path. */
  logInToHub: (hub: string) => ({ kind: 'logInToHub', hub }) as const,
  /** A verb of devices. */
  device: (verb: 'ps' | 'get' | 'clone' | 'post' | 'cancel' | 'claim' | 'revisions' | 'back') =>
    ({ kind: 'device', verb }) as const,
  /** Says whose parts count that two sides have changed. */
  prefer: () => ({ kind: 'prefer' }) as const,
  /** Names a key that signs, its certificates, or whom a device trusts. */
  signer: (what: keyof typeof signerOptions) => ({ kind: 'signer', what }) as const,
  /** Names an app's source as one of another kind. */
  from: (source: keyof typeof sourceOptions) => ({ kind: 'from', source }) as const,
  setting: (name: keyof typeof variables) => ({ kind: 'setting', name }) as const,
};

/** How somebody says the ways, each as a part of a sentence. */
export type WordsForWays = {
  readonly [Kind in Way['kind']]: (way: Extract<Way, { readonly kind: Kind }>) => string;
};

/** The settings that a remedy may name, as the environment variables that a terminal knows them by. */
const variables = {
  insecureRegistries: 'PVX_INSECURE_REGISTRIES',
  cacheDirectory: 'PVX_CACHE_DIR',
  dockerHost: 'DOCKER_HOST',
} as const;

const signerOptions = {
  key: 'with --key FILE, or in PVR_SIG_KEY',
  certificates: 'with --x5c FILE, or say --x5c no if devices have its public half',
  trusted: 'with --cacerts FILE, or public keys with --pubkey FILE',
} as const;

const sourceOptions = {
  image: 'with --type docker',
  archive: 'with --source archive:PATH, and the image in it --from NAME:TAG',
  rootfs: 'with --type rootfs',
  pvr: 'with --type pvr',
} as const;

/** Command lines, options and variables. */
const terminalWords: WordsForWays = {
  install: ({ app }) => `pvx app install ${app}`,
  update: ({ app }) => `pvx app update ${app}`,
  patch: ({ app }) => (app === undefined ? 'pvx app update --patch' : `pvx app update ${app} --patch`),
  newBase: ({ app }) => `pvx app update ${app} --newbase`,
  listBase: ({ app }) => `with pvx app files ${app} --base`,
  listApps: () => 'pvx app ls',
  init: () => 'pvx init',
  platform: () => 'with --platform',
  platformOfApp: () => 'with --platform, as docker_platform in src.json',
  extend: ({ base }) => `with --base ${base}`,
  moveBase: ({ group }) => `with --base-group ${group}`,
  withDependants: () => '--with-dependants',
  force: () => '--force',
  logIn: ({ host }) => (host === undefined ? 'docker login' : `docker login ${host}`),
  revision: ({ verb }) => `pvx ${verb}`,
  signAgain: () => 'pvx sig update',
  logInToHub: () => 'pvx login',
  device: ({ verb }) => `pvx ${verb}`,
  prefer: () => '--ours or --theirs',
  signer: ({ what }) => signerOptions[what],
  from: ({ source }) => sourceOptions[source],
  setting: ({ name }) => variables[name],
};

/** Makes a remedy of a template: remedy`Build it with ${way.install(app)}`. What is put in may be a remedy itself. */
export function remedy(texts: TemplateStringsArray, ...values: readonly (Way | Remedy)[]): Remedy {
  return joined(texts.flatMap((text, at) => [text, ...partsOf(values[at] ?? '')]));
}

/** Several remedies that may help, each said once. */
export function anyOf(remedies: readonly Remedy[]): Remedy {
  const different = new Map(remedies.map((one) => [inTerminalWords(one), one]));
  return joined([...different.values()].flatMap((one, at) => [at === 0 ? '' : '. Or: ', ...partsOf(one)]));
}

export function waysOf(remedy: Remedy): readonly Way[] {
  return partsOf(remedy).filter((part) => typeof part !== 'string');
}

/** A sentence without a final stop. */
export function sayRemedy(remedy: Remedy, words: WordsForWays): string {
  const say = (one: Way) => (words[one.kind] as (way: Way) => string)(one);
  return partsOf(remedy)
    .map((part) => (typeof part === 'string' ? part : say(part)))
    .join('');
}

/** A sentence without a final stop, for people at a terminal. */
export function inTerminalWords(remedy: Remedy): string {
  return sayRemedy(remedy, terminalWords);
}

function partsOf(value: Way | Remedy): readonly (string | Way)[] {
  return typeof value === 'object' && !('kind' in value) ? value : [value];
}

/** Plain text stays a string. */
function joined(parts: readonly (string | Way)[]): Remedy {
  return parts.every((part) => typeof part === 'string')
    ? parts.join('')
    : parts.filter((part) => part !== '');
}
