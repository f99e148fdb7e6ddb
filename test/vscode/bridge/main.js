// An extension for tests: runs functions that a test sends over a socket inside the extension host.
const { rmSync } = require('node:fs');
const { createServer } = require('node:net');
const { createInterface } = require('node:readline');
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  const socketPath = process.env.TEST_BRIDGE;
  if (!socketPath) return;
  // What sends the functions, tsx, marks those in them with their names.
  globalThis.__name ??= (marked) => marked;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', async (line) => {
      const { code, argument } = JSON.parse(line);
      let answer;
      try {
        answer = { value: await eval(`(${code})`)(vscode, argument) };
      } catch (error) {
        answer = { error: String(error?.stack ?? error) };
      }
      socket.end(`${JSON.stringify(answer)}\n`);
    });
  });
  rmSync(socketPath, { force: true });
  server.listen(socketPath);
  subscriptions.push({ dispose: () => server.close() });
};
