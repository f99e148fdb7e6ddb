import type { TreeView } from 'vscode';
import { type Disposable, Disposables } from '../model/event';

/** Has something watched as long as somebody looks at a view, and not after this was disposed of. */
export function watchWhileVisible(
  view: Pick<TreeView<unknown>, 'visible' | 'onDidChangeVisibility'>,
  watch: () => Disposable,
): Disposable {
  let watching: Disposable | undefined;
  const look = () => {
    if (view.visible) {
      watching ??= watch();
      return;
    }
    watching?.dispose();
    watching = undefined;
  };
  const all = new Disposables();
  all.add({ dispose: () => watching?.dispose() });
  all.add(view.onDidChangeVisibility(look));
  look();
  return all;
}
