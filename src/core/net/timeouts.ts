/** How patient we are with a host; in milliseconds. */
export interface Timeouts {
  readonly connect: number;
  /** From the request to the head of the answer. */
  readonly headers: number;
  /** Between two pieces of the answer's body. */
  readonly body: number;
  /** A body that comes more slowly than this is given up. */
  readonly slowest: Pace;
}

export interface Pace {
  readonly bytesPerSecond: number;
  /** Over which time it is measured, in milliseconds. */
  readonly during: number;
}

export const defaultTimeouts: Timeouts = {
  connect: 15_000,
  headers: 60_000,
  body: 60_000,
  slowest: { bytesPerSecond: 1_000, during: 120_000 },
};

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
