import type { KeyboardEvent, ReactNode } from 'react';
import type { PageStrings, View } from '../protocol';

export interface ViewTabsProps {
  readonly views: readonly View[];
  readonly view: View;
  readonly strings: PageStrings;
  readonly onView: (view: View) => void;
}

/** The views as tabs: arrow keys go from one to the next (WAI-ARIA Authoring Practices, "Tabs Pattern"). */
export function ViewTabs({ views, view, strings, onView }: ViewTabsProps): ReactNode {
  if (views.length < 2) return null;
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = views[(views.indexOf(view) + step + views.length) % views.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onView(next);
    event.currentTarget.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <div role="tablist" className="tabs" aria-label={strings.contents} onKeyDown={onKeyDown}>
      {views.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`tab-${each}`}
          aria-selected={each === view}
          aria-controls="view"
          tabIndex={each === view ? 0 : -1}
          onClick={() => onView(each)}
        >
          {strings.views[each]}
        </button>
      ))}
    </div>
  );
}
