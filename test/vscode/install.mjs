// Installs the VS Code versions that tests run in, below .vscode-test/:  node test/vscode/install.mjs [oldest] [newest]
// They are the servers inside code-server's npm package, so nothing but the npm registry is needed, and no compiler.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unpackPackage } from '../npm-package.mjs';
import { loggerStandIn, watchdogStandIn } from './stand-ins.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', '.vscode-test');
const versions = JSON.parse(readFileSync(path.join(import.meta.dirname, 'versions.json'), 'utf8'));

/** Packages that hold binaries, in place of those that the server's own would compile or download. */
const ripgrep = { name: '@vscode/ripgrep-linux-x64', version: '1.18.0' };
const terminal = { name: 'node-pty', version: '1.2.0-beta.15' };

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(versions)) install(name);

/** Does nothing where it is there already; what an interrupted run left is made anew. */
function install(name) {
  const version = versions[name];
  const stamp = createHash('sha256')
    .update(JSON.stringify(version))
    .update(readFileSync(import.meta.filename));
  const wanted = stamp.digest('hex');
  const target = path.join(root, name);
  const ready = path.join(target, '.ready');
  if (existsSync(ready) && readFileSync(ready, 'utf8') === wanted) return;

  console.log(`Installing VS Code ${version.vscode} (${name}) …`);
  const draft = `${target}.draft`;
  rmSync(draft, { recursive: true, force: true });
  rmSync(target, { recursive: true, force: true });
  const server = path.join(draft, 'vscode');
  unpackPackage(version.codeServer, server, 'lib/vscode');
  unpackPackage(version.node, path.join(draft, 'node'), 'bin');
  // Its lock file names packages that its package.json leaves out.
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--legacy-peer-deps', '--loglevel=error'], {
    cwd: server,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  replaceNativeParts(path.join(server, 'node_modules'));
  symlinkSync('node_modules', path.join(server, 'node_modules.asar'));
  refuseProposedApi(server);
  writeFileSync(path.join(draft, '.ready'), wanted);
  renameSync(draft, target);
}

/** Without a compiler these would be missing; then there were no logs, no terminals and no search. */
function replaceNativeParts(modules) {
  const at = (name) => path.join(modules, name);
  writeFileSync(at('@vscode/spdlog/index.js'), loggerStandIn);
  for (const name of ['native-watchdog', '@vscode/native-watchdog']) {
    if (existsSync(at(name))) writeFileSync(at(`${name}/index.js`), watchdogStandIn);
  }
  if (!existsSync(at('node-pty/prebuilds/linux-x64/pty.node'))) {
    rmSync(at('node-pty'), { recursive: true });
    unpackPackage(terminal, at('node-pty'));
  }
  if (existsSync(at('@vscode/ripgrep'))) unpackPackage(ripgrep, at('@vscode/ripgrep/bin'), 'bin');
}

/**
 * code-server lets every extension use API that is only proposed; the real VS Code throws, and then only where it is used. Here it
 * is refused as there: only VS Code's own extensions, and those that say so, may.
 */
function refuseProposedApi(server) {
  for (const file of [
    'out/vs/workbench/api/node/extensionHostProcess.js',
    'out/vs/code/browser/workbench/workbench.js',
  ]) {
    const script = path.join(server, file);
    const text = readFileSync(script, 'utf8');
    const isEnabled =
      /(function ([$\w]+)\(([$\w]+),([$\w]+)\)\{)return!0(\}function [$\w]+\([$\w]+,[$\w]+\)\{if\(!\2\()/g;
    const found = [...text.matchAll(isEnabled)].length;
    if (found !== 1) throw new Error(`${file}: ${found} places look like isProposedApiEnabled, not 1`);
    const asInVSCode = '$1return!!($3&&($3.isBuiltin||$3.enabledApiProposals?.includes($4)))$5';
    writeFileSync(script, text.replace(isEnabled, asInVSCode));
  }
}
