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
