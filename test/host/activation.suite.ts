import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { extension } from './given';
import { measured } from './measured';

interface Marks {
  readonly MonacoPerformanceMarks?: {
    getMarks(): readonly { readonly name: string; readonly startTime: number }[];
  };
}

describe('activation', () => {
  it('happens because the workspace holds a checkout, and offers every command', async () => {
    await extension().activate();
    const { contributes } = extension().packageJSON as {
      contributes: { commands: readonly { readonly command: string }[] };
    };
    const offered = new Set(await commands.getCommands(true));
    for (const { command } of contributes.commands) assert.ok(offered.has(command), command);
  });

  it('is measured', () => {
    const marks = (globalThis as Marks).MonacoPerformanceMarks?.getMarks() ?? [];
    const at = (what: string): number =>
      marks.find(({ name }) => name === `code/extHost/${what}/${extension().id}`)?.startTime ?? NaN;
    const code = at('didLoadExtensionCode') - at('willLoadExtensionCode');
    const activation = at('didActivateExtension') - at('willActivateExtension');
    measured['loading the code'] = `${code} ms`;
    measured['loading and activating'] = `${code + activation} ms`;
    assert.ok(code >= 0 && activation >= 0, 'the marks are there');
  });
});
