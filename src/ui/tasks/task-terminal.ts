import path from 'node:path';
import { EventEmitter, l10n, type Pseudoterminal, type WorkspaceFolder } from 'vscode';
import { exitCode, type ExitCode, exitCodeOf } from '../../core/exit-codes';
import { Problem } from '../../core/problem';
import { formatSize } from '../../core/presentation/size';
import { outcomeOf } from '../../core/remote/remote';
import type { BuildWatcher } from '../builds/builds';
import { phaseText, reportText, staleSignaturesText } from '../builds/build-texts';
import { commitPlan, updatePlan } from '../builds/plans';
import { errorText, withRemedy } from '../messages/remedy-text';
import type { CheckoutModel } from '../model/checkout-model';
import { postPlan } from '../posting/post-agreed';
import { endText, postLine } from '../posting/post-texts';
import { endOf, type Post, type PostId } from '../posting/posts';
import { objectionText } from '../posting/review-text';
import { lookOfChange } from '../revisions/change-look';
import type { Services } from '../services';
import { workspaceFolders } from '../workspace-access';
import { launched } from './last-words';
import type { TaskDefinition } from './task-definition';

/** Runs a task and writes what happens, line by line; the terminal's end, or Ctrl+C in it, stops the task. */
export class TaskTerminal implements Pseudoterminal {
  readonly #services: Services;
  readonly #definition: TaskDefinition;
  readonly #folder: WorkspaceFolder | undefined;
  readonly #written = new EventEmitter<string>();
  readonly #closed = new EventEmitter<number>();
  readonly #abort = new AbortController();
  #lastPhase = '';

  constructor(services: Services, definition: TaskDefinition, folder: WorkspaceFolder | undefined) {
    this.#services = services;
    this.#definition = definition;
    this.#folder = folder;
  }

  get onDidWrite() {
    return this.#written.event;
  }

  get onDidClose() {
    return this.#closed.event;
  }

  open(): void {
    const isLaunched = launched();
    void this.#run().then(async (code) => {
      if (code !== exitCode.done) await isLaunched;
      this.#closed.fire(code);
    });
  }

  close(): void {
    this.#abort.abort();
  }

  handleInput(data: string): void {
    if (data === '\x03') this.#abort.abort();
  }

  async #run(): Promise<ExitCode> {
    try {
      const { action, device } = this.#definition;
      if (action === 'watch' && device !== undefined) return await this.#watch(device);
      const model = await this.#findCheckout();
      if (model !== undefined && action === 'watch') return await this.#watch(await this.#deviceOf(model));
      if (model === undefined) return exitCode.usage;
      await this.#do(model);
      return exitCode.done;
    } catch (error) {
      const code = exitCodeOf(error, this.#abort.signal.aborted);
      if (code === exitCode.interrupted) this.#line(l10n.t('Stopped. The checkout is as it was.'));
      else this.#line(errorText(error));
      if (code === exitCode.defect) {
        this.#line(l10n.t('That was not foreseen: please report it. The checkout is as it was.'));
        this.#services.log.error(errorText(error));
      }
      return code;
    }
  }

  #do(model: CheckoutModel): Promise<unknown> {
    const { action } = this.#definition;
    switch (action) {
      case 'watch':
        return Promise.resolve();
      case 'check':
        return this.#check(model);
      case 'patch':
      case 'newbase':
        return this.#build(model, action);
      case 'commit':
        return this.#commit(model);
      case 'post':
        return this.#post(model);
      case 'export':
        return this.#export(model);
    }
  }

  /** Undefined, and told so, when the definition names none. */
  async #findCheckout(): Promise<CheckoutModel | undefined> {
    const all = await this.#services.checkouts.find();
    const { checkout = '' } = this.#definition;
    // A task of the whole workspace, or of the user, belongs to no folder.
    const folders = this.#folder === undefined ? workspaceFolders() : [this.#folder.uri.fsPath];
    const directories = folders.map((folder) => path.resolve(folder, checkout));
    const model =
      all.find(({ directory }) => directories.includes(directory)) ??
      (all.length === 1 && !checkout ? all[0] : undefined);
    if (model !== undefined) return model;
    const { message } = new Problem({
      doing: l10n.t('looking for the checkout of the task'),
      found: l10n.t('{0} is none', directories.join(', ')),
      remedy: l10n.t('Set "checkout" to its path below the workspace folder'),
    });
    this.#line(message);
    return undefined;
  }

  async #build(model: CheckoutModel, action: 'patch' | 'newbase'): Promise<void> {
    const { app = '' } = this.#definition;
    const kind = action === 'patch' ? 'patch' : 'new-base';
    await model.read();
    const plan = updatePlan(this.#services.backend, model, { app, kind });
    this.#line(plan.what);
    if (plan.note !== undefined) this.#line(plan.note);
    const report = await this.#services.builds.run(plan, this.#watcher);
    this.#line(reportText(report));
    if (report.staleSignatures.length > 0) this.#line(staleSignaturesText(report.staleSignatures));
  }

  async #check(model: CheckoutModel): Promise<void> {
    await model.read();
    const { app: name } = this.#definition;
    const apps = model.apps.filter((app) => name === undefined || app.name === name);
    const found = apps.map((app) => ({ model, app }));
    const checks = await this.#services.images.check(found, this.#abort.signal);
    for (const check of checks) {
      const text = {
        current: () => l10n.t('up to date'),
        moved: () => l10n.t('moved to {0}', check.state === 'moved' ? check.current : ''),
        failed: () => (check.state === 'failed' ? withRemedy(check) : ''),
      }[check.state]();
      this.#line(`${check.app}  ${check.reference}  ${text}`);
    }
    // Who asks for an app must not take silence for "up to date".
    if (checks.length === 0 && name !== undefined)
      throw new Problem({
        doing: l10n.t('checking images'),
        found: l10n.t('{0} is no app that is made from a docker image', name),
        remedy: l10n.t('Set "app" to one that is, or leave it out to check all'),
      });
    if (checks.length === 0) this.#line(l10n.t('There is no app that is made from a docker image.'));
    const failed = checks.find(({ state }) => state === 'failed');
    if (failed !== undefined)
      throw new Problem({
        doing: l10n.t('checking images'),
        found: l10n.t('not all could be checked'),
        remedy: l10n.t('See above'),
      });
  }

  async #commit(model: CheckoutModel): Promise<void> {
    const { message } = this.#definition;
    const key = await this.#services.signingKeys.chosen();
    const plan = commitPlan(this.#services.backend, model, { message, key });
    this.#line(plan.what);
    const { files, staleSignatures } = await this.#services.builds.run(plan, this.#watcher);
    for (const { path: file, standing } of files) this.#line(`${file}: ${lookOfChange(standing).label}`);
    this.#line(
      files.length === 0
        ? l10n.t('Nothing of {0} has changed since the last commit.', model.name)
        : l10n.t('Committed {0} files', files.length),
    );
    if (staleSignatures.length > 0) this.#line(staleSignaturesText(staleSignatures));
  }

  /** Looks at it, posts it, and follows the device to the end; a bad one is a failure. */
  async #post(model: CheckoutModel): Promise<void> {
    const { backend, builds } = this.#services;
    const { device } = this.#definition;
    const params = { checkoutDirectory: model.directory, device };
    const plan = await backend.request('planPost', params, { signal: this.#abort.signal });
    for (const objection of plan.objections) {
      const { label, text } = objectionText(objection);
      this.#line(`${label} ${text}`);
    }
    if (plan.review !== undefined)
      this.#line(l10n.t('{0} downloads {1}.', plan.remote, formatSize(plan.review.download)));
    const stops = plan.objections.find(({ weight }) => weight !== 'note');
    if (stops !== undefined)
      throw new Problem({
        doing: l10n.t('posting to {0}', plan.remote),
        found: stops.found,
        remedy: stops.remedy,
      });
    const build = postPlan(this.#services, model, plan, false);
    this.#line(build.what);
    const { revision } = await builds.run(build, this.#watcher);
    if (revision === undefined) this.#line(l10n.t('{0} has been sent this commit already.', plan.remote));
    else
      await this.#follow({
        checkout: model.directory,
        device: plan.device,
        name: plan.remote,
        revision: revision.name,
      });
  }

  async #follow(id: PostId): Promise<void> {
    const end = await new Promise<Post>((resolve, reject) => {
      let told = '';
      const following = this.#services.backend.subscribe('revisionProgress', id, (news) => {
        const post: Post = {
          ...id,
          last: news.kind === 'revision' ? news.revision : undefined,
          loss: news.kind === 'lost' ? news : undefined,
        };
        const line = postLine(post);
        if (line !== told) this.#line(line);
        told = line;
        if (endOf(post.last) === 'open') return;
        following.dispose();
        resolve(post);
      });
      this.#abort.signal.addEventListener('abort', () => {
        following.dispose();
        reject(this.#abort.signal.reason as Error);
      });
    });
    if (end.last === undefined) return;
    const text = endText(end, end.last);
    if (endOf(end.last) === 'good') {
      this.#line(text);
      return;
    }
    throw new Problem({
      doing: l10n.t('following revision {0} of {1}', id.revision, id.name),
      found: text.replace(/\.$/, ''),
      remedy: l10n.t('Look at its logs, and post what mends it'),
    });
  }

  async #export(model: CheckoutModel): Promise<void> {
    const folder = this.#folder?.uri.fsPath ?? path.dirname(model.directory);
    const file = path.resolve(folder, this.#definition.file ?? '');
    const { files, size = 0 } = await this.#services.backend.request(
      'exportState',
      { checkoutDirectory: model.directory, file },
      { signal: this.#abort.signal },
    );
    this.#line(l10n.t('Exported {0} files to {1}: {2}.', files, file, formatSize(size)));
  }

  /** Follows the newest revision to its end, which is good or bad. */
  async #watch(device: string): Promise<ExitCode> {
    const { backend } = this.#services;
    const { signal } = this.#abort;
    const { name, head } = await backend.request('readDevice', { device }, { signal });
    if (head === undefined) {
      this.#line(l10n.t('{0} has never started.', name));
      return exitCode.done;
    }
    this.#line(l10n.t('Revision {0} of {1}', head, name));
    const { statusText } = await import('../devices/device-words');
    return new Promise((resolve, reject) => {
      const following = backend.subscribe('revisionProgress', { device, revision: head }, (news) => {
        if (news.kind === 'lost') {
          following.dispose();
          reject(new Problem(news));
          return;
        }
        const { progress } = news.revision;
        this.#line([statusText(progress), progress.message].filter(Boolean).join(': '));
        if (outcomeOf(progress) === 'open') return;
        following.dispose();
        resolve(outcomeOf(progress) === 'good' ? exitCode.done : exitCode.failed);
      });
      signal.addEventListener('abort', () => {
        following.dispose();
        reject(signal.reason as Error);
      });
    });
  }

  async #deviceOf({ directory, name }: CheckoutModel): Promise<string> {
    const [origin] = await this.#services.backend.request('listOrigins', { checkouts: [directory] });
    if (origin !== null && origin !== undefined) return origin.address;
    throw new Problem({
      doing: l10n.t('looking for the device of {0}', name),
      found: l10n.t('nothing says which one it came from'),
      remedy: l10n.t('Set "device" to its name'),
    });
  }

  get #watcher(): BuildWatcher {
    return {
      signal: this.#abort.signal,
      onWaiting: (other) => this.#line(l10n.t('Waiting for: {0}', other)),
      onProgress: (event, percent) => {
        if (event.phase === this.#lastPhase) return;
        this.#lastPhase = event.phase;
        this.#line(`${percent.toFixed(0).padStart(3)} %  ${phaseText({ ...event, total: undefined })}`);
      },
      onWarning: (message) => this.#line(message),
    };
  }

  /** A terminal wants a carriage return, too. */
  #line(text: string): void {
    this.#written.fire(`${text.replace(/\r?\n/g, '\r\n')}\r\n`);
  }
}
