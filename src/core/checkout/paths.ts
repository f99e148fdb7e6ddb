/** Whether a file is at a path, or in a folder that is there. */
export function isAtOrBelow(file: string, path: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}

/** What a file lies in at the checkout's top, or is itself: of an app's file, the app. */
export function topFolder(file: string): string {
  return file.split('/', 1)[0] ?? file;
}
