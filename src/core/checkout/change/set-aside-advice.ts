/**
 * What to do about a transaction that could be neither finished nor undone: a sentence without a final stop.
 *
 * @param folder where it was set aside, as a person is to find it.
 */
export function whatToDoWith(folder: string): string {
  return `Compare the checkout with pvr status; when it is as you want it, delete ${folder}, which holds the files that were to come and, as "kept", those that were there before`;
}
