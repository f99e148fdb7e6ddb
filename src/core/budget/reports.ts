import { formatShare, formatSize } from '../presentation/size';
import { describeVerdict, type AppWeights, type Judgement, type Verdict } from './judge';
import { limitKeys } from './rules';

/** What weighs most in what breaks a rule: sentences are added to the verdict's own. */
export type Blame = (verdict: Verdict) => string | undefined;

/**
 * A JUnit report: a test case for each rule, and one for each app that says what it weighs. The format is the one that GitLab, Jenkins
 * and GitHub's actions read: https://github.com/testmoapp/junitxml.
 */
export function junitReport({ weights, verdicts }: Judgement, blame: Blame): string {
  const cases = [
    ...weights.apps.map((app) => testCase(`${app.name}: weight`, weightLine(app), undefined)),
    ...(weights.download === undefined
      ? []
      : [
          testCase(
            'revision: weight',
            `a device downloads ${formatSize(weights.download)} (${weights.download} bytes)`,
            undefined,
          ),
        ]),
    ...verdicts.map((verdict) => {
      const said = describeVerdict(verdict);
      const { rule, app, isBroken } = verdict;
      const name = `${app ?? 'revision'}: ${limitKeys[rule.measure]}`;
      return testCase(name, said, isBroken ? withBlame(said, blame(verdict)) : undefined);
    }),
  ];
  const failures = verdicts.filter(({ isBroken }) => isBroken).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}" errors="0">`,
    `  <testsuite name="size budget" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** The same as a comment of a merge request: a table of weights, and what was broken above it. */
export function markdownReport({ weights, verdicts }: Judgement, blame: Blame): string {
  const broken = verdicts.filter(({ isBroken }) => isBroken);
  const heading =
    verdicts.length === 0
      ? []
      : broken.length === 0
        ? [`✅ **Within the size budget** (${verdicts.length} checked)`, '']
        : [
            `❌ **Over the size budget**`,
            '',
            ...broken.map(
              (verdict) => `- ${markdownText(withBlame(describeVerdict(verdict), blame(verdict)))}`,
            ),
            '',
          ];
  const rows = weights.apps.map(({ name, download, base, overlay }) => [
    markdownText(name),
    download === undefined ? '?' : formatSize(download),
    overlay === undefined ? '–' : formatSize(overlay),
    base === undefined ? '–' : formatSize(base),
    overlay === undefined || base === undefined ? '–' : formatShare(overlay, base),
  ]);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    ...heading,
    row(['App', 'Download', 'Overlay', 'Base', 'Share']),
    row(['---', '---:', '---:', '---:', '---:']),
    ...rows.map(row),
    ...(weights.download === undefined
      ? []
      : ['', `A device downloads **${formatSize(weights.download)}** in all.`]),
    '',
  ].join('\n');
}

function weightLine({ download, base, overlay }: AppWeights): string {
  return [
    ...(download === undefined ? [] : [`a device downloads ${formatSize(download)} (${download} bytes)`]),
    ...(overlay === undefined ? [] : [`overlay ${formatSize(overlay)} (${overlay} bytes)`]),
    ...(base === undefined ? [] : [`base ${formatSize(base)} (${base} bytes)`]),
    ...(overlay === undefined || base === undefined ? [] : [`share ${formatShare(overlay, base)}`]),
  ].join(', ');
}

function testCase(name: string, said: string, failure: string | undefined): string {
  const attributes = `classname="size" name="${xmlText(name)}"`;
  return [
    `    <testcase ${attributes}>`,
    failure === undefined
      ? `      <system-out>${xmlText(said)}</system-out>`
      : `      <failure message="${xmlText(failure)}" type="size">${xmlText(failure)}</failure>`,
    '    </testcase>',
  ].join('\n');
}

function withBlame(said: string, heaviest: string | undefined): string {
  return heaviest === undefined ? said : `${said}; most of it: ${heaviest}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML 1.0 has no way at all to say most control characters. */
function xmlText(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character] ?? '');
}

/** Names may hold what would be markup. */
function markdownText(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>|#~]/g, '\\$&');
}
