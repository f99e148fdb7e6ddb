// Bundles everything that ships into dist/: one CommonJS file per process or thread, the codecs beside them.
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { thirdPartyLicenses } from './scripts/third-party-licenses.mjs';

const common = {
  outdir: 'dist',
  bundle: true,
  minify: true,
  sourcemap: process.argv.includes('--sourcemap'),
  logLevel: 'warning',
  metafile: true,
};

const forNode = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
};

// Large packages that most runs don't need: files of their own, which the source loads with import() when it needs them.
const loadedLater = ['dockerode', '@hpcc-js/wasm-zstd'];
const fileOf = (name) => `packages/${path.basename(name)}`;

const packages = await build({
  ...forNode,
  entryPoints: Object.fromEntries(loadedLater.map((name) => [fileOf(name), name])),
  alias: {
    // dockerode requires these, a third of the bundle, for BuildKit sessions and ssh. Nothing is built here, and ssh is the
    // user's own program (core/image/docker/ssh-agent.ts).
    '@grpc/grpc-js': './scripts/not-bundled.cjs',
    '@grpc/proto-loader': './scripts/not-bundled.cjs',
    ssh2: './scripts/not-bundled.cjs',
  },
});

const programs = await build({
  ...forNode,
  entryPoints: {
    backend: 'src/backend/server.ts',
    cli: 'src/cli/main.ts',
    'codec-worker': 'src/core/squashfs/codec-worker.ts',
    extension: 'src/extension.ts',
  },
  // With require() in place of import(): those are CommonJS, too.
  supported: { 'dynamic-import': false },
  plugins: [
    {
      name: 'loaded later',
      setup: ({ onResolve }) =>
        onResolve({ filter: /.*/ }, ({ path: name }) =>
          loadedLater.includes(name) ? { path: `./${fileOf(name)}.js`, external: true } : undefined,
        ),
    },
  ],
  alias: {
    // Of jsonc-parser's two builds, esbuild can follow the requires of this one only.
    'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
  },
  // VS Code gives itself to the extension.
  external: ['vscode'],
});

// Pages run in the Chromium of the oldest VS Code that the extension runs in.
const forPages = {
  ...common,
  platform: 'browser',
  target: 'chrome132',
  define: { 'process.env.NODE_ENV': '"production"' },
};

const pages = await build({
  ...forPages,
  entryPoints: {
    'webview/overlay': 'webview/overlay/main.tsx',
    'webview/dashboard': 'webview/dashboard/main.tsx',
  },
  format: 'iife',
  jsx: 'automatic',
  plugins: [
    {
      name: 'controls, which pages load after their first frame',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^\.\/ui$/ }, ({ kind }) =>
          kind === 'dynamic-import' ? { path: './ui.js', external: true } : undefined,
        ),
    },
  ],
});

const controls = await build({
  ...forPages,
  entryPoints: { 'webview/ui': 'webview/ui.ts' },
  format: 'esm',
});

// Files of their own, not inlined: backend, command line and every worker load the same ones.
const libraries = ['liblzma', 'libbz2'];
for (const name of libraries) await copyFile(`scripts/${name}/${name}.wasm`, `dist/${name}.wasm`);

const inputs = [packages, programs, pages, controls].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile(
  'dist/THIRD_PARTY_LICENSES.txt',
  await thirdPartyLicenses(
    inputs,
    libraries.map((name) => `scripts/${name}`),
  ),
);
