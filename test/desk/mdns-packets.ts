const service = ['_ssh', '_tcp', 'local'];

/** Labels, then what ends them: nothing, or the place of others. */
function name(labels: readonly string[], end: readonly number[] = [0]): Buffer {
  const parts = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...parts, Buffer.from(end)]);
}

function record(owner: Buffer, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(0x8001, 2);
  head.writeUInt32BE(120, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, head, data]);
}

function answer(records: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0x8400, 2);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, ...records]);
}

const place = (port: number, target: Buffer) =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, port >> 8, port & 0xff]), target]);
const texts = (...all: readonly string[]) =>
  Buffer.concat(all.map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])));

/** What a device says that a hub knows, and what one says that never spoke to any; and what is made to hurt. */
export const mdnsPackets: Readonly<Record<string, Buffer>> = {
  'a device': answer([
    record(name(['_pantavisor', '_sub', ...service]), 12, name(['kitchen', ...service])),
    record(name(['kitchen', ...service]), 33, place(8222, name(['kitchen', 'local']))),
    record(
      name(['kitchen', ...service]),
      16,
      texts('device-id=6b0cda23686c8238cc34e514', 'challenge=a-b-c', 'pantahub=https://api.pantahub.com:443'),
    ),
    record(name(['kitchen', 'local']), 1, Buffer.from([192, 168, 1, 20])),
    record(name(['kitchen', 'local']), 28, Buffer.from('fe800000000000000000000000000001', 'hex')),
  ]),
  // The name of its service begins at the twelfth byte.
  'a device, in few bytes': answer([
    record(name(service), 12, name(['pantavisor'], [0xc0, 12])),
    record(name(['pantavisor'], [0xc0, 12]), 33, place(8222, name(['pantavisor', 'local']))),
    record(name(['pantavisor', 'local']), 1, Buffer.from([10, 0, 0, 7])),
  ]),
  'another machine': answer([
    record(name(service), 12, name(['printer', ...service])),
    record(name(['printer', ...service]), 33, place(22, name(['printer', 'local']))),
  ]),
  'a name that points to itself': answer([record(Buffer.from([0xc0, 12]), 12, Buffer.from([0xc0, 12]))]),
  'many records of none': Buffer.concat([
    Buffer.from([0, 0, 0x84, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    Buffer.alloc(2000),
  ]),
};
