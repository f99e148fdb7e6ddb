import type { App } from './app';

/** Also of an app whose src.json can't be read: it may be, and silence would pass for "up to date". */
export function mayBeMadeFromImage({ source }: App): boolean {
  return source.kind === 'docker' || source.kind === 'unreadable';
}
