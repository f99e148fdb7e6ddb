import * as z from 'zod';
import { tryParseJson } from '../json-document';

const keptBytes = 4096;

/** moby, pkg/streamformatter, FormatError. */
const errorSchema = z.object({ errorDetail: z.object({ message: z.string() }) });

/** The last bytes of a long answer: when docker fails in its middle, it writes the error where the rest should be. */
export class EndOfAnswer {
  #bytes = Buffer.alloc(0);

  push(chunk: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(-keptBytes)]).subarray(-keptBytes);
  }

  /** What docker says went wrong, if it does. */
  reportedError(): string | undefined {
    const text = this.#bytes.toString('utf8');
    const start = text.lastIndexOf('{"errorDetail"');
    const report = errorSchema.safeParse(start === -1 ? undefined : tryParseJson(text.slice(start)));
    return report.data?.errorDetail.message;
  }
}
