import { completionScripts } from '../completion/scripts';

export function printScript(shell: keyof typeof completionScripts): Promise<void> {
  process.stdout.write(completionScripts[shell]);
  return Promise.resolve();
}
