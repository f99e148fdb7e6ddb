import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { it } from 'node:test';
import { extensionPackage } from '../vscode/extension-package';

it('the package weighs less than 3 MB', async () => {
  const { size } = await stat(extensionPackage);
  assert.ok(size < 3e6, `${size} bytes`);
});
