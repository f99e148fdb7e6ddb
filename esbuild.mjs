// Bundles everything that ships into dist/: one CommonJS file per process or thread, the codecs beside them.
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, transform } from 'esbuild';
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

/** @param folder of the packages, as seen from what loads them. */
const ofPrograms = (folder) => ({
  ...forNode,
  plugins: [
    {
      name: 'loaded later',
      setup: ({ onResolve }) =>
        onResolve({ filter: /.*/ }, ({ path: name }) =>
          loadedLater.includes(name) ? { path: `${folder}/${fileOf(name)}.js`, external: true } : undefined,
        ),
    },
  ],
  alias: {
    // Of jsonc-parser's two builds, esbuild can follow the requires of this one only.
    'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
  },
});
// Commander requires it for commands that are programs of their own, of which there are none here; every start would wait for it.
const withoutChildProcess = {
  name: 'commander without child processes',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes(`${path.sep}commander${path.sep}`)
        ? { path: path.resolve('scripts/not-bundled.cjs') }
        : undefined,
    ),
};
// With require() in place of import(): those are CommonJS, too.
const withRequire = { 'dynamic-import': false };

const programs = await build({
  ...ofPrograms('.'),
  entryPoints: {
    backend: 'src/backend/server.ts',
    'codec-worker': 'src/core/squashfs/codec-worker.ts',
    extension: 'src/extension.ts',
  },
  supported: withRequire,
  // VS Code gives itself to the extension.
  external: ['vscode'],
});

// The command line starts anew for each command: compiling all of it took a third of the time of most. So it lies in pieces, and each
// command loads its own. esbuild cuts only ECMAScript modules, whose loader takes as long again: the pieces become CommonJS.
const { plugins, ...forCommandLine } = ofPrograms('..');
const commandLine = await build({
  ...forCommandLine,
  plugins: [...plugins, withoutChildProcess],
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: 'dist/cli',
  format: 'esm',
  splitting: true,
  write: false,
});
await rm('dist/cli', { recursive: true, force: true });
await mkdir('dist/cli', { recursive: true });
for (const { path: file, text } of commandLine.outputFiles) {
  const isScript = file.endsWith('.js');
  const piece = { format: 'cjs', platform: 'node', target: 'node20', minify: true, supported: withRequire };
  await writeFile(file, isScript ? (await transform(text, piece)).code : text);
}
await writeFile('dist/cli.js', "#!/usr/bin/env node\nrequire('./cli/main.js');\n");
await chmod('dist/cli.js', 0o755);

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
    'webview/posting': 'webview/posting/main.tsx',
  },
  format: 'iife',
  jsx: 'automatic',
  loader: { '.ttf': 'file' },
  assetNames: 'webview/[name]',
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

const inputs = [packages, programs, commandLine, pages, controls].flatMap(({ metafile }) =>
  Object.keys(metafile.inputs),
);
await writeFile(
  'dist/THIRD_PARTY_LICENSES.txt',
  await thirdPartyLicenses(
    inputs,
    libraries.map((name) => `scripts/${name}`),
  ),
);

// The man page comes from the grammar itself, and from the topics of `pvx help`.
const manual = execFileSync(process.execPath, ['dist/cli.js', '__man'], { encoding: 'utf8' });
await writeFile('dist/pvx.1', manual);
