import { randomBytes } from 'node:crypto';
import { env, Uri, type Webview } from 'vscode';
import type { Given, Protocol } from '../../../webview/host';

export interface Page<Of extends Protocol> {
  /** Of its bundle: `overlay` is dist/webview/overlay.js, with its style sheet beside it. */
  readonly name: string;
  readonly title: string;
  readonly given: Given<Of>;
}

/** Where the bundles of pages lie: the only files that a page may load. */
export function pageFolder(extension: Uri): Uri {
  return Uri.joinPath(extension, 'dist', 'webview');
}

/** What tells the tab of a page from that of a file. */
export function tabIcon(extension: Uri): { readonly light: Uri; readonly dark: Uri } {
  const icon = (kind: string) => Uri.joinPath(extension, 'media', `tab-${kind}.svg`);
  return { light: icon('light'), dark: icon('dark') };
}

/** The document of a page. It runs the page's own scripts and nothing else, and reaches nothing outside VS Code. */
export function pageHtml<Of extends Protocol>(
  webview: Webview,
  extension: Uri,
  { name, title, given }: Page<Of>,
): string {
  const nonce = newNonce();
  // The toolkit asks the browser by an empty style sheet whether it knows :focus-visible, with the nonce of this name.
  const styleNonce = newNonce();
  const file = (extensionName: string) =>
    webview.asWebviewUri(Uri.joinPath(pageFolder(extension), `${name}.${extensionName}`)).toString();
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource} 'nonce-${styleNonce}'`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(env.language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
    <meta property="csp-nonce" content="${styleNonce}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="${escapeHtml(file('css'))}">
    <title>${escapeHtml(title)}</title>
  </head>
  <body>
    <div id="page"></div>
    <script id="given" type="application/json">${escapeScript(JSON.stringify(given))}</script>
    <script nonce="${nonce}" src="${escapeHtml(file('js'))}"></script>
  </body>
</html>
`;
}

function newNonce(): string {
  return randomBytes(16).toString('base64');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Nothing in JSON ends the script element early. */
function escapeScript(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

/**
 * Sends a page a message, as JSON text: on its way VS Code copies a message five times, and an object of many thousand parts
 * takes a hundred times as long as a text. webview/host.ts makes it an object again.
 */
export function postMessage(webview: Webview, message: object): void {
  void webview.postMessage(JSON.stringify(message));
}
