// The backend: a child process of the extension host, and the entry of dist/backend.js. It ends when its parent goes away.
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { serve } from './serve';

/** More than anything takes to let go of a checkout; a disk that hangs must not keep this process alive. */
const stopLimit = 30_000;

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const service = serve(connection);
let isStopping = false;

/** What is cut off here all the same is finished or undone from its journal by whoever changes that checkout next. */
function stop(): void {
  if (isStopping) return;
  isStopping = true;
  setTimeout(() => process.exit(1), stopLimit).unref();
  void service.stop().finally(() => process.exit());
}

process.once('disconnect', stop);
// Ctrl-C in the terminal that an editor's server was started from reaches this process, too.
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// Nobody may be left to read what is written here.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

connection.listen();
