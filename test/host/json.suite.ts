import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commands, languages, Uri, window, workspace, type CodeAction, type Diagnostic } from 'vscode';
import { checkout, eventually, text } from './given';

function uriOf(file: string): Uri {
  return Uri.file(path.join(checkout, file));
}

function diagnosticAbout(file: string, message: RegExp): Promise<Diagnostic> {
  return eventually(`${file}: ${String(message)}`, () =>
    languages.getDiagnostics(uriOf(file)).find((diagnostic) => message.test(diagnostic.message)),
  );
}

describe('JSON files', () => {
  it('knows the fields of src.json', async () => {
    const before = await text('web/src.json');
    const document = await workspace.openTextDocument(uriOf('web/src.json'));
    await window.showTextDocument(document);
    try {
      await writeFile(
        path.join(checkout, 'web/src.json'),
        before.replace('"docker_tag": "latest"', '"docker_tag": 7'),
      );
      await diagnosticAbout('web/src.json', /string/);
    } finally {
      await writeFile(path.join(checkout, 'web/src.json'), before);
    }
  });

  it('says that a group does not exist, and offers those that do', async () => {
    const before = await text('web/run.json');
    try {
      await writeFile(
        path.join(checkout, 'web/run.json'),
        before.replace('"name":"web",', '"name":"web",\n\t"group": "nobody",'),
      );
      const { range } = await diagnosticAbout('web/run.json', /group "nobody"/);
      // VS Code gives up asking when it notices in between that the file has changed; editors then ask again.
      await eventually('the groups are offered', async () => {
        const actions = await commands.executeCommand<CodeAction[]>(
          'vscode.executeCodeActionProvider',
          uriOf('web/run.json'),
          range,
        );
        return actions.find(({ title }) => title.includes('platform'));
      });
    } finally {
      await writeFile(path.join(checkout, 'web/run.json'), before);
    }
    await eventually('the diagnostic is gone', () =>
      languages.getDiagnostics(uriOf('web/run.json')).length === 0 ? true : undefined,
    );
  });
});
