import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf } from '../../../src/core/image/digest';
import { fetchLayers } from '../../../src/core/image/fetch-layers';
import type { Layer } from '../../../src/core/image/image';
import type { Job } from '../../../src/core/job';
import { watchedJob } from './watched-job';

let layers = 0;

function layer(size: number, fetch: (job: Job) => Promise<void>): Layer {
  layers += 1;
  const open = () => {
    throw new Error('nobody wants to read it');
  };
  return { diffId: digestOf(Buffer.from(String(layers))), size, fetch, open };
}

const tick = () => new Promise(setImmediate);

describe('fetching layers', () => {
  it('brings several at once, and tells the progress over all of them', async () => {
    const job = watchedJob();
    let running = 0;
    let most = 0;
    const download = (size: number) =>
      layer(size, async (own) => {
        running += 1;
        most = Math.max(most, running);
        for (let done = 10; done <= size; done += 10) {
          await tick();
          own.progress('download', done, size);
        }
        running -= 1;
      });
    await fetchLayers(
      [download(100), layer(50, () => Promise.resolve()), ...[30, 20, 40].map(download)],
      job,
    );
    assert.equal(most, 3);
    const done = job.reports.map((report) => report.done);
    assert.deepEqual(
      done,
      [...done].sort((a, b) => a - b),
    );
    assert.equal(done.at(-1), 240);
    assert.ok(job.reports.every(({ phase, total }) => phase === 'download' && total === 240));
  });

  it('says nothing when nothing is transferred', async () => {
    const job = watchedJob();
    await fetchLayers([layer(5, () => Promise.resolve()), layer(7, () => Promise.resolve())], job);
    await fetchLayers([], job);
    assert.deepEqual(job.reports, []);
  });

  it('stops the others, and starts no more, when one fails', async () => {
    let stopped = 0;
    let started = 0;
    const slow = () =>
      layer(5, async ({ signal }) => {
        started += 1;
        while (!signal.aborted) await tick();
        stopped += 1;
        throw new Error('stopped');
      });
    const failing = layer(5, async () => {
      await tick();
      throw new Error('no space left');
    });
    const job = watchedJob();
    await assert.rejects(
      fetchLayers([slow(), failing, slow(), slow(), slow()], job),
      /^Error: no space left$/,
    );
    assert.deepEqual([started, stopped], [2, 2]);
  });

  it('hands over each layer as soon as it is here', async () => {
    const job = watchedJob();
    const used: number[] = [];
    const slow = layer(5, async (own) => {
      own.progress('download', 1, 5);
      while (used.length === 0) await tick();
    });
    await fetchLayers([slow, layer(7, () => Promise.resolve())], job, ({ size }, own) => {
      used.push(size);
      own.progress('index', size, 12);
      return Promise.resolve();
    });
    assert.deepEqual(used, [7, 5]);
    // The other one's download was still on show when 7 had been read.
    assert.deepEqual(
      job.reports.filter(({ phase }) => phase === 'index').map(({ done }) => done),
      [5],
    );
  });

  it('stops when what is done with a layer fails', async () => {
    let stopped = 0;
    const slow = layer(5, async ({ signal }) => {
      while (!signal.aborted) await tick();
      stopped += 1;
    });
    const use = () => Promise.reject(new Error('it is damaged'));
    await assert.rejects(
      fetchLayers([slow, layer(7, () => Promise.resolve())], watchedJob(), use),
      /^Error: it is damaged$/,
    );
    assert.equal(stopped, 1);
  });

  it('stops with the job', async () => {
    const job = watchedJob();
    const endless = () =>
      layer(5, async ({ signal }) => {
        while (!signal.aborted) await tick();
        signal.throwIfAborted();
      });
    const fetching = fetchLayers([endless(), endless()], job);
    await tick();
    job.abort();
    await assert.rejects(fetching, { name: 'AbortError' });
  });
});
