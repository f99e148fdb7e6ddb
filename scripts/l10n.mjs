// `npm run l10n` collects what the extension says into l10n/bundle.l10n.json, which translations are made from; with
// `--check` it fails when that file is not what the sources say.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.dirname(import.meta.dirname);
const bundleFile = path.join(root, 'l10n', 'bundle.l10n.json');

const texts = new Set(sourceFiles('src/ui').flatMap(textsIn));
const bundle = `${JSON.stringify(Object.fromEntries([...texts].sort().map((text) => [text, text])), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(bundleFile, bundle);
} else if (readFileSync(bundleFile, 'utf8') !== bundle) {
  console.error('l10n/bundle.l10n.json is not what the sources say. Run npm run l10n.');
  process.exitCode = 1;
}

function sourceFiles(folder) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(root, folder, file));
}

/** The first argument of each `l10n.t()`. */
function textsIn(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'l10n.t') {
      const [text] = node.arguments;
      if (!text || !ts.isStringLiteralLike(text)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        throw new Error(
          `${path.relative(root, file)}:${line + 1}: l10n.t() needs a text, not an expression.`,
        );
      }
      found.push(text.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
