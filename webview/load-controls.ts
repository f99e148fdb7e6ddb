/**
 * Makes what pages call `vscode-button` and the like into controls, after the next frame: what a page shows comes before what
 * it is worked with, and controls take as long to load and to make as all the rest.
 */
export function loadControls(): void {
  requestAnimationFrame(() => setTimeout(() => void load()));
}

/** Where they can't be loaded, their elements stay what they are: a button can be pressed all the same. */
async function load(): Promise<void> {
  try {
    const { registerControls } = await import('./ui');
    // A page that has controls may fail, and its report asks for them again.
    if (customElements.get('vscode-button') === undefined) registerControls();
  } catch {
    document.body.classList.add('without-controls');
  }
}
