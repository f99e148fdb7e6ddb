import tseslint from 'typescript-eslint';

/** Layers of the core, lowest first: each may import only what stands before it (and itself). */
const layers = ['image', 'rootfs', 'squashfs', 'checkout', 'build'];

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

/** Data flows image -> rootfs -> squashfs -> checkout; only build/ knows all four. */
const allowedImports = {
  image: [],
  rootfs: [],
  squashfs: ['rootfs'],
  checkout: [],
  build: ['image', 'rootfs', 'squashfs', 'checkout'],
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'test/fixtures/'] },
  {
    files: ['**/*.ts'],
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
    files: ['src/core/**/*.ts', 'src/cli/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: 'vscode', message: 'core/ and cli/ run in plain Node.' }] },
      ],
    },
  },
  ...layers.map(mayNotImport),
  {
    // node:test's describe() and it() return promises that the runner itself awaits.
    files: ['test/**/*.ts'],
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
