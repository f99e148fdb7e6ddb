// npm run fuzz: lets all targets read what nobody means well with, and says how many inputs each has seen.
//   npm run fuzz -- --seconds 600 --seed 7          for longer, with other inputs
//   npm run fuzz -- --only squashfs --keep          one target; what reaches more of the code goes to the corpus
//   npm run fuzz -- --only squashfs --input FILE    reads one input, to see what is wrong with it
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../../src/cli/table';
import { sha256 } from '../image-maker/layer';
import { isLongForm } from '../long-form';
import { fuzz, type Outcome } from './supervisor';
import { corpusOf, moduleOf, targetNames, type TargetName } from './targets';

/** Two targets at a time: on the machine of continuous integration that is one for each processor. */
const lanes = 2;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: isLongForm ? '60' : '15' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
      keep: { type: 'boolean', default: false },
      input: { type: 'string' },
    },
  });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
  const { only } = values;
  const names = targetNames.filter((name) => name === only || (!isTarget(only) && name.includes(only)));
  if (names.length === 0 || !(seconds >= 0) || !Number.isInteger(seed)) {
    console.error(`--seconds and --seed want a number, --only one of ${targetNames.join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  const outcomes = new Map<TargetName, Outcome>();
  const waiting = [...names];
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const corpus = corpusOf(name);
      const options = values.input === undefined ? { corpus, seconds } : { input: values.input, seconds: 0 };
      outcomes.set(
        name,
        await fuzz(moduleOf(name), { seed, ...options, ...(values.keep && { keepIn: corpus }) }),
      );
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  report(names, outcomes);
}

function isTarget(name: string): boolean {
  return targetNames.some((known) => known === name);
}

function report(names: readonly TargetName[], outcomes: ReadonlyMap<TargetName, Outcome>): void {
  const rows = names.map((name) => {
    const { inputs = 0, blocks = 0, findings = [] } = outcomes.get(name) ?? {};
    return [name, String(inputs), String(blocks), String(findings.length)];
  });
  console.log(formatTable([['target', 'inputs', 'blocks reached', 'findings'], ...rows], new Set([1, 2, 3])));
  const found = names.flatMap((name) =>
    (outcomes.get(name)?.findings ?? []).map((each) => ({ name, ...each })),
  );
  if (found.length === 0) return;
  const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-findings-'));
  for (const { name, what, input } of found) {
    const file = path.join(folder, name, sha256(input).slice(-16));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, input);
    console.log(`\n${what}\nAgain: npm run fuzz -- --only ${name} --input ${file}`);
  }
  process.exitCode = 1;
}

void main();
