import type { HelpBlock, HelpTopic } from './topics';

/** A topic as a terminal shows it, 80 columns wide. */
export function helpPage({ title, blocks }: HelpTopic): string {
  return [title, ...blocks.map(describeBlock), ''].join('\n\n').replace(/\n+$/, '\n');
}

/** The topics, a line each. */
export function topicList(topics: readonly HelpTopic[]): string {
  const width = Math.max(...topics.map(({ name }) => name.length));
  return topics.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}

function describeBlock(block: HelpBlock): string {
  if ('text' in block) return wrapped(block.text, '');
  if ('lines' in block) return block.lines.map((line) => `  ${line}`).join('\n');
  return block.terms.map(([term, meaning]) => `  ${term}\n${wrapped(meaning, '      ')}`).join('\n');
}

function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > 80) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}
