import { applyEdits, findNodeAtLocation, type JSONPath, modify, parseTree } from 'jsonc-parser';

/** Sets a value and leaves the rest of the text as it is, whoever formatted it; undefined removes it. */
export function withValue(text: string, path: JSONPath, value: unknown): string {
  return applyEdits(text, modify(text, path, value, { formattingOptions: formattingOf(text) }));
}

/** The text without one of the strings of a list; the text itself when it isn't there. */
export function withoutItem(text: string, list: JSONPath, item: string): string {
  const items =
    findNodeAtLocation(parseTree(text) ?? { type: 'null', offset: 0, length: 0 }, list)?.children ?? [];
  const index = items.findIndex(({ value }) => value === item);
  return index === -1 ? text : withValue(text, [...list, index], undefined);
}

function formattingOf(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 4 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
