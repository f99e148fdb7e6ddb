import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inVSCode } from './in-vscode';
import type { Workbench } from '../vscode/workbench';

/** To see that nothing happens takes time: longer than the extension waits before it looks at what changed. */
const watchedFor = 3000;
let checkout: string;

inVSCode(
  'At rest',
  {
    async prepare(device) {
      checkout = await device.makeCheckout('device');
      // An app that may come from docker has the backend listen to docker's events.
      await device.addApp(checkout, 'web', 'web:latest', '--source', 'remote');
      return checkout;
    },
    // Source Control counts what nobody has looked at yet, so it reads from the start: see below.
    settings: () => ({ 'pantavisor.checkInterval': 0, 'pantavisor.sourceControl': false }),
  },
  (flow) => {
    flow('reads nothing and runs nothing before a view is shown', async ({ workbench }) => {
      await workbench.inHost(async ({ extensions }) => {
        await extensions.getExtension('pantavisor-checkouts.pantavisor-checkouts')?.activate();
      });
      await noteReads(workbench);
      await touchApp();
      await delay(watchedFor);
      assert.deepEqual(await notedReads(workbench), []);
      assert.deepEqual(await backendProcesses(workbench), []);
    });

    flow('reads once a view is shown, and what changes while it is', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.row(/^web,/).waitFor();
      const first = await notedReads(workbench);
      assert.ok(
        first.some((file) => file.endsWith('web/src.json')),
        first.join('\n'),
      );
      await workbench.until(async () => {
        await touchApp();
        return (await notedReads(workbench)).some((file) => file.endsWith('web/src.json'));
      });
    });

    flow('reads nothing more when the view is hidden again', async ({ workbench }) => {
      await workbench.view('Explorer');
      await workbench.row(/^web,/).waitFor({ state: 'hidden' });
      await workbench.row(/^web/).waitFor();
      await delay(watchedFor);
      await notedReads(workbench);
      await touchApp();
      await delay(watchedFor);
      assert.deepEqual(await notedReads(workbench), []);
      assert.deepEqual(await backendProcesses(workbench), []);
    });
  },
);

inVSCode(
  'At rest, with Source Control',
  {
    async prepare(device) {
      checkout = await device.makeCheckout('device');
      await device.addApp(checkout, 'web', 'web:latest', '--source', 'remote');
      await device.pvx.run(checkout, 'commit', '-m', 'first');
      // As after a clone, nobody knows what the large files hold.
      await rm(path.join(checkout, '.pvr', 'pvx-index'), { force: true });
      return checkout;
    },
    settings: () => ({ 'pantavisor.checkInterval': 0 }),
  },
  (flow) => {
    flow('counts what has changed, and hashes nothing for it', async ({ workbench }) => {
      await touchApp();
      await workbench.view('Source Control');
      await workbench.row(/^note\.txt/).waitFor();
      await workbench.row(/Not Compared Yet/).waitFor();
      await delay(watchedFor);
      assert.deepEqual(await backendProcesses(workbench), []);
    });

    flow('compares large files once somebody wants it', async ({ workbench }) => {
      await workbench.row(/^root\.squashfs/).click();
      await workbench.row(/Not Compared Yet/).waitFor({ state: 'detached' });
    });
  },
);

/** What an editor or pvr does when it writes a file. */
async function touchApp(): Promise<void> {
  await writeFile(path.join(checkout, 'web', 'note.txt'), String(Math.random()));
}

/**
 * Makes the extension host take down what anybody in it reads, lists or watches of the app and of the state. Other extensions
 * look into the checkout's own folder.
 */
async function noteReads(workbench: Workbench): Promise<void> {
  await workbench.inHost(
    (_, folders) => {
      const host = globalThis as { notedReads?: string[] };
      const noted: string[] = [];
      host.notedReads = noted;
      const note = (api: object): void => {
        const functions = api as Record<string, unknown>;
        for (const name of Object.keys(functions)) {
          const original = functions[name];
          if (typeof original !== 'function' || !/^(open|read|stat|lstat|access|watch|realpath)/.test(name))
            continue;
          functions[name] = function (this: unknown, ...args: unknown[]): unknown {
            const file = String(args[0]);
            if (folders.some((folder) => file.startsWith(folder))) noted.push(file);
            return Reflect.apply(original, this, args) as unknown;
          };
        }
      };
      note(process.getBuiltinModule('node:fs/promises'));
      note(process.getBuiltinModule('node:fs'));
    },
    [path.join(checkout, '.pvr'), path.join(checkout, 'web')],
  );
}

/** Those since the last time that somebody asked. */
function notedReads(workbench: Workbench): Promise<readonly string[]> {
  return workbench.inHost(
    (): readonly string[] => (globalThis as { notedReads?: string[] }).notedReads?.splice(0) ?? [],
  );
}

/** Processes that the extension host runs for the extension. */
function backendProcesses(workbench: Workbench): Promise<readonly string[]> {
  return workbench.inHost(() => {
    const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          const isOfHost =
            readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(process.pid);
          return isOfHost ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
        } catch {
          return [];
        }
      })
      .filter((command) => command.includes('backend.js'));
  });
}
