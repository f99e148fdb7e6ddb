import { Random } from '../test/device-view/random';

/**
 * Bytes that compress about as well as the machine code of programs and libraries: a few instructions make up most of it,
 * and now and then there is an address. The same name and length give the same bytes on every machine.
 */
export function machineCode(name: string, length: number): Buffer {
  const random = new Random(seedOf(name));
  const instructions = random.bytes(4 * 2048);
  const code = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) {
    if (random.chance(0.2)) {
      code.writeUInt32LE(random.below(2 ** 24), at);
    } else {
      // The lower of two dice: the first instructions come up most.
      const instruction = Math.min(random.below(2048), random.below(2048), random.below(2048));
      instructions.copy(code, at, 4 * instruction, 4 * instruction + 4);
    }
  }
  code.write('\x7fELF', 'latin1');
  return code;
}

/** A web page with this title and as many paragraphs of plain prose. */
export function page(title: string, paragraphs: number): string {
  const random = new Random(seedOf(title));
  const prose = Array.from({ length: paragraphs }, () => {
    const words = Array.from({ length: 40 + random.below(60) }, () => random.pick(vocabulary));
    return `    <p>${words.join(' ')}.</p>`;
  });
  return [
    '<!doctype html>',
    '<html lang="en">',
    `  <head><title>${title}</title><link rel="stylesheet" href="/style.css"></head>`,
    '  <body>',
    `    <h1>${title}</h1>`,
    ...prose,
    '  </body>',
    '</html>',
    '',
  ].join('\n');
}

const vocabulary = [
  ...(['the', 'a', 'of', 'and', 'to', 'in', 'is', 'that', 'for', 'on', 'with', 'as', 'by', 'at'] as const),
  ...(['device', 'gateway', 'sensor', 'valve', 'motor', 'panel', 'battery', 'reading', 'alarm'] as const),
  ...(['measures', 'reports', 'opens', 'closes', 'sleeps', 'wakes', 'restarts', 'waits'] as const),
  ...(['slowly', 'daily', 'remote', 'local', 'warm', 'quiet', 'steady', 'low', 'high'] as const),
] as const;

/** FNV-1a. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
