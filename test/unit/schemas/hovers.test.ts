import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schemas } from './schemas';

const documentation = 'https://docs.pantahub.com/pantavisor-src/docs/';

/** Pages of Pantavisor's documentation, and their headings that may be named; they are its repository's docs/. */
const pages: Readonly<Record<string, readonly string[]>> = {
  'overview/bsp/': ['addons', 'managed-drivers'],
  'overview/containers/': [
    ...[
      'auto-recovery',
      'drivers',
      'exports',
      'groups',
      'loggers',
      'remount-policies',
      'restart-policy',
      'roles',
    ],
    ...['status-goal', 'volumes'],
  ],
  'overview/disks/': ['aliases', 'dual', 'init_order-actions'],
  'overview/ipam/': [],
  'overview/revisions/': [],
  'overview/storage/': ['integrity', 'state-signature'],
  'overview/updates/': ['progress'],
  'overview/xconnect/': ['supported-service-types'],
  'reference/pantavisor-state-format-v2/': ['4-infrastructure-devicejson'],
};

interface Text {
  readonly place: string;
  readonly key: string;
  readonly text: string;
}

/** All that people read in a schema. */
function textsIn(value: unknown, place: string): readonly Text[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]: [string, unknown]): readonly Text[] => {
    if (typeof part === 'string' && /description|message$/i.test(key)) return [{ place, key, text: part }];
    return textsIn(part, `${place}/${key}`);
  });
}

const texts = [...schemas].flatMap(([name, schema]) => textsIn(schema, name));
const links = texts.flatMap(({ place, text }) =>
  [...text.matchAll(/\]\(([^)]*)\)/g)].map((match) => ({ place, link: match[1] ?? '' })),
);

/** What is said of a key, wherever it stands. */
function saidOf(key: string): readonly string[] {
  return texts
    .filter((one) => one.place.endsWith(`/properties/${key}`) && one.key === 'markdownDescription')
    .map(({ text }) => text);
}

describe('what schemas say', () => {
  it('leads to pages that there are', () => {
    assert.ok(links.length > 0);
    for (const { place, link } of links) {
      assert.ok(link.startsWith(documentation), `${place}: ${link}`);
      const [page = '', heading] = link.slice(documentation.length).split('#');
      const headings = pages[page];
      assert.ok(
        headings !== undefined && (heading === undefined || headings.includes(heading)),
        `${place}: ${link}`,
      );
    }
  });

  it('explains the words that people stumble over, with a page to read on', () => {
    const words: Readonly<Record<string, RegExp>> = {
      status_goal: /^Status goal: /,
      PV_STATUS_GOAL: /^Status goal: /,
      restart_policy: /^Restart policy: /,
      PV_RESTART_POLICY: /^Restart policy: /,
      group: /^Group: /,
      PV_GROUP: /^Group: /,
      runlevel: /^Runlevel: /,
      persistence: /^Persistence: /,
    };
    for (const [key, word] of Object.entries(words)) {
      const said = saidOf(key);
      assert.ok(said.length > 0, key);
      for (const text of said) {
        assert.match(text, word);
        assert.ok(text.includes(documentation), `${key}: ${text}`);
      }
    }
  });

  it('explains trail, step, DONE and UPDATED where they come up', () => {
    const all = JSON.stringify(schemas.get('state.schema.json'));
    assert.match(all, /\*\*trail\*\*.*\*\*step\*\*.*DONE/);
    const choices = JSON.stringify(schemas.get('run.schema.json'));
    assert.match(choices, /ends as UPDATED/);
    assert.match(choices, /ends as DONE/);
  });

  it('has one sentence for each value that can be chosen', () => {
    const count = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const { enum: list, markdownEnumDescriptions: said } = value as Record<string, unknown>;
      if (Array.isArray(list) && Array.isArray(said))
        assert.equal(said.length, list.length, JSON.stringify(list));
      Object.values(value).forEach(count);
    };
    schemas.forEach(count);
  });

  it('ends with a stop, or a link', () => {
    for (const { place, key, text } of texts) {
      if (place.endsWith('EnumDescriptions')) continue;
      assert.match(text, /([.)]|`)$/, `${place} ${key}: ${text}`);
    }
  });
});
