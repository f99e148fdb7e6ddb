import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import type { HTMLAttributes, Ref } from 'react';

/*
 * The controls of all pages. Pages know their tags and the attributes below, and nothing of the toolkit, so that another set
 * of web components takes its place by an edit here.
 */

export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
  // The toolkit waits for this event to take over the theme's colours, and to follow them. It comes once, and came before.
  if (document.readyState === 'complete') window.dispatchEvent(new Event('load'));
}

/** A text field or a dropdown. */
export interface ValueElement extends HTMLElement {
  value: string;
}

type Control<Attributes> = Omit<HTMLAttributes<HTMLElement>, keyof Attributes> &
  Attributes & { readonly ref?: Ref<ValueElement>; readonly key?: string };

declare module 'react' {
  // React's own types are extended in this way only.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace JSX {
    interface IntrinsicElements {
      'vscode-button': Control<{
        readonly appearance?: 'primary' | 'secondary';
        readonly disabled?: boolean;
      }>;
      'vscode-dropdown': Control<object>;
      'vscode-option': Control<{ readonly value: string; readonly selected?: boolean }>;
      'vscode-progress-ring': Control<object>;
      'vscode-text-field': Control<{ readonly value?: string; readonly placeholder?: string }>;
    }
  }
}
