/** esbuild gathers the style sheets that an entry imports beside it. */
declare module '*.css';
