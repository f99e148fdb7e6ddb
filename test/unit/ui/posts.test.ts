import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { RevisionNews } from '../../../src/backend/requests/devices';
import type { Revision } from '../../../src/core/remote/remote';
import { endOf, type PostId, Posts } from '../../../src/ui/posting/posts';
import { AStorage } from './a-storage';

const id: PostId = {
  ...{ checkout: '/work/gateway', device: 'https://hub/trails/1', name: 'alice/kitchen', revision: '5' },
};

function revision(status: string): Revision {
  return {
    ...{ name: '5', message: '', stateSha: '', posted: undefined },
    progress: { status, message: '', percent: 25, download: undefined, reported: undefined },
  };
}

describe('posts that are followed', () => {
  let storage: AStorage;
  let isAllowed: boolean;
  let listeners: Map<string, (news: RevisionNews) => void>;
  let told: string[];

  beforeEach(() => {
    storage = new AStorage();
    isAllowed = true;
    listeners = new Map();
  });

  function open(): Posts {
    const posts = new Posts(storage, {
      isAllowed: () => isAllowed,
      listen: ({ revision: name }, onNews) => {
        listeners.set(name, onNews);
        return { dispose: () => listeners.delete(name) };
      },
    });
    told = [];
    posts.onDidChange(({ revision: name, last, loss }) =>
      told.push(`${name} ${last?.progress.status ?? ''} ${loss?.found ?? ''}`.trimEnd()),
    );
    posts.onDidForget(({ revision: name }) => told.push(`${name} gone`));
    return posts;
  }

  const say = (status: string) => listeners.get('5')?.({ kind: 'revision', revision: revision(status) });

  it('tell each step, and stop listening at the end', () => {
    const posts = open();
    posts.follow(id);
    say('NEW');
    say('DONE');
    assert.deepEqual(told, ['5', '5 NEW', '5 DONE']);
    assert.equal(listeners.size, 0);
    posts.forget(id);
    assert.deepEqual(posts.all, []);
  });

  it('go on in the next window, where they were not at their end', () => {
    const first = open();
    first.follow(id);
    say('DOWNLOADING');
    first.dispose();
    assert.equal(listeners.size, 0);
    const next = open();
    next.resume();
    assert.deepEqual(told, ['5']);
    say('DONE');
    next.forget(id);
    const last = open();
    last.resume();
    assert.deepEqual(last.all, []);
  });

  it('tell a bad end to each window, until somebody has answered', () => {
    const first = open();
    first.follow(id);
    say('ERROR');
    const next = open();
    next.resume();
    assert.deepEqual(told, ['5 ERROR']);
    assert.equal(listeners.size, 0);
    next.forget(id);
    assert.deepEqual(told, ['5 ERROR', '5 gone']);
    const last = open();
    last.resume();
    assert.deepEqual(last.all, []);
  });

  it('say once why nothing comes, and go on when it does again', () => {
    const posts = open();
    posts.follow(id);
    const lost: RevisionNews = { kind: 'lost', doing: 'asking', found: 'no network', remedy: 'Wait' };
    listeners.get('5')?.(lost);
    listeners.get('5')?.(lost);
    say('TESTING');
    assert.deepEqual(told, ['5', '5  no network', '5 TESTING']);
  });

  it('ask no device in Restricted Mode, and forget nothing there', () => {
    open().follow(id);
    isAllowed = false;
    const next = open();
    next.resume();
    assert.deepEqual(next.all, []);
    isAllowed = true;
    next.resume();
    assert.equal(next.all.length, 1);
  });

  it('know an end as the core does', async () => {
    const { outcomeOf } = await import('../../../src/core/remote/remote');
    for (const status of ['NEW', 'DONE', 'UPDATED', 'ERROR', 'WONTGO', 'CANCEL', 'CANCELLED', 'OTHER'])
      assert.equal(endOf(revision(status)), outcomeOf(revision(status).progress), status);
  });
});
