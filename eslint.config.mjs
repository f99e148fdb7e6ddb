import tseslint from 'typescript-eslint';

/** Layers of the core, lowest first: each may import only what stands before it (and itself). */
const layers = ['image', 'rootfs', 'squashfs', 'mount', 'verity', 'checkout', 'build'];

const mayNotImport = (layer) => ({
  files: [`src/core/${layer}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        paths: [{ name: 'vscode', message: 'core/ runs in plain Node.' }],
        patterns: layers
          .filter((other) => other !== layer && !allowedImports[layer].includes(other))
          .map((other) => ({
            group: [`**/${other}/*`, `**/${other}`],
            message: `${layer}/ must not know ${other}/.`,
          })),
      },
    ],
  },
});

/**
 * Data flows image -> rootfs -> squashfs -> checkout, and mount/ looks into what came out; only build/ knows all. checkout/
 * asks squashfs/ whether a file is one at all, and verity/ how large a hash tree must be.
 */
const allowedImports = {
  image: [],
  rootfs: [],
  squashfs: ['rootfs'],
  mount: ['rootfs', 'squashfs'],
  verity: [],
  checkout: ['squashfs', 'verity'],
  build: ['image', 'rootfs', 'squashfs', 'mount', 'verity', 'checkout'],
};

/** What the extension's activation must not pay for: it is loaded by `await import()` where it is used. */
const loadedWhenWanted = {
  paths: ['chokidar', 'vscode-jsonrpc', 'zod'].map((name) => ({
    name,
    allowTypeImports: true,
    message: 'Load it with import() when it is wanted.',
  })),
  patterns: [
    {
      group: [
        '**/core/build/*',
        '!**/core/build/advice',
        '!**/core/build/report',
        '**/core/checkout/checkout',
        '**/backend/*-process',
      ],
      allowTypeImports: true,
      message: 'Load it with import() when it is wanted.',
    },
  ],
};

export default tseslint.config(
  { ignores: ['.vscode-test/', 'dist/', 'node_modules/', 'coverage/', 'test/fixtures/'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/core/**/*.ts', 'src/cli/**/*.ts', 'src/backend/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: 'vscode', message: 'core/, cli/ and backend/ run in plain Node.' }] },
      ],
    },
  },
  {
    files: ['src/ui/**/*.ts', 'src/extension.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', loadedWhenWanted] },
  },
  {
    files: ['src/ui/model/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          ...loadedWhenWanted,
          paths: [...loadedWhenWanted.paths, { name: 'vscode', message: 'The model runs in plain Node.' }],
        },
      ],
    },
  },
  ...layers.map(mayNotImport),
  {
    // Pages' types are known everywhere, since one tsconfig holds all.
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['document', 'window', 'navigator', 'location', 'localStorage', 'Element', 'HTMLElement'].map(
          (name) => ({ name, message: 'Only pages (webview/) run in a document.' }),
        ),
      ],
    },
  },
  {
    // node:test's describe() and it() return promises that the runner itself awaits.
    files: ['test/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              name: ['describe', 'it', 'test', 'before', 'after', 'beforeEach', 'afterEach'],
              package: 'node:test',
            },
          ],
        },
      ],
    },
  },
);
