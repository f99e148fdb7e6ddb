/** What a link from anywhere may ask for. */
export interface CloneLink {
  readonly device: string;
  readonly revision: string | undefined;
}

/** Of `/clone?device=alice/kitchen&revision=3`; undefined of what names no device at a hub: nothing of this machine is looked into. */
export function cloneLinkOf(uri: { readonly path: string; readonly query: string }): CloneLink | undefined {
  const query = new URLSearchParams(uri.query);
  const [device, revision] = [query.get('device') ?? '', query.get('revision') ?? undefined];
  const isGood = uri.path === '/clone' && isReference(device);
  return isGood && (revision === undefined || /^\w[\w.-]*$/.test(revision))
    ? { device, revision }
    : undefined;
}

function isReference(text: string): boolean {
  return /^(?:https?:\/\/[\w.-]+(?::\d+)?\/[\w./+%-]+|[\w+%-]+(?:\/[\w+%-]+){0,2})$/.test(text);
}
