import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { PostingProtocol, PostingStrings, Review } from '../../../webview/posting/protocol';
import { FakeHostOf, PageInTest } from './fake-host';

const strings: PostingStrings = {
  columns: { part: 'Part', change: 'Change', files: 'Files', download: 'Download', effect: 'On the Device' },
  weights: 'Weights',
  nothing: 'Nothing changes',
  compare: 'Compare {0}',
  failed: 'Failed',
  copyReport: 'Copy',
};

const review: Review = {
  title: 'Post gateway to alice/kitchen',
  facts: ['It becomes revision 2.'],
  objections: [
    { level: 'note', label: 'Note:', text: 'It waits.', actions: [{ id: '2', label: 'Cancel Revision 1' }] },
    { level: 'refusal', label: 'Stops it:', text: 'It is behind.', actions: [] },
  ],
  actions: [
    { id: '0', label: 'Merge First' },
    { id: '1', label: 'Post, and Undo Revision 1' },
  ],
  warning: 'It undoes.',
  weights: [
    { label: 'Download', size: '12 kB', details: ['1 object'], bar: undefined },
    {
      ...{ label: 'Disk', size: '2 MB', details: [] },
      bar: [
        { share: 40, kind: 'own' },
        { share: 180, kind: 'other' },
      ],
    },
  ],
  changes: {
    title: 'What It Changes',
    restart: 'It reboots.',
    parts: [
      {
        ...{ name: 'web', kind: 'changed', change: 'changed', files: '3' },
        ...{ download: '12 kB', effect: 'the app restarts' },
      },
    ],
  },
};

describe('the review of a post, as a page', () => {
  let host: FakeHostOf<PostingProtocol>;
  let page: PageInTest;
  beforeEach(async () => {
    host = new FakeHostOf<PostingProtocol>(strings, { subject: { checkout: '/work/gateway' } });
    page = await PageInTest.open(async () => {
      const { PostingPage } = await import('../../../webview/posting/posting-page');
      return <PostingPage host={host} />;
    });
  });
  afterEach(() => page.close());

  const say = (message: PostingProtocol['toPage']) => page.do(() => host.say(message));
  const buttons = () => page.all('vscode-button').map((each) => each.textContent);
  const button = (label: string) => {
    const found = page.all('vscode-button, button').find((each) => each.textContent === label);
    assert.ok(found, label);
    return found;
  };

  it('asks when it can listen, and says what is looked at', async () => {
    assert.deepEqual(host.posted, [{ type: 'ready' }]);
    await say({ type: 'busy', text: 'Looking' });
    assert.equal(page.one('[role=status]').textContent, 'Looking');
    assert.equal(page.one('main').getAttribute('aria-busy'), 'true');
  });

  it('shows all of a review, the meant button first', async () => {
    await say({ type: 'review', review });
    assert.equal(page.one('h1').textContent, 'Post gateway to alice/kitchen');
    assert.deepEqual(buttons(), ['Merge First', 'Post, and Undo Revision 1']);
    assert.deepEqual(
      page.all('vscode-button').map((each) => each.getAttribute('appearance')),
      ['primary', 'secondary'],
    );
    assert.deepEqual(
      page.all('.objections li').map((each) => [each.className, each.textContent]),
      [
        ['note', 'Note: It waits.Cancel Revision 1'],
        ['refusal', 'Stops it: It is behind.'],
      ],
    );
    assert.deepEqual(
      page.all('tbody tr').map((row) => [...row.children].map((cell) => cell.textContent).join('|')),
      ['web|changed|3|12 kB|the app restarts'],
    );
    assert.deepEqual(
      page.all('.bar span').map((each) => each.style.width),
      ['40%', '100%'],
    );
  });

  it('tells what is pressed, and nothing while something is done', async () => {
    await say({ type: 'review', review });
    await page.click(button('Merge First'));
    await page.click(button('Cancel Revision 1'));
    await page.click(button('web'));
    assert.deepEqual(host.posted.slice(1), [
      { type: 'act', id: '0' },
      { type: 'act', id: '2' },
      { type: 'compare', part: 'web' },
    ]);
    await say({ type: 'busy', text: 'Working' });
    // What was shown stays where it is.
    assert.equal(page.one('h1').textContent, 'Post gateway to alice/kitchen');
    assert.ok(button('Cancel Revision 1').hasAttribute('disabled'));
    await say({
      type: 'review',
      review: { ...review, objections: [], changes: { ...review.changes, parts: [] } },
    });
    assert.equal(page.one('section').textContent, 'What It ChangesNothing changes');
    assert.deepEqual(page.all('.objections'), []);
  });

  it('says what went wrong, with what can be done about it', async () => {
    await say({ type: 'trouble', text: 'Nobody is logged in.', actions: [{ id: '0', label: 'Log In…' }] });
    assert.equal(page.one('[role=alert] p').textContent, 'Nobody is logged in.');
    await page.click(button('Log In…'));
    assert.deepEqual(host.posted.at(-1), { type: 'act', id: '0' });
  });
});
