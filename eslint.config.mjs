import tseslint from 'typescript-eslint';

/**
 * The rooms of the core, lowest first, with what each may import besides itself. The ground floor (bytes, which all may
 * use, files, json, net, codecs) knows nothing of what stands on it; image, rootfs and squashfs make file trees, from archives that
 * tar/ reads; checkout/ asks squashfs/ whether a file is one at
 * all, and verity/ how large a hash tree must be; packages/ tells from a tree whose its files are; mount/ looks into what came out;
 * objects/ keeps what revision/ commits and signs; remote/ is where revisions come from and go to; only use-cases/ knows all.
 */
const rooms = {
  bytes: [],
  files: [],
  json: [],
  budget: ['json'],
  net: ['files'],
  tar: [],
  codecs: [],
  image: ['files', 'json', 'net', 'tar', 'codecs'],
  rootfs: ['files', 'tar'],
  squashfs: ['files', 'rootfs', 'codecs'],
  verity: ['files'],
  packages: ['rootfs'],
  mount: ['files', 'rootfs', 'squashfs'],
  checkout: ['files', 'json', 'budget', 'squashfs', 'verity'],
  objects: ['files', 'json'],
  revision: ['files', 'json', 'budget', 'tar', 'checkout', 'objects'],
  remote: ['files', 'json', 'net', 'checkout', 'objects'],
  'use-cases': [
    ...['files', 'json', 'net', 'tar', 'image', 'rootfs', 'squashfs', 'verity', 'packages', 'mount'],
    ...['checkout', 'objects', 'revision', 'remote', 'budget'],
  ],
};

const mayNotImport = ([room, allowed]) => ({
  files: [`src/core/${room}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        paths: [{ name: 'vscode', message: 'core/ runs in plain Node.' }],
        patterns: [...Object.keys(rooms), 'backend', 'cli', 'ui']
          .filter((other) => other !== room && other !== 'bytes' && !allowed.includes(other))
          .map((other) => ({
            group: [`**/${other}/*`, `**/${other}`],
            message: `${room}/ must not know ${other}/.`,
          })),
      },
    ],
  },
});

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
        '**/core/use-cases/*',
        '!**/core/use-cases/advice',
        '!**/core/use-cases/report',
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
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
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
  ...Object.entries(rooms).map(mayNotImport),
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
