import type { Webview } from 'vscode';

/**
 * Sends a page a message, as JSON text: on its way VS Code copies a message five times, and an object of many thousand parts
 * takes a hundred times as long as a text. webview/host.ts makes it an object again.
 */
export function postMessage(webview: Webview, message: object): void {
  void webview.postMessage(JSON.stringify(message));
}
