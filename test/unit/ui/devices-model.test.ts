import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BackendClient } from '../../../src/backend/client';
import type { LogEntry } from '../../../src/backend/protocol';
import { Accounts } from '../../../src/ui/devices/accounts';
import { childrenOf, devicesViewState, type RevisionNode } from '../../../src/ui/devices/model/device-nodes';
import {
  canCancel,
  canGoBackTo,
  comingTo,
  type DevicesAccess,
  DevicesModel,
  failedOn,
} from '../../../src/ui/devices/model/devices-model';
import { playDevice } from '../../hub/device-player';
import { startHub } from '../../hub/hub';
import { addAccount, addDevice, addObject, addTrail, progressOf } from '../../hub/world';
import { AStorage } from './a-storage';

describe('the model of devices, with a hub', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'devices-model-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function begun() {
    const hub = await startHub();
    const alice = addAccount(hub.world, 'alice');
    const kitchen = addDevice(hub.world, alice.prn, { nick: 'kitchen' });
    const conf = addObject(hub.world, alice.prn, Buffer.from('conf'), 'web/conf').sha256;
    const other = addObject(hub.world, alice.prn, Buffer.from('other conf'), 'web/conf').sha256;
    const trail = addTrail(hub.world, kitchen, { '#spec': 'pantavisor-service-system@1', 'web/conf': conf });
    const secrets = new Map<string, string>();
    const log: LogEntry[] = [];
    const storage = new AStorage();
    const accounts = new Accounts(
      {
        get: (key) => Promise.resolve(secrets.get(key)),
        store: (key, value) => Promise.resolve(void secrets.set(key, value)),
        delete: (key) => Promise.resolve(void secrets.delete(key)),
      },
      storage,
    );
    // What pvr keeps is the machine's, and not this test's.
    const earlier = process.env['PVR_CONFIG_DIR'];
    process.env['PVR_CONFIG_DIR'] = await mkdtemp(path.join(folder, 'pvr-'));
    const backend = new BackendClient({
      entry: path.resolve('dist', 'backend.js'),
      settings: { hub: hub.url, cacheDirectory: path.join(folder, 'cache') },
      credentials: () => Promise.resolve(undefined),
      hubLogins: accounts,
      log: (entry) => log.push(entry),
    });
    const followed: string[] = [];
    const access: DevicesAccess = {
      mayHaveLogin: () => Promise.resolve(accounts.hubs().kept.length > 0),
      listAccounts: () => backend.request('listAccounts', {}),
      listDevices: (at) => backend.request('listDevices', { hub: at }),
      readDevice: (device) => backend.request('readDevice', { device }),
      weighRevisions: (device, revisions) => backend.request('weighRevisions', { device, revisions }),
      listContainers: (device) => backend.request('listContainers', { device }),
      listOrigins: (checkouts) => backend.request('listOrigins', { checkouts }),
      follow(device, revision, onNews) {
        followed.push(revision);
        return backend.subscribe('revisionProgress', { device, revision }, onNews);
      },
    };
    const situation = { isAllowed: true };
    const model = new DevicesModel(access, storage, {
      isAllowed: () => situation.isAllowed,
      interval: () => 0,
      checkouts: () => [],
    });
    const logIn = () =>
      backend.request('logInToHub', { hub: hub.url, name: 'alice', password: 'alice-pass' });
    const post = (status = 'NEW') => {
      const last = trail.steps.at(-1);
      assert.ok(last !== undefined);
      const state = { ...last.state, 'web/conf': other };
      trail.steps.push({ ...last, rev: last.rev + 1, message: 'more', state, progress: progressOf(status) });
    };
    return {
      ...{ hub, kitchen, trail, model, backend, accounts, secrets, log, followed, situation, logIn, post },
      async [Symbol.asyncDispose]() {
        model.dispose();
        await backend.dispose();
        if (earlier === undefined) delete process.env['PVR_CONFIG_DIR'];
        else process.env['PVR_CONFIG_DIR'] = earlier;
        await hub[Symbol.asyncDispose]();
      },
    };
  }

  async function until(holds: () => boolean): Promise<void> {
    for (const end = Date.now() + 20_000; !holds();) {
      if (Date.now() > end) throw new Error(`did not come true: ${holds.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('asks nobody before somebody has logged in, nor in Restricted Mode', async () => {
    await using given = await begun();
    const { model, hub, backend, situation, logIn } = given;
    await model.refresh();
    assert.deepEqual(model.accounts, []);
    assert.equal(devicesViewState({ accounts: model.accounts, others: 0 }), 'loggedOut');
    assert.deepEqual(backend.processIds, []);
    await logIn();
    const asked = hub.requests.length;
    situation.isAllowed = false;
    await model.refresh();
    assert.equal(hub.requests.length, asked);
    assert.equal(model.accounts, undefined);
  });

  it('keeps tokens with the editor alone, and no secret in the log', async () => {
    await using given = await begun();
    const { model, secrets, accounts, log, hub, backend, logIn } = given;
    const refused = await backend.request('logInToHub', { hub: hub.url, name: 'alice', password: 'wrong' });
    assert.match('refused' in refused ? refused.refused : '', /the name or the password is wrong/);
    await logIn();
    const [token = ''] = secrets.values();
    assert.match(token, /^eyJ/);
    assert.deepEqual(accounts.hubs(), { kept: [hub.url], left: [] });
    await model.refresh();
    assert.equal(model.accounts?.[0]?.nick, 'alice');
    const said = JSON.stringify(log);
    assert.ok(!said.includes('alice-pass') && !said.includes(token), said);
    await backend.request('logOutOfHub', { hub: hub.url });
    assert.deepEqual([...secrets], []);
    assert.deepEqual(accounts.hubs(), { kept: [], left: [hub.url] });
    await assert.rejects(backend.request('listDevices', { hub: hub.url }), {
      message: /nobody is logged in/,
    });
  });

  it('tells what a device runs, what each revision brought, and what can be done with it', async () => {
    await using given = await begun();
    const { model, kitchen, post, logIn } = given;
    kitchen.deviceMeta = { 'pantavisor.revision': '0', 'pantahub.online': '1' };
    post('ERROR');
    await logIn();
    await model.refresh();
    const [device] = model.all;
    assert.ok(device !== undefined);
    const { nick, running, head, isOnline } = device.glance ?? {};
    assert.deepEqual(
      { nick, running, head, isOnline },
      { nick: 'kitchen', running: '0', head: '1', isOnline: true },
    );
    assert.equal(failedOn(device), '1');
    assert.equal(comingTo(device), undefined);
    await model.readDetails(device);
    const { details } = device;
    assert.ok(details !== undefined);
    await model.weigh(device, details.revisions);
    assert.deepEqual(
      [...device.weights],
      [
        ['0', 4],
        ['1', 10],
      ],
    );
    assert.deepEqual(
      details.revisions.map((revision) => [canGoBackTo(revision, details), canCancel(revision)]),
      [
        [true, false],
        [false, false],
      ],
    );
    const account = model.accounts?.[0];
    assert.ok(account !== undefined);
    const node = { kind: 'device', parent: { kind: 'account', account }, device } as const;
    assert.deepEqual(
      childrenOf(node, 20).map(({ kind }) => kind),
      ['revisions', 'metadata', 'logs'],
    );
    const rows = childrenOf({ kind: 'revisions', parent: node }, 1);
    assert.deepEqual(
      rows.map((row) => (row.kind === 'revision' ? (row satisfies RevisionNode).revision.name : row.kind)),
      ['1', 'more'],
    );
  });

  it('follows what is on its way as long as somebody looks, and then looks what runs', async () => {
    await using given = await begun();
    const { model, hub, kitchen, post, logIn, followed } = given;
    kitchen.deviceMeta = { 'pantavisor.revision': '0' };
    post();
    await logIn();
    await model.refresh();
    assert.deepEqual(followed, []);
    const watch = model.watch();
    await until(() => followed.length === 1);
    const [device] = model.all;
    assert.ok(device !== undefined);
    assert.equal(comingTo(device)?.progress.status, 'NEW');
    {
      await using _ = playDevice(hub, kitchen);
      await until(() => device.glance?.running === '1');
    }
    assert.equal(comingTo(device), undefined);
    watch.dispose();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const asked = hub.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal(hub.requests.length, asked);
  });

  it('says of a hub that is away what is wrong, and keeps what it knew', async () => {
    await using given = await begun();
    const { model, hub, logIn } = given;
    await logIn();
    await model.refresh();
    hub.faults.push({ matches: () => true, what: 403 });
    await model.refresh();
    const [account] = model.accounts ?? [];
    assert.equal(account?.trouble?.kind, 'away');
    assert.deepEqual(
      account.devices?.map(({ glance }) => glance?.nick),
      ['kitchen'],
    );
    hub.faults.splice(0);
    hub.tokens.expireAll();
    await model.refresh();
    assert.deepEqual(model.accounts?.[0]?.trouble, { kind: 'loggedOut', hub: hub.url });
  });
});
