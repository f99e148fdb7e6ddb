// Bundles everything that ships into dist/: one CommonJS file per process or thread, the codec beside them.
import { copyFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
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

const programs = await build({
  ...common,
  entryPoints: {
    backend: 'src/backend/server.ts',
    cli: 'src/cli/main.ts',
    'codec-worker': 'src/core/squashfs/codec-worker.ts',
    extension: 'src/extension.ts',
  },
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  alias: {
    // Of jsonc-parser's two builds, esbuild can follow the requires of this one only.
    'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
    // dockerode requires these, a third of the bundle, for BuildKit sessions and ssh. Nothing is built here, and ssh is the
    // user's own program (core/image/docker/ssh-agent.ts).
    '@grpc/grpc-js': './scripts/not-bundled.cjs',
    '@grpc/proto-loader': './scripts/not-bundled.cjs',
    ssh2: './scripts/not-bundled.cjs',
  },
  // VS Code gives itself to the extension.
  external: ['vscode'],
});

// Pages run in the Chromium of the oldest VS Code that the extension runs in.
const pages = await build({
  ...common,
  entryPoints: {
    'webview/overlay': 'webview/overlay/main.tsx',
    'webview/dashboard': 'webview/dashboard/main.tsx',
  },
  platform: 'browser',
  format: 'iife',
  target: 'chrome132',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
});

// A file of its own, not inlined: it can be replaced, as its licence (LGPL) asks.
const liblzma = createRequire(import.meta.url).resolve('node-liblzma/wasm/liblzma.wasm');
await copyFile(liblzma, 'dist/liblzma.wasm');

const inputs = [programs, pages].flatMap(({ metafile }) => Object.keys(metafile.inputs));
await writeFile('dist/THIRD_PARTY_LICENSES.txt', await thirdPartyLicenses([...inputs, liblzma]));
