/** A record of an answer, as far as services are told by it. */
export type DnsRecord =
  | { readonly name: string; readonly type: 'PTR'; readonly target: string }
  | { readonly name: string; readonly type: 'SRV'; readonly port: number; readonly target: string }
  | { readonly name: string; readonly type: 'TXT'; readonly texts: readonly string[] }
  | { readonly name: string; readonly type: 'A' | 'AAAA'; readonly address: string };

export interface Question {
  /** Without the last dot; a label is what stands between dots. */
  readonly name: string;
  readonly type: DnsRecord['type'];
}

const types = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 } as const;
const internet = 1;
/** More than any answer has; what says more is not read to its end. */
const maxRecords = 512;
const maxName = 255;

/** A query of multicast DNS (RFC 6762), whose answers come to whoever asks. */
export function queryOf(questions: readonly Question[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(questions.length, 4);
  const bodies = questions.map(({ name, type }) => {
    const labels = name.split('.').map((label) => {
      const text = Buffer.from(label);
      return Buffer.concat([Buffer.from([text.length]), text]);
    });
    const end = Buffer.alloc(5);
    end.writeUInt16BE(types[type], 1);
    end.writeUInt16BE(internet, 3);
    return Buffer.concat([...labels, end]);
  });
  return Buffer.concat([head, ...bodies]);
}

/**
 * The records of an answer (RFC 1035, 4), of all its sections. Of a packet that is cut or makes no sense come those before.
 *
 * @returns none of what is a question.
 */
export function recordsIn(packet: Buffer): readonly DnsRecord[] {
  const records: DnsRecord[] = [];
  try {
    if ((packet.readUInt16BE(2) & 0x8000) === 0) return [];
    const questions = packet.readUInt16BE(4);
    const count = packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10);
    let at = 12;
    for (let index = 0; index < Math.min(questions, maxRecords); index += 1) at = nameAt(packet, at).end + 4;
    for (let index = 0; index < Math.min(count, maxRecords); index += 1) {
      const { name, end } = nameAt(packet, at);
      const type = packet.readUInt16BE(end);
      const length = packet.readUInt16BE(end + 8);
      const start = end + 10;
      at = start + length;
      if (at > packet.length) break;
      const record = recordOf(name, type, packet, start, at);
      if (record !== undefined) records.push(record);
    }
  } catch (error) {
    // What a buffer says of a place that it doesn't have.
    if (!(error instanceof RangeError)) throw error;
  }
  return records;
}

function recordOf(
  name: string,
  type: number,
  packet: Buffer,
  start: number,
  end: number,
): DnsRecord | undefined {
  switch (type) {
    case types.PTR:
      return { name, type: 'PTR', target: nameAt(packet, start).name };
    case types.SRV:
      return {
        name,
        type: 'SRV',
        port: packet.readUInt16BE(start + 4),
        target: nameAt(packet, start + 6).name,
      };
    case types.TXT:
      return { name, type: 'TXT', texts: textsIn(packet.subarray(start, end)) };
    case types.A:
      return end - start === 4
        ? { name, type: 'A', address: [...packet.subarray(start, end)].join('.') }
        : undefined;
    case types.AAAA:
      return end - start === 16
        ? { name, type: 'AAAA', address: addressOf(packet.subarray(start, end)) }
        : undefined;
    default:
      return undefined;
  }
}

function textsIn(bytes: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at] ?? 0;
    if (length > 0) texts.push(bytes.subarray(at + 1, at + 1 + length).toString('utf8'));
    at += 1 + length;
  }
  return texts;
}

function addressOf(bytes: Buffer): string {
  const words = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16)).join(':');
  // The longest row of zeros is left out (RFC 5952).
  const [longest] = [...words.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  return longest === undefined
    ? words
    : `${words.slice(0, longest.index)}::${words.slice(longest.index + longest[0].length).replace(/^:/, '')}`;
}

/** A name, with those that it points to, which only ever lie before it. */
function nameAt(packet: Buffer, from: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let end: number | undefined;
  let at = from;
  let size = 0;
  for (;;) {
    const length = packet.readUInt8(at);
    if (length === 0) return { name: labels.join('.'), end: end ?? at + 1 };
    if ((length & 0xc0) === 0xc0) {
      const target = packet.readUInt16BE(at) & 0x3fff;
      if (target >= at) throw new RangeError('a name that points forward');
      end ??= at + 2;
      at = target;
      continue;
    }
    if ((length & 0xc0) !== 0) throw new RangeError('a label of a kind that nobody knows');
    size += length + 1;
    if (size > maxName || at + 1 + length > packet.length) throw new RangeError('a name that is too long');
    // A dot in a label is no end of one.
    labels.push(packet.toString('utf8', at + 1, at + 1 + length).replaceAll('.', '\\.'));
    at += 1 + length;
  }
}
