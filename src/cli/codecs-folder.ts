/** The folder of the codecs: esbuild puts them beside the bundle that this is a part of. Whoever wants no more than hashes loads no network. */
export const codecs = __dirname;
