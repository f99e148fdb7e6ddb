import path from 'node:path';
import {
  Diagnostic,
  DiagnosticSeverity,
  languages,
  Range,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import { allContradictions } from '../../core/checkout/checkout-files';
import { type Contradiction, placeOf, severityOf } from '../../core/checkout/contradictions/contradictions';
import type { Place, Severity } from '../../core/checkout/contradictions/declaration';
import type { CheckoutModel } from '../model/checkout-model';
import type { Checkouts } from '../model/checkouts';
import { debounce } from '../model/debounce';
import { type Disposable, Disposables } from '../model/event';
import type { Reviews } from '../model/reviews';
import { contradictionText } from './contradiction-text';
import { findSpan } from './find-range';

export const diagnosticSource = 'pantavisor';

/** A diagnostic that knows what it is about, for the quick fixes. */
export class ContradictionDiagnostic extends Diagnostic {
  constructor(
    range: Range,
    message: string,
    severity: DiagnosticSeverity,
    readonly model: CheckoutModel,
    readonly contradiction: Contradiction,
  ) {
    super(range, message, severity);
    this.source = diagnosticSource;
    this.code = contradiction.kind;
  }
}

/** Shows what contradicts itself in the files where it does. An open file of a checkout is reason enough to read it. */
export class ContradictionDiagnostics implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #collection = languages.createDiagnosticCollection(diagnosticSource);
  readonly #subscriptions = new Disposables();
  /** The files of each checkout that have diagnostics. */
  readonly #shown = new Map<CheckoutModel, readonly Uri[]>();
  /** Counts what was to be shown of each checkout: to look for a place takes a while, and what came meanwhile counts. */
  readonly #rounds = new Map<CheckoutModel, number>();
  /** Watches the checkouts that visible editors show files of. */
  readonly #watches = new Map<CheckoutModel, Disposable>();

  constructor(checkouts: Checkouts, reviews: Reviews) {
    this.#checkouts = checkouts;
    const lookSoon = this.#subscriptions.add(debounce(() => void this.#readWhatIsOpen(), 0));
    this.#subscriptions.add(this.#collection);
    this.#subscriptions.add(reviews.onDidChange((model) => void this.#show(model)));
    this.#subscriptions.add(checkouts.onDidChangeList(() => this.#forgetGone()));
    this.#subscriptions.add(window.onDidChangeVisibleTextEditors(lookSoon));
    lookSoon();
  }

  dispose(): void {
    for (const watch of this.#watches.values()) watch.dispose();
    this.#subscriptions.dispose();
  }

  async #readWhatIsOpen(): Promise<void> {
    const files = window.visibleTextEditors.map(({ document }) => document).filter(isOfInterest);
    if (files.length > 0) await this.#checkouts.find();
    const wanted = new Set(files.flatMap(({ uri }) => this.#checkouts.containing(uri.fsPath) ?? []));
    for (const [model, watch] of this.#watches) {
      if (wanted.has(model)) continue;
      this.#watches.delete(model);
      watch.dispose();
    }
    for (const model of wanted) {
      if (this.#watches.has(model)) continue;
      this.#watches.set(model, model.watch());
      await model.read();
    }
  }

  async #show(model: CheckoutModel): Promise<void> {
    const round = (this.#rounds.get(model) ?? 0) + 1;
    this.#rounds.set(model, round);
    const { state } = model;
    const contradictions = state.kind === 'read' ? allContradictions(state.checkout) : [];
    const placed = contradictions.flatMap((contradiction) => {
      const place = placeOf(contradiction);
      return place === undefined ? [] : [{ contradiction, place }];
    });
    const diagnostics = await Promise.all(
      placed.map(async ({ contradiction, place }) => {
        const uri = Uri.file(path.join(model.directory, place.file));
        return [uri, await diagnosticOf(model, contradiction, uri, place)] as const;
      }),
    );
    if (this.#rounds.get(model) !== round) return;
    const byFile = new Map<string, { uri: Uri; all: Diagnostic[] }>();
    for (const [uri, diagnostic] of diagnostics) {
      const known = byFile.get(uri.fsPath);
      if (known === undefined) byFile.set(uri.fsPath, { uri, all: [diagnostic] });
      else known.all.push(diagnostic);
    }
    const gone = (this.#shown.get(model) ?? []).filter(({ fsPath }) => !byFile.has(fsPath));
    gone.forEach((uri) => this.#collection.delete(uri));
    for (const { uri, all } of byFile.values()) this.#collection.set(uri, all);
    this.#shown.set(
      model,
      [...byFile.values()].map(({ uri }) => uri),
    );
  }

  #forgetGone(): void {
    const present = new Set(this.#checkouts.all);
    for (const model of this.#rounds.keys()) {
      if (present.has(model)) continue;
      this.#rounds.delete(model);
      this.#shown.get(model)?.forEach((uri) => this.#collection.delete(uri));
      this.#shown.delete(model);
    }
  }
}

/** Not every file that somebody looks at: reading a checkout for a picture would be for nothing. */
function isOfInterest({ uri, fileName }: TextDocument): boolean {
  return uri.scheme === 'file' && /\.(json|conf|docker-digest|rootfs-digest)$/.test(fileName);
}

async function diagnosticOf(
  model: CheckoutModel,
  contradiction: Contradiction,
  uri: Uri,
  place: Place,
): Promise<ContradictionDiagnostic> {
  const range = await rangeOf(uri, place);
  const message = contradictionText(contradiction);
  const severity = severities[severityOf(contradiction)];
  return new ContradictionDiagnostic(range, message, severity, model, contradiction);
}

/** Of a file that is missing or no text: its very beginning. */
async function rangeOf(uri: Uri, place: Place): Promise<Range> {
  try {
    const document = await workspace.openTextDocument(uri);
    const { start, end } = findSpan(document.getText(), place);
    return new Range(document.positionAt(start), document.positionAt(end));
  } catch {
    return new Range(0, 0, 0, 0);
  }
}

const severities: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};
