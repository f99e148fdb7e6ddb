/** How an editor says what the engine's remedies say with the command line; `app` is undefined where they name none. */
export interface EditorWords {
  install(app: string | undefined): string;
  patch(app: string | undefined): string;
  newBase(app: string | undefined): string;
  listBase(app: string | undefined): string;
  readonly listApps: string;
  readonly init: string;
  readonly platform: string;
  readonly insecureRegistries: string;
  readonly cacheFolder: string;
  extending(base: string): string;
}

const app = String.raw`(?: (?!-)([\w.-]*\w))?`;

/** Longer ones first: `pvx app update web` begins several. */
const sayings: readonly (readonly [RegExp, (words: EditorWords, app: string | undefined) => string])[] = [
  [new RegExp(`pvx app install${app}`, 'g'), (words, name) => words.install(name)],
  [new RegExp(`pvx app update${app} --newbase`, 'g'), (words, name) => words.newBase(name)],
  [new RegExp(`pvx app update${app}(?: --patch)?`, 'g'), (words, name) => words.patch(name)],
  [new RegExp(`with pvx app files${app} --base`, 'g'), (words, name) => words.listBase(name)],
  [/pvx app ls/g, ({ listApps }) => listApps],
  [/PVX_INSECURE_REGISTRIES/g, ({ insecureRegistries }) => insecureRegistries],
  [/pvx init/g, ({ init }) => init],
  [/with --platform(?:, as docker_platform in src\.json)?/g, ({ platform }) => platform],
  [/in PVX_CACHE_DIR/g, ({ cacheFolder }) => cacheFolder],
  [/with --base ([\w.-]*\w)/g, (words, base = '') => words.extending(base)],
];

/** A remedy of the engine for people who have an editor's commands at hand, and no terminal. */
export function rewordRemedy(remedy: string, words: EditorWords): string {
  return sayings.reduce(
    (text, [line, say]) => text.replace(line, (_, name: string | undefined) => say(words, name)),
    remedy,
  );
}
