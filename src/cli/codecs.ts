/** The folder of the codecs: esbuild puts them beside the bundle that this is a part of. */
export const codecs = __dirname;
