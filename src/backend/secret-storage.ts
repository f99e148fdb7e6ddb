import type { MessageConnection } from 'vscode-jsonrpc';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { Credentials, CredentialSource } from '../core/image/credentials';
import { Secret } from '../core/net/secret';
import type { RegistryCredentials } from './protocol';
import * as wire from './wire';

/** Asks the extension host, whose secrets stay there until a registry wants to see them. */
export function secretStorage(connection: MessageConnection): CredentialSource {
  return async ({ host, credentialKey }, job) => {
    job.signal.throwIfAborted();
    const cancellation = new CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    job.signal.addEventListener('abort', cancel);
    try {
      const answer = await connection.sendRequest(
        wire.credentials,
        { host, credentialKey },
        cancellation.token,
      );
      return answer === null ? undefined : credentialsFrom(answer);
    } catch {
      job.signal.throwIfAborted();
      // As with docker's credential helpers: a public image needs none, and the registry says so if this one isn't.
      job.warn(`No credentials for ${host} from the editor: its secret storage can't be read.`);
      return undefined;
    } finally {
      job.signal.removeEventListener('abort', cancel);
    }
  };
}

function credentialsFrom(answer: RegistryCredentials): Credentials {
  return 'identityToken' in answer
    ? { kind: 'identity-token', token: new Secret(answer.identityToken) }
    : { kind: 'basic', username: answer.username, password: new Secret(answer.password) };
}
