import * as z from 'zod';
import { type AnswerHead, headerOf, type WholeAnswer } from '../../net/message';
import { Absence } from '../../net/network-failure';
import { Problem } from '../../problem';
import { remedy, type Way } from '../../remedy';

/** What was asked, for what a person reads when the answer is no. */
export interface Question {
  readonly doing: string;
  /** `the image nginx:1.25`, `the layer sha256:12ab…`. */
  readonly what: string;
  /** Logs in to this registry. */
  readonly login: Way;
  /** Whoever answers was told a login or token, and could repeat it: his words are left out. */
  readonly hasShown?: boolean;
}

const maxMessageLength = 300;

/** The body of an error (OCI distribution spec 1.1, "Error Codes"), or a token server's (RFC 6749, 5.2). */
const errorSchema = z.object({
  errors: z
    .array(z.object({ code: z.string().optional(), message: z.string().optional() }))
    .optional()
    .catch(undefined),
  error: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
  details: z.string().optional().catch(undefined),
});

/** Turns an answer that is not the wanted one into a Problem. */
export function answerProblem(
  answer: WholeAnswer,
  { doing, what, login, hasShown = false }: Question,
): Problem {
  const message = hasShown ? '' : messageOf(answer);
  const { host } = answer.url;
  const says = message === '' ? '' : `: ${message}`;
  switch (answer.status) {
    case 401:
    case 403:
      return new Problem({
        doing,
        found: `${host} does not let you read ${what} (${answer.status})${says}`,
        remedy: remedy`Check the name; if it is private, log in with ${login}, as a user who may read it`,
      });
    case 404:
      return new Absence('missing', {
        doing,
        found: `${host} does not have ${what} (404)${says}`,
        remedy: 'Check the name and the tag',
      });
    case 429:
      return new Problem({
        doing,
        found: `${host} turned the request down as one too many (429)${whenAgain(answer)}${says}`,
        remedy: remedy`Try again later; a login (${login}) raises the limit at many registries`,
      });
    default:
      return new Problem({
        doing,
        found: `${host} answered ${answer.status}${says}`,
        remedy:
          answer.status >= 500
            ? 'Try again later; if it stays so, tell who runs the registry'
            : 'Check that the host is a container registry',
      });
  }
}

function whenAgain(answer: AnswerHead): string {
  const seconds = headerOf(answer, 'retry-after');
  return seconds !== undefined && /^\d{1,6}$/.test(seconds)
    ? `, to be tried again in ${Math.ceil(Number(seconds) / 60)} min`
    : '';
}

function messageOf({ bytes }: WholeAnswer): string {
  try {
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    const { errors = [], error, error_description, details } = errorSchema.parse(document);
    const texts = errors.map(({ code, message }) => message ?? code ?? '');
    return presentable(texts.join('; ') || (error_description ?? details ?? error ?? ''));
  } catch {
    // HTML or nothing: the status has to do.
    return '';
  }
}

/** One line of bounded length, without what may be a token or a signed address. */
function presentable(text: string): string {
  const line = text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .replaceAll(/\b(Bearer|Basic)\s+\S+/gi, '$1 …')
    .replaceAll(/\beyJ[\w-]+(?:\.[\w-]*)*/g, '…')
    .replaceAll(/(https?:\/\/[^\s?]+)\?\S+/g, '$1?…')
    .trim();
  return line.length > maxMessageLength ? `${line.slice(0, maxMessageLength)}…` : line;
}
