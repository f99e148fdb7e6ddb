// An extension host, for a test to kill: adds the app `api`, and says when that has come to compressing.
//   <folder of dist/> <cache folder> <checkout> <sources>
import path from 'node:path';
import { BackendClient } from '../../../../src/backend/client';

async function main(args: readonly string[]): Promise<void> {
  const [dist = '', cacheDirectory = '', checkoutDirectory = '', sources = ''] = args;
  const client = new BackendClient({
    entry: path.join(dist, 'backend.js'),
    settings: { cacheDirectory },
    credentials: () => Promise.resolve(undefined),
    log: () => undefined,
  });
  const request = { app: 'api', reference: 'app:large', sources };
  const onProgress = ({ phase }: { readonly phase: string }) => {
    if (phase === 'compress') console.log('building');
  };
  await client.request('addApp', { checkoutDirectory, request }, { onProgress });
}

void main(process.argv.slice(2));
