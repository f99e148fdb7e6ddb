import type { Caller } from './tokens';

export interface HubRequest {
  readonly method: string;
  /** Without the query; decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Of a request that adds a step: the revision that it was going to be when the request came. */
  readonly nextRevision: number | undefined;
}

/** One that was let in. */
export interface KnownRequest extends HubRequest {
  readonly caller: Caller;
}

export interface HubAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const json = { 'content-type': 'application/json; charset=utf-8', 'x-powered-by': 'go-json-rest' };

export function plain(value: unknown, headers: Readonly<Record<string, string>> = {}): HubAnswer {
  return { status: 200, headers: { ...json, ...headers }, body: JSON.stringify(value) };
}

export function indented(value: unknown): HubAnswer {
  return { status: 200, headers: json, body: JSON.stringify(value, undefined, 2) };
}

let incidents = 0;

/** `{"error":"REST-ERR-ID-…","code":…}`, which says nothing of why. */
export function refusal(status: number, msg?: string): HubAnswer {
  const error = `REST-ERR-ID-${Date.now()}${String((incidents += 1)).padStart(6, '0')}`;
  return { status, headers: json, body: JSON.stringify({ error, ...(msg && { msg }), code: status }) };
}

export function notFound(): HubAnswer {
  return {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '404 page not found\n',
  };
}

export function methodNotAllowed(): HubAnswer {
  return { status: 405, headers: json, body: '{"Error":"Method not allowed"}' };
}

/** What a body says; undefined where it is no JSON. */
export function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** The members of a body; none where it is no object. */
export function fieldsOf(body: Buffer): Record<string, unknown> {
  const value = parsed(body);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
