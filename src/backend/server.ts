// The backend: a child process of the extension host, and the entry of dist/backend.js. It ends when its parent goes away.
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { serve } from './serve';

/** More than anything takes to let go of a checkout; a disk that hangs must not keep this process alive. */
const stopLimit = 30_000;

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const service = serve(connection);
let isStopping = false;

/** As a command line says that it met a defect. */
const defectCode = 70;
/** What was said last has to reach the other side; in milliseconds. */
const lastWordsTime = 100;

/** What is cut off here all the same is finished or undone from its journal by whoever changes that checkout next. */
function endAfter(stopped: () => Promise<void>, code: number): void {
  if (isStopping) return;
  isStopping = true;
  setTimeout(() => process.exit(code === 0 ? 1 : code), stopLimit).unref();
  void stopped().finally(() => {
    if (code === 0) process.exit();
    setTimeout(() => process.exit(code), lastWordsTime);
  });
}

const stop = () => endAfter(() => service.stop(), 0);

process.once('disconnect', stop);
// Ctrl-C in the terminal that an editor's server was started from reaches this process, too.
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// Rejected promises that nobody looks at come here, too. All that runs may have lost what it waits for.
process.on('uncaughtException', (error) => endAfter(() => service.crash(error), defectCode));
// Nobody may be left to read what is written here.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

connection.listen();
