import type { WholeAnswer } from '../../net/message';
import { Problem } from '../../problem';
import type { Remedy } from '../../remedy';

/** What Pantahub's refusals hold: `{"error":"REST-ERR-ID-…","msg":"…","code":500}`, or two of them, or something else. */
export interface Refusal {
  /** What its support asks for. */
  readonly incident: string | undefined;
  /** Words for people. */
  readonly message: string | undefined;
}

export function refusalIn({ bytes }: WholeAnswer): Refusal {
  const text = bytes.toString('utf8');
  const [incident] = /REST-ERR-ID-\d+/.exec(text) ?? [];
  const [, message] = /"msg"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
  return { incident, message: message === undefined ? undefined : String(JSON.parse(message)).slice(0, 300) };
}

/** What an answer of Pantahub means, which its status alone doesn't say. */
export interface Meaning {
  /** A clause. */
  readonly found: string;
  readonly remedy: Remedy;
}

/** Says it with what support asks for. */
export function hubProblem(doing: string, answer: WholeAnswer, { found, remedy }: Meaning): Problem {
  const { incident, message } = refusalIn(answer);
  const said = message === undefined ? '' : `: ${JSON.stringify(message)}`;
  const facts = [
    `${answer.url.host} answered ${answer.status}${said}`,
    ...(incident === undefined ? [] : [incident]),
  ];
  return new Problem({ doing, found: `${found} (${facts.join(', ')})`, remedy });
}

/** What a status says where nothing better is known of the request. */
export function usualMeaning(status: number): Meaning {
  if (status === 403)
    return { found: 'the account may not do this', remedy: 'Check the name, and whose device it is' };
  if (status === 404) return { found: 'there is nothing of this name', remedy: 'Check the name' };
  if (status === 429) return { found: 'it has had too many requests', remedy: 'Try again later' };
  if (status >= 500)
    return { found: 'the hub could not do it, and does not say why', remedy: 'Try again later' };
  return { found: 'the hub refused it', remedy: 'Check the names in the request' };
}
