import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { queryOf, recordsIn } from '../../../src/core/remote/desk/mdns';
import { scanForDevices } from '../../../src/core/remote/desk/scan';
import { mdnsPackets } from '../../desk/mdns-packets';

describe('devices in the network', () => {
  it('are read from packets, however those are made', () => {
    const records = Object.entries(mdnsPackets).map(([what, packet]) => [what, recordsIn(packet).length]);
    assert.deepEqual(Object.fromEntries(records), {
      ...{ 'a device': 5, 'a device, in few bytes': 3, 'another machine': 2 },
      ...{ 'a name that points to itself': 0, 'many records of none': 512 - 512 },
    });
    assert.deepEqual(recordsIn(queryOf([{ name: '_ssh._tcp.local', type: 'PTR' }])), []);
  });

  it('are told once each, also those that no hub knows, and nothing else', async () => {
    const responder = createSocket('udp4').bind(0, '127.0.0.1');
    await new Promise((resolve) => responder.once('listening', resolve));
    responder.on('message', (_, { port, address }) => {
      for (const packet of Object.values(mdnsPackets)) responder.send(packet, port, address);
    });
    const groups = [{ family: 'udp4', address: '127.0.0.1', port: responder.address().port }] as const;
    const told: string[] = [];
    const job = silentJob();
    const found = await scanForDevices(
      { milliseconds: 1_500, groups },
      job,
      ({ name }) => void told.push(name),
    );
    responder.close();
    assert.deepEqual(told.sort(), ['kitchen', 'pantavisor']);
    assert.deepEqual(found[0], {
      ...{ name: 'kitchen', host: 'kitchen.local', port: 8222, isClaimed: false },
      ...{ deviceId: '6b0cda23686c8238cc34e514', hub: 'https://api.pantahub.com:443' },
      addresses: ['192.168.1.20', ...(found[0]?.addresses.slice(1) ?? [])],
    });
    assert.equal(found[1]?.deviceId, undefined);
  });
});
