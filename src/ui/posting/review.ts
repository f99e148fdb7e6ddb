import { l10n, window, workspace } from 'vscode';
import type { Action, Objection } from '../../../webview/posting/protocol';
import type { DevicePlan } from '../../backend/requests/posting';
import { waysOf } from '../../core/remedy';
import { hubToLogInTo } from '../devices/accounts';
import { logInTo } from '../devices/log-in';
import { execute } from '../manifest/commands';
import { CannotRun, Dismissed } from '../messages/cannot-run';
import { errorText } from '../messages/remedy-text';
import { buttonsFor, isAbort, runCommand } from '../messages/run-command';
import { changeRows } from '../model/change-rows';
import type { CheckoutModel } from '../model/checkout-model';
import { Disposables } from '../model/event';
import { countText } from '../revisions/change-texts';
import type { Services } from '../services';
import { mergeNewest } from './merge-newest';
import { postAgreed } from './post-agreed';
import type { ReviewPlace, ReviewSource, ReviewSubject } from './review-pages';
import { isBehind, isNamedAnew, objectionText, reviewText } from './review-text';

/** What happens when something is pressed. */
interface Button {
  readonly label: string;
  readonly run: () => unknown;
}

/** Looks at what a post would do, tells it to a page, and does what is pressed there. */
export class Review implements ReviewSource {
  readonly #services: Services;
  readonly #subject: ReviewSubject;
  readonly #place: ReviewPlace;
  readonly #subscriptions = new Disposables();
  #looking = new AbortController();
  #buttons = new Map<string, Button['run']>();
  /** What was shown last was made of this. */
  #basis: string | undefined;
  #isActing = false;
  #isDisposed = false;

  constructor(services: Services, subject: ReviewSubject, place: ReviewPlace) {
    this.#services = services;
    this.#subject = subject;
    this.#place = place;
    const { checkouts, accounts } = services;
    // A commit, and what isn't committed yet, change what the page says; a look at a file doesn't.
    this.#subscriptions.add(
      checkouts.onDidChangeCheckout((model) => {
        if (model.directory !== subject.checkout || this.#isActing) return;
        if (this.#basis !== undefined && this.#basis !== basisOf(model)) this.refresh();
      }),
    );
    this.#subscriptions.add(accounts.onDidChange(() => !this.#isActing && this.refresh()));
    this.#subscriptions.add(checkouts.watch());
  }

  refresh(): void {
    if (!this.#place.isSeen) return;
    this.#looking.abort();
    this.#looking = new AbortController();
    void this.#look(this.#looking.signal);
  }

  act(id: string): void {
    const run = this.#buttons.get(id);
    if (run !== undefined && !this.#isActing) void this.#act(run);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#looking.abort();
    this.#subscriptions.dispose();
  }

  async #act(run: Button['run']): Promise<void> {
    this.#isActing = true;
    this.#looking.abort();
    this.#place.show({ type: 'busy', text: l10n.t('Working …') });
    try {
      await runCommand('pantavisor.post', this.#services.log, run);
    } finally {
      this.#isActing = false;
    }
    if (!this.#isDisposed) this.refresh();
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { checkout: checkoutDirectory, device } = this.#subject;
    const { backend, checkouts } = this.#services;
    this.#place.show({ type: 'busy', text: l10n.t('Looking at the device …') });
    if (!workspace.isTrusted) {
      this.#showTrouble(new CannotRun(l10n.t('In Restricted Mode no device is asked.')));
      return;
    }
    try {
      await checkouts.find();
      const model = checkouts.byDirectory(checkoutDirectory);
      const [plan] = await Promise.all([
        backend.request('planPost', { checkoutDirectory, device }, { signal }),
        model?.read(),
      ]);
      if (signal.aborted) return;
      this.#basis = model && basisOf(model);
      this.#show(plan, model);
    } catch (error) {
      if (!signal.aborted && !isAbort(error)) this.#showTrouble(error);
    }
  }

  #show(plan: DevicePlan, model: CheckoutModel | undefined): void {
    this.#buttons = new Map();
    const checkout = model?.state.kind === 'read' ? model.state.checkout : undefined;
    const text = reviewText(plan, {
      name: model?.name ?? this.#subject.name,
      message: checkout?.state?.message,
    });
    const { actions, warning } = this.#mainActions(plan, model);
    const objections = plan.objections.map((one): Objection => {
      const ways = [...buttonsFor(one), ...this.#ownWays(plan, one)];
      return {
        ...objectionText(one),
        actions: ways.map((way) => this.#button({ label: way.title, run: () => way.run() })),
      };
    });
    const waiting = checkout === undefined ? 0 : changeRows(checkout).changes.length;
    const uncommitted: readonly Objection[] =
      waiting === 0
        ? []
        : [
            {
              level: 'note',
              label: l10n.t('Note:'),
              text: l10n.t('Not committed, and so not posted: {0}.', countText(waiting)),
              actions: [
                this.#button({
                  label: l10n.t('Commit…'),
                  run: () => execute('pantavisor.commit', this.#subject.checkout),
                }),
              ],
            },
          ];
    this.#place.show({
      type: 'review',
      review: { ...text, objections: [...objections, ...uncommitted], actions, warning },
    });
  }

  /** The one button that is meant, and what else can be done about it. */
  #mainActions(
    plan: DevicePlan,
    model: CheckoutModel | undefined,
  ): { readonly actions: readonly Action[]; readonly warning: string | undefined } {
    const again = { label: l10n.t('Look Again'), run: () => undefined };
    const buttons = (...all: readonly Button[]) => all.map((one) => this.#button(one));
    const { head, objections, remote, revision, stateSha } = plan;
    if (model === undefined || objections.some(({ weight }) => weight === 'never'))
      return { actions: buttons(again), warning: undefined };
    const isThere = head?.stateSha === stateSha && !badEnds.has(head.progress.status);
    if (isThere)
      return {
        actions: buttons(again),
        warning: l10n.t('{0} has been sent this commit already, as revision {1}.', remote, head.name),
      };
    const post = (isForced: boolean) => async () => {
      if (isForced) await confirmForced(plan);
      await postAgreed(this.#services, model, plan, isForced);
      this.#place.close();
    };
    const refusals = objections.filter(({ weight }) => weight === 'refusal');
    if (refusals.length === 0) {
      const label = isNamedAnew(revision)
        ? l10n.t('Post as a New Revision')
        : l10n.t('Post as Revision {0}', revision);
      return { actions: buttons({ label, run: post(false) }, again), warning: undefined };
    }
    if (isBehind(plan)) {
      const merge = { label: l10n.t('Merge First'), run: () => mergeNewest(this.#services, model, plan) };
      const label = undoLabel(plan);
      return {
        actions: buttons(merge, { label, run: post(true) }, again),
        warning: l10n.t('“{0}” takes what others have posted since from the device again.', label),
      };
    }
    return {
      actions: buttons(again, { label: l10n.t('Post All the Same'), run: post(true) }),
      warning: l10n.t(
        '“{0}” sends what a device would refuse: it goes back to the revision that it runs then.',
        l10n.t('Post All the Same'),
      ),
    };
  }

  /** What can be done about it here, and nowhere else. */
  #ownWays(
    { head, device, remote }: DevicePlan,
    { remedy }: DevicePlan['objections'][number],
  ): readonly { readonly title: string; run(): unknown }[] {
    const cancels = waysOf(remedy).some((way) => way.kind === 'device' && way.verb === 'cancel');
    if (!cancels || head === undefined) return [];
    const { name: revision } = head;
    return [
      {
        title: l10n.t('Cancel Revision {0}', revision),
        run: async () => {
          const go = l10n.t('Cancel Revision {0}', revision);
          const question = l10n.t(
            'Take revision {0} of {1} back, before the device begins with it?',
            revision,
            remote,
          );
          if ((await window.showWarningMessage(question, { modal: true }, go)) !== go) throw new Dismissed();
          await this.#services.backend.request('cancelRevision', { device, revision });
        },
      },
    ];
  }

  #showTrouble(error: unknown): void {
    this.#buttons = new Map();
    this.#basis = undefined;
    const hub = hubToLogInTo(error);
    const again = this.#button({ label: l10n.t('Look Again'), run: () => undefined });
    const logIn =
      hub === undefined
        ? []
        : [this.#button({ label: l10n.t('Log In…'), run: () => logInTo(this.#services, hub) })];
    this.#place.show({
      type: 'trouble',
      text: hub === undefined ? errorText(error) : l10n.t('Nobody is logged in to {0}.', new URL(hub).host),
      actions: [...logIn, again],
    });
  }

  #button({ label, run }: Button): Action {
    const id = String(this.#buttons.size);
    this.#buttons.set(id, run);
    return { id, label };
  }
}

const badEnds = new Set(['ERROR', 'WONTGO', 'CANCEL', 'CANCELLED']);

function undoLabel({ head }: DevicePlan): string {
  return head === undefined ? l10n.t('Post All the Same') : l10n.t('Post, and Undo Revision {0}', head.name);
}

/** @throws Dismissed. */
async function confirmForced(plan: DevicePlan): Promise<void> {
  const { remote, revision } = plan;
  const go = isBehind(plan) ? undoLabel(plan) : l10n.t('Post All the Same');
  const detail = plan.objections
    .filter(({ weight }) => weight === 'refusal')
    .map((one) => `• ${objectionText(one).text}`)
    .join('\n');
  const question = l10n.t('Post revision {0} to {1} although something stands in its way?', revision, remote);
  if ((await window.showWarningMessage(question, { modal: true, detail }, go)) !== go) throw new Dismissed();
}

/** What of a checkout a review depends on. */
function basisOf({ state }: CheckoutModel): string {
  if (state.kind !== 'read') return state.kind;
  const { message, files } = state.checkout.state ?? {};
  return JSON.stringify([message, files, changeRows(state.checkout).changes.length]);
}
