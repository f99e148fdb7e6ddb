import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseShare, parseSize } from '../../../src/core/budget/amounts';
import { describeVerdict, judge, strangersIn, type Weights } from '../../../src/core/budget/judge';
import { junitReport, markdownReport } from '../../../src/core/budget/reports';
import { limitKeys, measures, readRules, type Rule, withGiven } from '../../../src/core/budget/rules';
import { partOf } from '../schemas/schemas';

const weights: Weights = {
  download: 3_000_000,
  apps: [
    { name: 'plain', download: 0, base: 5_000_000, overlay: undefined },
    { name: 'shop', download: 1_000_000, base: 10_000_000, overlay: 1_000_000 },
    { name: 'web', download: 2_000_000, base: 10_000_000, overlay: 4_000_000 },
  ],
};

const rules = (budget: object) => readRules(JSON.stringify({ budget }));
const broken = (some: readonly Rule[], of = weights) =>
  judge(some, of).verdicts.flatMap((verdict) => (verdict.isBroken ? [describeVerdict(verdict)] : []));

describe('a budget', () => {
  it('has no rule that nobody has written', () => {
    assert.deepEqual(readRules('{}'), []);
    assert.deepEqual(judge([], weights).verdicts, []);
  });

  it('reads sizes and shares as people write them', () => {
    const sizes = ['10 MB', '10mb', '10M', '1.5kB', '8 MiB', '17', '0', '3 bananas', '-1', '', 'MB'];
    assert.deepEqual(sizes.map(parseSize), [
      10e6,
      10e6,
      10e6,
      1500,
      8 * 2 ** 20,
      17,
      0,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(['25 %', '25', '12.5%', '140 %', 'half', '-1'].map(parseShare), [
      25,
      25,
      12.5,
      140,
      undefined,
      undefined,
    ]);
  });

  it('holds downloads as a whole, overlays each, and apps to their own limits', () => {
    assert.deepEqual(broken(rules({ maxDownload: '2 MB' })), [
      'a device downloads 3 MB, and 2 MB are allowed',
    ]);
    assert.deepEqual(broken(rules({ maxOverlay: '1 MB' })), [
      'the overlay of web weighs 4 MB, and 1 MB are allowed',
    ]);
    assert.deepEqual(broken(rules({ maxShare: 5, apps: { web: { maxShare: '40 %' } } })), [
      'the overlay of shop weighs 10 % of its base, and 5 % are allowed',
    ]);
    assert.deepEqual(broken(rules({ apps: { web: { maxDownload: 1 }, plain: { maxOverlay: 0 } } })), [
      'a device downloads 2 MB for web, and 1 B are allowed',
    ]);
  });

  it('keeps what weighs as much as is allowed, and tells a single byte too many', () => {
    const one = (overlay: number): Weights => ({
      download: 0,
      apps: [{ name: 'web', download: 0, base: 10_000_000, overlay }],
    });
    assert.deepEqual(broken(rules({ maxOverlay: '1 MB', maxShare: 10 }), one(1_000_000)), []);
    assert.deepEqual(broken(rules({ maxOverlay: '1 MB', maxShare: 10 }), one(1_000_001)), [
      'the overlay of web weighs 1000001 bytes, and 1000000 bytes are allowed',
      'the overlay of web weighs 10.00001 % of its base, and 10 % are allowed',
    ]);
  });

  it('is given anew for a measure, with all of its rules', () => {
    const inFile = rules({ maxOverlay: 1, maxShare: 1, apps: { web: { maxOverlay: 2 } } });
    const given: Rule = { measure: 'overlay', app: undefined, limit: 3, from: 'given' };
    assert.deepEqual(
      withGiven(inFile, [given]).map(({ measure, limit }) => [measure, limit]),
      [
        ['share', 1],
        ['overlay', 3],
      ],
    );
  });

  it('is refused where a typing error would let everything through', () => {
    const faults = {
      '{"budgets":{}}': /it has "budgets"/,
      '{"budget":{"maxoverlay":1}}': /budget has "maxoverlay"/,
      '{"budget":{"apps":{"web":{"max":1}}}}': /web has "max"/,
      '{"budget":{"apps":{"web":5}}}': /web is a number instead of an object/,
      '{"budget":{"maxShare":"half"}}': /"maxShare" of budget is "half" instead of a share in percent/,
      '{"budget":{"maxOverlay":true}}': /is true or false instead of a size/,
      '{"budget":': /./,
    };
    for (const [text, message] of Object.entries(faults))
      assert.throws(() => readRules(text), { name: 'Problem', message });
    assert.deepEqual(strangersIn(rules({ apps: { wed: { maxShare: 1 } } }), ['web']), ['wed']);
  });

  it('has the keys of its schema', () => {
    const budget = ['properties', 'budget', 'properties'];
    assert.deepEqual(Object.keys(partOf('pvx.schema.json', ...budget)), [
      ...measures.map((measure) => limitKeys[measure]),
      'apps',
    ]);
    assert.deepEqual(
      Object.keys(partOf('pvx.schema.json', ...budget, 'apps', 'additionalProperties', 'properties')),
      Object.values(limitKeys),
    );
  });
});

describe('reports of weights', () => {
  const judgement = judge(rules({ maxDownload: '5 MB', maxOverlay: '1 MB' }), weights);
  const blame = () => '/usr/lib/<a>|b.so (3 MB)';

  it('are JUnit, with a case for each rule and each app', () => {
    const text = junitReport(judgement, blame);
    assert.match(text, /<testsuites tests="7" failures="1" errors="0">/);
    assert.equal(text.match(/<testcase /g)?.length, 7);
    assert.match(
      text,
      /<testcase classname="size" name="web: maxOverlay">\n +<failure message="the overlay of web weighs 4 MB, and 1 MB are allowed; most of it: \/usr\/lib\/&lt;a&gt;\|b\.so \(3 MB\)"/,
    );
    assert.match(text, /name="plain: weight">\n +<system-out>a device downloads 0 B \(0 bytes\), base 5 MB/);
  });

  it('are Markdown, whatever names hold', () => {
    const text = markdownReport(judgement, blame);
    assert.match(
      text,
      /^❌ \*\*Over the size budget\*\*\n\n- the overlay of web weighs 4 MB.*\\<a\\>\\\|b\.so/,
    );
    assert.match(text, /\| web \| 2 MB \| 4 MB \| 10 MB \| 40 % \|/);
    assert.match(text, /A device downloads \*\*3 MB\*\* in all\./);
  });

  it('say the weights also where there is no rule', () => {
    const free = judge([], weights);
    assert.match(junitReport(free, blame), /tests="4" failures="0"/);
    assert.match(markdownReport(free, blame), /^\| App \|/);
  });
});
