import type { Secret } from '../../net/secret';

/** What a token says of itself; nobody here can tell whether it is true. */
export interface Claims {
  readonly nick: string;
  readonly prn: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** When somebody gave a password for it; milliseconds since 1970. */
  readonly began: number;
}

/** Undefined for what is no token. */
export function claimsOf(token: Secret): Claims | undefined {
  const [, body = ''] = token.reveal().split('.');
  try {
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Readonly<Record<string, unknown>>;
    const { nick, prn, exp, orig_iat: began } = claims;
    // PKCE's own token has a date in place of the number.
    const expires = typeof exp === 'number' ? exp * 1000 : Date.parse(String(exp));
    if (typeof prn !== 'string' || Number.isNaN(expires)) return undefined;
    return {
      nick: typeof nick === 'string' ? nick : '',
      prn,
      expires,
      began: typeof began === 'number' ? began * 1000 : 0,
    };
  } catch {
    return undefined;
  }
}

/** Milliseconds that a token lives. */
export const usualLife = 60 * 60 * 1000;
/** Milliseconds for which a new one is taken to be good that has expired by this machine's clock, which is wrong then. */
const shortLife = 10 * 60 * 1000;

/** Of a new token, when it should be changed for another: at half of its life, whatever this machine's clock is ahead or behind. */
export function refreshTime({ expires }: Claims, received: number): number {
  const left = expires > received ? Math.min(expires - received, usualLife) : shortLife;
  return received + left / 2;
}
