import { buffer } from 'node:stream/consumers';
import { maxDocumentBytes } from '../blob-cache/document';
import { archiveProblem } from './archive-problem';

/** The files in an archive or folder, under their paths in it. */
export interface ArchiveFiles {
  /** undefined when there is no file of this name. Links are followed. */
  find(name: string): Promise<ArchiveFile | undefined>;
  close(): Promise<void>;
}

export interface ArchiveFile {
  /** Bytes. */
  readonly size: number;
  /** The content, as often as it is wanted. */
  read(): AsyncIterable<Uint8Array>;
}

/** A file that an archive must hold. */
export async function requireFile(files: ArchiveFiles, name: string, archive: string): Promise<ArchiveFile> {
  const file = await files.find(name);
  if (file !== undefined) return file;
  throw archiveProblem(archive, `it does not hold "${name.slice(0, 200)}"`);
}

/** A manifest, config or list of them, which the archive must hold. */
export async function readDocument(files: ArchiveFiles, name: string, archive: string): Promise<Buffer> {
  const file = await requireFile(files, name, archive);
  if (file.size <= maxDocumentBytes) return buffer(file.read());
  throw archiveProblem(
    archive,
    `"${name.slice(0, 200)}" in it has ${file.size} bytes, and ${maxDocumentBytes} is the limit`,
  );
}
