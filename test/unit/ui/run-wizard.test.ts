import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameOfSource, suggestName } from '../../../src/ui/wizard/new-app';
import { runWizard, type Frame, type Outcome, type Question } from '../../../src/ui/wizard/run-wizard';

interface Answers {
  readonly name: string;
  readonly size: string;
}

type Script = readonly (readonly [question: string, outcome: Outcome<Answers>])[];

const back = { kind: 'back' } as const;
const say = (answers: Partial<Answers>) => ({ kind: 'answer', answers }) as const;
const change = (question: number) => ({ kind: 'change', question }) as const;

/** Runs a wizard of three questions by a script that says which one is expected, and how it ends. */
async function play(script: Script, initial: Partial<Answers> = {}) {
  const asked: { question: string; frame: Frame; known: Partial<Answers> }[] = [];
  const question = (name: string): Question<Answers> => {
    return (frame, known) => {
      const [expected, outcome = back] = script[asked.length] ?? [];
      assert.equal(name, expected);
      asked.push({ question: name, frame, known });
      return Promise.resolve(outcome);
    };
  };
  const answers = await runWizard('Title', ['name', 'size', 'summary'].map(question), initial);
  assert.equal(asked.length, script.length);
  return { answers, asked };
}

describe('a wizard', () => {
  it('asks everything once, and says where it stands', async () => {
    const { answers, asked } = await play([
      ['name', say({ name: 'web' })],
      ['size', say({ size: 'L' })],
      ['summary', say({})],
    ]);
    assert.deepEqual(answers, { name: 'web', size: 'L' });
    assert.deepEqual(asked[1]?.frame, { title: 'Title', step: 2, totalSteps: 3, canGoBack: true });
    assert.equal(asked[0]?.frame.canGoBack, false);
  });

  it('goes back, and knows then what was answered', async () => {
    const { answers, asked } = await play([
      ['name', say({ name: 'web' })],
      ['size', back],
      ['name', say({ name: 'shop' })],
      ['size', say({ size: 'L' })],
      ['summary', say({})],
    ]);
    assert.deepEqual(asked[2]?.known, { name: 'web' });
    assert.deepEqual(answers, { name: 'shop', size: 'L' });
  });

  it('changes one answer from the summary, and returns to it', async () => {
    const { answers } = await play([
      ['name', say({ name: 'web' })],
      ['size', say({ size: 'L' })],
      ['summary', change(0)],
      ['name', say({ name: 'shop' })],
      ['summary', change(1)],
      ['size', back],
      ['summary', say({})],
    ]);
    assert.deepEqual(answers, { name: 'shop', size: 'L' });
  });
});

describe('the name that is suggested for an app', () => {
  it('is the last part of its image, as a folder may be called', () => {
    assert.equal(suggestName('registry.example:5000/team/My.Shop:2', []), 'my-shop');
    assert.equal(suggestName('nginx@sha256:abc', []), 'nginx');
    assert.equal(suggestName('', []), 'app');
  });

  it('comes from what a path or an app of another checkout is called', () => {
    assert.equal(nameOfSource({ reference: 'nginx:1' }), 'nginx:1');
    assert.equal(nameOfSource({ type: 'rootfs', reference: '/x/os-image.tar.xz' }), 'os-image');
    assert.equal(nameOfSource({ type: 'rootfs', reference: 'C:\\x\\rootfs\\' }), 'rootfs');
    assert.equal(nameOfSource({ type: 'pvr', reference: '/x/fleet#db' }), 'db');
  });

  it('is one that is free', () => assert.equal(suggestName('nginx:1', ['Nginx', 'nginx-2']), 'nginx-3'));
});
