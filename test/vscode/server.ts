import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export const versionNames = ['oldest', 'newest'] as const;
export type VersionName = (typeof versionNames)[number];

/** The version that a test run is about: `TEST_VSCODE=newest`. */
export function versionUnderTest(): VersionName {
  return process.env['TEST_VSCODE'] === 'newest' ? 'newest' : 'oldest';
}

export interface ServerOptions {
  readonly version: VersionName;
  /** Extension packages to install. */
  readonly vsix?: readonly string[];
  /** The folder, or `.code-workspace` file, to open. */
  readonly workspace: string;
  /**
   * Beside those that keep VS Code quiet. They are the machine's: a user's own count in a window on a server only as long as
   * they might be of any machine, and VS Code finds that out when it has read what extensions say about them.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Opens the workspace in restricted mode. */
  readonly isUntrusted?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Whether functions can be run in the extension host; see bridge/main.js. Without it, this is a VS Code like any other. */
  readonly hasBridge?: boolean;
}

/** A VS Code server with a profile of its own, and nothing of it left when it is stopped. */
export interface VSCodeServer {
  readonly port: number;
  /** Where the bridge listens; see bridge/main.js. */
  readonly bridge: string;
  /** Holds `logs` and `User`. */
  readonly userData: string;
  readonly output: () => string;
  /** The page to open in a browser, with the server's own workspace or another one. */
  url(query?: Readonly<Record<string, unknown>>, workspace?: string): string;
  stop(): Promise<void>;
}

const installations = path.resolve(import.meta.dirname, '..', '..', '.vscode-test');

export async function startServer({
  version,
  vsix = [],
  workspace,
  settings = {},
  isUntrusted = false,
  env = {},
  args = [],
  hasBridge = true,
}: ServerOptions): Promise<VSCodeServer> {
  const home = path.join(installations, version);
  if (!existsSync(path.join(home, '.ready'))) {
    throw new Error(`VS Code (${version}) is not installed: node test/vscode/install.mjs ${version}`);
  }
  const program = path.join(home, 'node', 'node');
  const entry = path.join(home, 'vscode', 'out', 'server-main.js');
  const folder = await mkdtemp(path.join(tmpdir(), 'vscode-'));
  const userData = path.join(folder, 'data');
  const extensions = path.join(folder, 'extensions');
  const bridge = path.join(folder, 'bridge.sock');
  const trust = isUntrusted ? restrictedMode : { 'security.workspace.trust.enabled': false };
  await writeSettings(path.join(userData, 'User'), { ...quietSettings, ...trust });
  await writeSettings(path.join(userData, 'Machine'), settings);
  // A folder that is there before the first start counts as installed.
  const installedBridge = path.join(extensions, 'test.bridge-0.0.1');
  if (hasBridge) await cp(path.join(import.meta.dirname, 'bridge'), installedBridge, { recursive: true });

  const common = [
    entry,
    '--accept-server-license-terms',
    ...['--extensions-dir', extensions],
    ...['--user-data-dir', userData],
    ...['--server-data-dir', path.join(folder, 'server')],
  ];
  const outside = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', TEST_BRIDGE: bridge, ...env };
  for (const file of vsix) {
    await promisify(execFile)(program, [...common, '--install-extension', file, '--force'], { env: outside });
  }
  const listen = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token'];
  const child = spawn(program, [...common, ...listen, '--telemetry-level', 'off', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: outside,
    // A group of its own, so that all that it starts can be ended with it.
    detached: true,
  });
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  const killAtExit = (): void => kill('SIGKILL');
  process.once('exit', killAtExit);
  const { port, output } = await listening(child);

  return {
    port,
    bridge,
    userData,
    output,
    url(query = {}, opened = workspace) {
      const url = new URL(`http://127.0.0.1:${port}/`);
      url.searchParams.set(opened.endsWith('.code-workspace') ? 'workspace' : 'folder', opened);
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, JSON.stringify(value));
      return url.href;
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      kill('SIGTERM');
      await Promise.race([ended, delay(3_000)]);
      kill('SIGKILL');
      process.off('exit', killAtExit);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function writeSettings(folder: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings));
}

async function listening(child: ChildProcess): Promise<{ port: number; output: () => string }> {
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) =>
      reject(new Error(`VS Code's server ended with ${code ?? 'a signal'}:\n${output}`)),
    );
  });
  return { port, output: () => output };
}

/** Nothing pops up, moves or asks the network. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.enableExperiments': false,
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.reduceMotion': 'on',
  'workbench.hover.delay': 100,
  'editor.cursorBlinking': 'solid',
  'remote.autoForwardPorts': false,
  'files.simpleDialog.enable': true,
  'window.confirmBeforeClose': 'never',
  'workbench.editor.useModal': 'off',
};

const restrictedMode = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};
