import path from 'node:path';
import {
  l10n,
  type QuickDiffProvider,
  scm,
  type SourceControl,
  type SourceControlResourceGroup,
  Uri,
} from 'vscode';
import { formatSize } from '../../core/presentation/size';
import type { CommandId } from '../manifest/commands';
import { changeRows, type ChangeRows } from '../model/change-rows';
import type { CheckoutModel } from '../model/checkout-model';
import { type Disposable, Disposables } from '../model/event';
import { commitUri } from './commit-address';
import { changeState } from './change-state';
import { sourceControlId } from './menu-words';
import { countText } from './change-texts';

export interface SourceControlFacts {
  /** In Restricted Mode nothing is committed. */
  readonly isTrusted: () => boolean;
  /** Whether the badge of the activity bar counts its changes. */
  readonly isCounted: (directory: string) => boolean;
}

const none: ChangeRows = { changes: [], untracked: [], notCompared: [] };

/** A checkout as Source Control shows it. It shows what the model knows, and reads nothing. */
export class CheckoutSourceControl implements Disposable, QuickDiffProvider {
  readonly #model: CheckoutModel;
  readonly #facts: SourceControlFacts;
  readonly #control: SourceControl;
  readonly #changes: SourceControlResourceGroup;
  readonly #untracked: SourceControlResourceGroup;
  readonly #notCompared: SourceControlResourceGroup;
  readonly #subscriptions = new Disposables();

  constructor(model: CheckoutModel, facts: SourceControlFacts) {
    this.#model = model;
    this.#facts = facts;
    this.#control = this.#subscriptions.add(
      scm.createSourceControl(sourceControlId, 'Pantavisor', Uri.file(model.directory)),
    );
    this.#changes = this.#control.createResourceGroup('changes', l10n.t('Changes'));
    this.#untracked = this.#control.createResourceGroup('untracked', l10n.t('Not Tracked'));
    this.#notCompared = this.#control.createResourceGroup('notCompared', l10n.t('Not Compared Yet'));
    this.#untracked.hideWhenEmpty = true;
    this.#notCompared.hideWhenEmpty = true;
    this.#control.quickDiffProvider = this;
    const command: CommandId = 'pantavisor.commit';
    this.#control.acceptInputCommand = {
      command,
      title: l10n.t('Commit'),
      arguments: [model.directory],
    };
    this.#subscriptions.add(model.onDidChange(() => this.update()));
    this.update();
  }

  /** What a person has typed; undefined where that is nothing. */
  get message(): string | undefined {
    return this.#control.inputBox.value.trim() || undefined;
  }

  forgetMessage(): void {
    this.#control.inputBox.value = '';
  }

  set isBusy(isBusy: boolean) {
    this.#control.inputBox.enabled = !isBusy;
  }

  update(): void {
    const { state, directory } = this.#model;
    const known = state.kind === 'read' ? changeRows(state.checkout) : undefined;
    const rows = known ?? none;
    const download = state.kind === 'read' ? state.checkout.weight.download : 0;
    const states = (group: keyof ChangeRows) => rows[group].map((row) => changeState(this.#model, row));
    this.#changes.resourceStates = states('changes');
    this.#untracked.resourceStates = states('untracked');
    this.#notCompared.resourceStates = states('notCompared');
    this.#changes.label =
      download === 0 ? l10n.t('Changes') : l10n.t('Changes · {0} for a device', formatSize(download));
    this.#control.count = this.#facts.isCounted(directory) ? rows.changes.length : 0;
    this.#showInput(known, download);
  }

  /** The committed file that the gutter of an editor compares with. */
  provideOriginalResource(uri: Uri): Uri | undefined {
    const { state, directory } = this.#model;
    if (uri.scheme !== 'file' || state.kind !== 'read') return undefined;
    const file = path.relative(directory, uri.fsPath).split(path.sep).join('/');
    if (!isText(file) || file.startsWith('../') || file.startsWith('.pvr/')) return undefined;
    const uncommitted = state.checkout.uncommitted.find((one) => one.path === file);
    const isNew = uncommitted?.standing === 'added' || uncommitted?.standing === 'untracked';
    return isNew ? undefined : commitUri({ checkout: directory, file, view: 'as-there' });
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #showInput(rows: ChangeRows | undefined, download: number): void {
    const { inputBox } = this.#control;
    inputBox.visible = this.#facts.isTrusted();
    if (rows === undefined) inputBox.placeholder = '';
    else if (rows.changes.length === 0)
      inputBox.placeholder = l10n.t('Nothing has changed since the last commit');
    // VS Code puts the key in the place of {0}.
    else
      inputBox.placeholder =
        download === 0
          ? l10n.t('Message ({0} commits {1})', '{0}', countText(rows.changes.length))
          : l10n.t(
              'Message ({0} commits {1}, {2})',
              '{0}',
              countText(rows.changes.length),
              formatSize(download),
            );
  }
}

/** JSON and LXC's configuration: what people edit. */
export function isText(file: string): boolean {
  return /\.(json|conf|config|txt|md|sh|cfg|ini|ya?ml|toml)$/.test(file);
}
