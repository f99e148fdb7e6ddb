import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  commands,
  FileSystemError,
  FileType,
  TabInputCustom,
  TabInputTextDiff,
  TabInputWebview,
  Uri,
  window,
  workspace,
  type Tab,
} from 'vscode';
import { mountUri } from '../../src/ui/files/mount-uri';
import { app, checkout, eventually, pushWeb } from './given';

const run = promisify(execFile);
const readable = ['gzip', 'xz', 'zstd', 'lz4'] as const;
let folder: string;

/** Bytes of a file that is in all of them, and of zeros. */
let filmSize = 1000;

/** Runs mksquashfs on a folder with `files`, and puts what it makes in the place of what was there, as a build does. */
async function makeSquashfs(
  name: string,
  files: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<string> {
  const tree = await mkdtemp(path.join(folder, 'tree-'));
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
    await writeFile(path.join(tree, file), content);
  }
  await symlink('/etc/web.conf', path.join(tree, 'link'));
  await symlink('b', path.join(tree, 'a'));
  await symlink('a', path.join(tree, 'b'));
  await symlink('/etc', path.join(tree, 'conf'));
  await writeFile(Buffer.concat([Buffer.from(`${tree}/caf`), Buffer.from([0xe9])]), 'latin');
  await writeFile(path.join(tree, 'film.bin'), '');
  await truncate(path.join(tree, 'film.bin'), filmSize);
  const target = path.join(folder, name);
  const temporary = `${target}.new`;
  await run('mksquashfs', [tree, temporary, '-noappend', '-no-progress', '-all-root', ...options]);
  await rename(temporary, target);
  return target;
}

const older = { 'etc/web.conf': 'listen 80\n', 'etc/a b%#?.conf': 'odd name\n', 'var/log/x': 'needle 1\n' };
const newer = { ...older, 'etc/web.conf': 'listen 81\n' };

async function text(uri: Uri): Promise<string> {
  return Buffer.from(await workspace.fs.readFile(uri)).toString();
}

function tabs(): readonly Tab[] {
  return window.tabGroups.all.flatMap((group) => group.tabs);
}

async function closeAll(): Promise<void> {
  await commands.executeCommand('workbench.action.closeAllEditors');
}

describe('files in images', () => {
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'squashfs-'));
  });
  afterEach(closeAll);
  after(() => rm(folder, { recursive: true }));

  for (const compressor of readable) {
    it(`are read, found and opened: ${compressor}`, async () => {
      const file = await makeSquashfs(`${compressor}.squashfs`, older, '-comp', compressor);
      const at = (inside: string) => mountUri([file], inside);
      assert.equal(await text(at('etc/web.conf')), 'listen 80\n');
      assert.equal(await text(at('etc/a b%#?.conf')), 'odd name\n');
      assert.equal(await text(at('caf\xe9')), 'latin');
      const listed = new Map(await workspace.fs.readDirectory(at('')));
      assert.equal(listed.get('etc'), FileType.Directory);
      assert.equal(listed.get('link'), FileType.File | FileType.SymbolicLink);
      assert.equal(listed.get('conf'), FileType.Directory | FileType.SymbolicLink);
      assert.equal(listed.get('caf\uFFFDe9'), FileType.File);

      const document = await workspace.openTextDocument(at('var/log/x'));
      assert.equal(document.getText(), 'needle 1\n');
      await window.showTextDocument(document);
    });
  }

  it('are refused in words where the compression is one that cannot be read: lzo', async () => {
    const file = await makeSquashfs('lzo.squashfs', older, '-comp', 'lzo');
    await assert.rejects(
      async () => workspace.fs.readFile(mountUri([file], 'etc/web.conf')),
      /compressed with lzo, which can't be read here/,
    );
  });

  it('are found through links inside, never on this machine', async () => {
    const file = await makeSquashfs('links.squashfs', older);
    assert.equal(await text(mountUri([file], 'link')), 'listen 80\n');
    assert.equal(await text(mountUri([file], 'conf/web.conf')), 'listen 80\n');
    await assert.rejects(async () => workspace.fs.readFile(mountUri([file], 'a')), /lead in a circle/);
    await assert.rejects(async () => workspace.fs.readFile(mountUri([file], 'etc/passwd')), isMissing);
    await assert.rejects(async () => workspace.fs.stat(mountUri([`${file}.none`], '')), /no such file/i);
  });

  it('of a gigabyte are not taken into memory, and the way out is named', async () => {
    filmSize = 1_000_000_000;
    const file = await makeSquashfs('large.squashfs', older);
    filmSize = 1000;
    const film = mountUri([file], 'film.bin');
    assert.equal((await workspace.fs.stat(film)).size, 1_000_000_000);
    await assert.rejects(
      async () => workspace.fs.readFile(film),
      /1 GB; files of up to 52 MB can be shown\. Save a Copy/,
    );
  });

  it('cannot be written', async () => {
    const file = await makeSquashfs('written.squashfs', older);
    assert.equal(workspace.fs.isWritableFileSystem('pvfs'), false);
    await assert.rejects(async () => workspace.fs.writeFile(mountUri([file], 'new'), new Uint8Array()));
    await assert.rejects(async () => workspace.fs.delete(mountUri([file], 'etc/web.conf')));
  });

  it('change in editors when the image is built anew', async () => {
    const file = await makeSquashfs('changing.squashfs', older, '-mkfs-time', '0', '-all-time', '0');
    const document = await workspace.openTextDocument(mountUri([file], 'etc/web.conf'));
    await window.showTextDocument(document);
    await makeSquashfs('changing.squashfs', newer, '-mkfs-time', '0', '-all-time', '0');
    await eventually('the editor shows the new text', () =>
      document.getText() === 'listen 81\n' ? true : undefined,
    );
  });

  it('open in an editor that shows what the file is', async () => {
    const file = await makeSquashfs('shown.squashfs', older);
    await commands.executeCommand('vscode.open', Uri.file(file));
    const tab = await eventually('an editor for the file', () =>
      tabs().find(({ input }) => input instanceof TabInputCustom && input.uri.fsPath === file),
    );
    assert.equal((tab.input as TabInputCustom).viewType, 'pantavisor.squashfs');
  });

  it('of two images are compared', async () => {
    const [before, now] = [
      await makeSquashfs('old.squashfs', older),
      await makeSquashfs('new.squashfs', newer),
    ];
    const both = [Uri.file(before), Uri.file(now)];
    await commands.executeCommand('pantavisor.compareImages', both[0], both);
    await eventually('a page that compares them', () =>
      tabs().find(({ input, label }) => input instanceof TabInputWebview && label.includes('↔')),
    );
  });

  it('show in the diff editor', async () => {
    const [before, now] = [
      await makeSquashfs('old.squashfs', older),
      await makeSquashfs('new.squashfs', newer),
    ];
    await commands.executeCommand(
      'vscode.diff',
      mountUri([before], 'etc/web.conf'),
      mountUri([now], 'etc/web.conf'),
    );
    await eventually('a diff editor', () => tabs().find(({ input }) => input instanceof TabInputTextDiff));
    const shown = await eventually('both texts', () => {
      const texts = [before, now].map((file) => textOf(mountUri([file], 'etc/web.conf')));
      return texts.includes(undefined) ? undefined : texts;
    });
    assert.deepEqual(shown, ['listen 80\n', 'listen 81\n']);
  });

  for (const compressor of readable) {
    it(`are searched, and open at the line that is found: ${compressor}`, async () => {
      const file = await makeSquashfs(`searched-${compressor}.squashfs`, older, '-comp', compressor);
      await commands.executeCommand('pantavisor.searchImage', Uri.file(file), 'needle');
      const editor = await eventually('the line is found and opens', async () => {
        await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return window.activeTextEditor;
      });
      assert.equal(editor.document.uri.toString(), mountUri([file], 'var/log/x').toString());
      assert.equal(editor.document.getText(editor.selection), 'needle');
    });
  }

  it('of an app show what its overlay changes, all texts in one editor', async () => {
    // The base is that of the second release by now.
    await pushWeb('web1');
    await commands.executeCommand('pantavisor.updateAsPatch', app('web'));
    const base = path.join(checkout, 'web', 'root.squashfs');
    const overlay = path.join(checkout, 'web', 'root.ovl.squashfs');
    const seen = mountUri([base, overlay], 'www');
    assert.deepEqual(
      (await workspace.fs.readDirectory(seen)).map(([name]) => name),
      ['index.html', 'old.html'],
    );
    assert.notEqual(
      await text(mountUri([base], 'www/index.html')),
      await text(mountUri([base, overlay], 'www/index.html')),
    );
    await commands.executeCommand('pantavisor.compareWithBase', app('web'));
    await eventually('an editor with all changes', () =>
      tabs().find(({ label }) => label.includes('web ↔ its base')),
    );
  });
});

/** Of a document that is open. */
function textOf(uri: Uri): string | undefined {
  return workspace.textDocuments.find((document) => document.uri.toString() === uri.toString())?.getText();
}

function isMissing(error: unknown): boolean {
  return error instanceof FileSystemError && error.code === 'FileNotFound';
}
