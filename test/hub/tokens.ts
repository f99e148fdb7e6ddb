import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { Account, Device } from './world';

/** Who asks. */
export interface Caller {
  readonly prn: string;
  readonly nick: string;
  readonly type: 'USER' | 'DEVICE';
  /** Of a device: the account that it belongs to. */
  readonly owner: string | undefined;
  readonly isAnonymous: boolean;
}

export interface Claims {
  /** Seconds since 1970. */
  readonly exp: number;
  readonly orig_iat: number;
  readonly id: string;
  readonly nick: string;
  readonly prn: string;
  readonly roles: string;
  readonly scopes: string;
  readonly type: 'USER' | 'DEVICE';
  readonly owner?: string;
}

export const anonymous = 'prn:pantahub.com:auth:/anon';
const all = 'prn:pantahub.com:apis:/base/all';

/** Makes and reads the tokens of one hub. */
export class Tokens {
  readonly #key = randomUUID();
  /** What lies before it has expired, whatever it says; in seconds since 1970. */
  #notBefore = 0;
  #count = 0;
  /** Seconds that the hub's clock is behind of this machine's. */
  behind = 0;

  constructor(private readonly life: number) {}

  /** Every token that was given until now is refused from now on. */
  expireAll(): void {
    this.#notBefore = this.#count;
  }

  forUser(account: Account, typed: string, life = this.life): string {
    return this.#sign({
      ...this.#times(life),
      ...of(typed, account),
      roles: 'user',
      scopes: all,
      type: 'USER',
    });
  }

  forDevice(device: Device, typed: string): string {
    const owner = device.owner;
    return this.#sign({
      ...{ ...this.#times(), ...of(typed, device), roles: 'device', scopes: all, type: 'DEVICE' },
      owner,
    });
  }

  forAnonymous(): string {
    const scopes = ['devices', 'objects', 'trails']
      .map((one) => `prn:pantahub.com:apis:/base/${one}.readonly`)
      .join(' ');
    const who = { id: anonymous, nick: 'anonymous', prn: anonymous, roles: 'user', scopes };
    return this.#sign({ ...this.#times(300), ...who, type: 'USER' });
  }

  refreshed(claims: Claims): string {
    return this.#sign({ ...claims, exp: this.#now() + this.life });
  }

  /** Undefined for what is no good any more, or never was. */
  read(token: string): Claims | undefined {
    const [head = '', body = '', signature = ''] = token.split('.');
    if (signature !== this.#signature(`${head}.${body}`)) return undefined;
    const { serial, ...claims } = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims & {
      readonly serial: number;
    };
    return claims.exp > this.#now() && serial >= this.#notBefore ? claims : undefined;
  }

  #times(life = this.life): Pick<Claims, 'exp' | 'orig_iat'> {
    return { exp: this.#now() + life, orig_iat: this.#now() };
  }

  #now(): number {
    return Math.floor(Date.now() / 1000) - this.behind;
  }

  #sign(claims: Claims): string {
    const encoded = [
      { alg: 'RS256', typ: 'JWT' },
      { ...claims, serial: this.#count++ },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${encoded}.${this.#signature(encoded)}`;
  }

  #signature(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

function of(typed: string, { nick, prn }: { readonly nick: string; readonly prn: string }) {
  return { id: typed, nick, prn };
}

/** What a signed URL lets somebody do; good for as long as the hub runs. */
export class SignedUrls {
  readonly #key = randomUUID();

  constructor(private readonly base: () => string) {}

  to(method: 'GET' | 'PUT', owner: string, sha256: string): string {
    const claims = Buffer.from(JSON.stringify({ Method: method, Sha: sha256, sub: owner })).toString(
      'base64url',
    );
    return `${this.base()}/local-s3/${claims}.${this.#signature(claims)}`;
  }

  read(
    path: string,
  ): { readonly method: string; readonly sha256: string; readonly owner: string } | undefined {
    const [claims = '', signature] = path.split('.');
    if (signature !== this.#signature(claims)) return undefined;
    const { Method, Sha, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      readonly Method: string;
      readonly Sha: string;
      readonly sub: string;
    };
    return { method: Method, sha256: Sha, owner: sub };
  }

  #signature(text: string): string {
    return createHash('sha256').update(`${this.#key} ${text}`).digest('base64url');
  }
}
