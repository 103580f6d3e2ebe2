/** A module in WebAssembly's text format; the build turns it into the module's bytes (scripts/build/wat.mjs). */
declare module '*.wat' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
