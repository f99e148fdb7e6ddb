import path from 'node:path';

/** The folder of the codecs: esbuild puts them above the folder with the pieces of this program. Whoever wants no more than hashes loads no network. */
export const codecs = path.dirname(__dirname);
