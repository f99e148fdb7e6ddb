import { soundFiles } from '../../unit/checkout/sample-checkout';

/** Texts by path below a checkout. */
export type CheckoutFiles = Readonly<Record<string, string>>;

const sound: CheckoutFiles = Object.fromEntries(
  Object.entries(soundFiles).filter((entry): entry is [string, string] => entry[1] !== undefined),
);

const groups = [
  { name: 'data', status_goal: 'MOUNTED', restart_policy: 'system' },
  { name: 'app', status_goal: 'STARTED', restart_policy: 'container', timeout: 30 },
];

const signature = JSON.stringify({
  '#spec': 'pvs@2',
  protected: Buffer.from(
    JSON.stringify({
      typ: 'PVS',
      alg: 'ES256',
      pvs: { include: ['plain/**', '_config/plain/**'], exclude: ['plain/src.json'] },
    }),
  ).toString('base64url'),
  signature: 'c2lnbmVk',
});

const journal = JSON.stringify({
  version: 2,
  what: 'updating plain',
  folders: ['fresh'],
  steps: [
    {
      kind: 'replace',
      target: 'fresh/run.json',
      before: { kind: 'absent' },
      // Of {}: its time and number are never those of the file.
      after: {
        size: 2,
        mtimeNs: '0',
        inode: '1',
        sha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      },
      staged: '1-run.json',
      kept: '2-kept',
      isLinked: false,
    },
    { kind: 'remove', target: 'hello/link', before: { kind: 'absent' }, kept: '3-kept' },
  ],
});
const transaction = '.pvr/tmp/01234567-89ab-cdef-0123-456789abcdef';

const rich: CheckoutFiles = {
  ...sound,
  '.pvr/json': JSON.stringify({
    '#spec': 'pantavisor-service-system@1',
    'plain/run.json': { name: 'plain' },
    'plain/root.squashfs': 'f'.repeat(64),
    'device.json': {},
  }),
  '.pvr/new': JSON.stringify({ 'hello/run.json': 'x', 'hello/src.json': 'y' }),
  '.pvr/commitmsg': 'a message',
  'device.json': JSON.stringify({ groups, volumes: {}, disks: [{ name: 'disk', type: 'directory' }] }),
  'groups.json': JSON.stringify(groups),
  'bsp/run.json': JSON.stringify({
    addons: [],
    firmware: 'f.squashfs',
    initrd: 'i',
    linux: 'l',
    modules: 'm',
  }),
  '_sigs/plain.json': signature,
  '_config/plain/etc/motd': 'hello',
};

const one = (file: string, text: string): CheckoutFiles => ({ ...sound, [file]: text });

/** A whole checkout each: sound, and with what nobody would write. */
export const hostileCheckouts: Readonly<Record<string, CheckoutFiles>> = {
  sound,
  rich,
  interrupted: { ...rich, [`${transaction}/journal.json`]: journal, [`${transaction}/1-run.json`]: '{}' },
  'a journal that leads out': one(
    `${transaction}/journal.json`,
    journal.replace('fresh/run.json', '../../outside').replace('hello/link', '../outside'),
  ),
  'a journal that keeps elsewhere': one(
    `${transaction}/journal.json`,
    journal.replace('3-kept', '3-../../../x'),
  ),
  'lists without end': one('plain/src.json', '['.repeat(60_000)),
  'objects without end': one('plain/run.json', '{"a":'.repeat(10_000)),
  'a number without end': one('.pvr/json', `{"a":${'9'.repeat(60_000)}}`),
  'members of all objects': one(
    'plain/src.json',
    '{"__proto__":{"docker_name":"x"},"constructor":1,"toString":null}',
  ),
  'an app that extends itself': one(
    'base/src.json',
    soundFiles['hello/src.json']?.replace('"base":"base"', '"base":"hello"') ?? '',
  ),
  'a pattern that takes for ever': one(
    '_sigs/plain.json',
    signature.replace(
      /"protected":"[^"]*"/,
      `"protected":"${Buffer.from(JSON.stringify({ typ: 'PVS', pvs: { include: [`${'*a'.repeat(60)}b`, '**/'.repeat(40)] } })).toString('base64url')}"`,
    ),
  ),
  'a name that is a path of another': one(
    '.pvr/json',
    '{"a":"x","a/b":"y","/etc/passwd":"z","../x":"w","":"v"}',
  ),
  'no UTF-8': one('plain/run.json', '{"name":"\u00ff\u00fe\ud800"}'),
};
