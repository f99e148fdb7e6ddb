/** What goes wrong with a host that Node has no error for; its errors have codes, too. */
export class PeerError extends Error {
  override readonly name = 'PeerError';

  constructor(
    readonly code: 'CONNECT_TIMEOUT' | 'SILENT' | 'SLOW' | 'PROXY_REFUSED',
    message: string,
  ) {
    super(message);
  }
}
