import { text } from 'node:stream/consumers';
import { Secret } from '../core/net/secret';
import { type AskPassphrase, nobodyToAsk } from '../core/revision/keys';

/** Asks at the terminal, where nothing of the answer is shown; where there is none, nobody is asked. */
export function passphraseAt(signal: AbortSignal): AskPassphrase {
  if (!process.stdin.isTTY) return nobodyToAsk;
  return (file) => hiddenAnswer(`Passphrase of ${file}: `, signal);
}

/** To be called where stdin is a terminal. @throws the signal's reason. */
export function hiddenAnswer(question: string, signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = process;
  return new Promise((resolve, reject) => {
    let answer = '';
    const end = () => {
      stdin.off('data', onData).setRawMode(false).pause();
      signal.removeEventListener('abort', onAbort);
      stderr.write('\n');
    };
    const onAbort = () => {
      end();
      reject(signal.reason as Error);
    };
    const onData = (text: string) => {
      for (const character of text) {
        if (character === '\r' || character === '\n' || character === endOfInput) {
          end();
          resolve(answer);
          return;
        }
        // In raw mode, the terminal itself sends no signal.
        if (character === interruption) process.kill(process.pid, 'SIGINT');
        else if (character === '\x7f' || character === '\b') answer = answer.slice(0, -1);
        else answer += character;
      }
    };
    stderr.write(question);
    signal.addEventListener('abort', onAbort, { once: true });
    stdin.setEncoding('utf8').setRawMode(true).on('data', onData).resume();
  });
}

/** The whole of stdin but for the end of its last line, as docker login reads a password. */
export async function secretFromStdin(): Promise<Secret> {
  return new Secret((await text(process.stdin)).replace(/\r?\n$/, ''));
}

const interruption = '\x03';
const endOfInput = '\x04';
