import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import type { Claims } from './claims';
import { type HubSession, tokenIn } from './hub-session';
import { usualMeaning } from './hub-problem';

export interface BrowserLogin {
  /** The PRN of a confidential app that is registered at the hub; it gives public ones no code. */
  readonly clientId: string;
  /** Shows somebody the hub's page. */
  readonly open: (page: URL) => void | Promise<void>;
  /** What the page says that the hub leads to in the end. */
  readonly farewell?: string;
}

/** As long as the hub remembers that somebody was sent to its page (its cookies live for 5 minutes). */
const patience = 5 * 60_000;
const scope = 'prn:pantahub.com:apis:/base/all';

/**
 * Logs in by the hub's own page (OAuth 2 with PKCE, RFC 7636): whoever is there gives the password to the hub alone, whose page leads to a
 * listener on this machine. The hub takes no other redirect than to `/callback` there, and so this is for a window that runs where its
 * browser does.
 *
 * @throws Problem when nobody comes back in time, or the hub refuses; the job's reason.
 */
export async function logInByBrowser(
  session: HubSession,
  { clientId, open, farewell = 'Logged in. This page can be closed.' }: BrowserLogin,
  job: Job,
): Promise<Claims> {
  const { hub } = session;
  const doing = `logging in to ${hub.host} in the browser`;
  session.requireSafe(doing);
  const [verifier, state] = [randomText(), randomText()];
  const late = AbortSignal.timeout(patience);
  await using listener = await listenForCode(state, farewell, doing);
  const page = new URL('/auth/oauth/authorize', hub);
  page.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: listener.address,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...{ scope, state, response_type: 'code' },
  }).toString();
  await open(page);
  const code = await Promise.race([listener.code, stopped(job.signal), tooLate(late, doing)]);
  const body = new Map([
    ['grant_type', 'authorization_code'],
    ['access-code', code],
    ['redirect_uri', listener.address],
    ['code_verifier', verifier],
  ]);
  const meaning = ({ status }: { readonly status: number }) =>
    status === 400 || status === 500
      ? {
          found: 'the hub does not take what its own page gave',
          remedy: remedy`Check that the client id is one of a confidential app, or log in with ${way.logInToHub(session.hub.origin)}`,
        }
      : usualMeaning(status);
  const request = { method: 'POST', path: '/auth/oauth/token', body, doing, meaning, isOnce: true } as const;
  const answer = await session.callAsNobody(request, job);
  return await session.adopt(tokenIn(answer, doing), job);
}

interface CodeListener extends AsyncDisposable {
  /** `http://127.0.0.1:43210/callback`. */
  readonly address: string;
  readonly code: Promise<string>;
}

async function listenForCode(state: string, farewell: string, doing: string): Promise<CodeListener> {
  let found: (code: string) => void = () => undefined;
  let refused: (problem: Problem) => void = () => undefined;
  const code = new Promise<string>((resolve, reject) => {
    [found, refused] = [resolve, reject];
  });
  // Nobody may be waiting any more.
  code.catch(() => undefined);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const [given, error] = [searchParams.get('code'), searchParams.get('error')];
    const isOurs = pathname === '/callback' && searchParams.get('state') === state;
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    // What anybody else on this machine asks of it ends nothing.
    if (!isOurs || (given === null && error === null)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('connection', 'close');
    response.end(given === null ? 'Not logged in.' : farewell);
    if (given !== null) found(given);
    else
      refused(
        new Problem({
          doing,
          found: `the hub's page ended with ${JSON.stringify((error ?? '').slice(0, 100))}`,
          remedy: 'Try again, and allow it there',
        }),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    code,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function tooLate(signal: AbortSignal, doing: string): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(nobodyCame(doing)), { once: true });
  });
}

function nobodyCame(doing: string): Problem {
  return new Problem({
    doing,
    found: 'nobody came back from the page of the hub in time',
    remedy: 'Try again, and log in there within five minutes',
  });
}
