// What takes the place of native modules of the VS Code server, which would have to be compiled.

/** For @vscode/spdlog: the same log files, written with node's own file system functions. */
export const loggerStandIn = `
const fs = require('fs');
const path = require('path');
const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
class Logger {
  constructor(kind, name, file) {
    this.file = file;
    this.level = 2;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.write('');
  }
  write(text) {
    try { fs.appendFileSync(this.file, text); } catch {}
  }
  log(level, message) {
    if (level < this.level) return;
    const head = new Date().toISOString().replace('T', ' ').slice(0, 23) + ' [' + names[level] + '] ';
    this.write(this.isRaw ? message : head + message + '\\n');
  }
  trace(message) { this.log(0, message); }
  debug(message) { this.log(1, message); }
  info(message) { this.log(2, message); }
  warn(message) { this.log(3, message); }
  error(message) { this.log(4, message); }
  critical(message) { this.log(5, message); }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.isRaw = true; }
  flush() {}
  drop() {}
}
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = async (name, file) => new Logger('rotating', name, file);
exports.createAsyncRotatingLogger = async (name, file) => new Logger('rotating_async', name, file);
`;

/** For native-watchdog: ends the process when its parent is gone. */
export const watchdogStandIn = `
exports.start = (parent) => {
  setInterval(() => {
    try { process.kill(parent, 0); } catch { process.exit(87); }
  }, 2000).unref();
};
exports.exit = (code) => process.exit(code || 0);
`;
