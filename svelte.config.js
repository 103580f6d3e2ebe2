/** Read by the build, svelte-check and ESLint. Runes only: the older reactivity is refused. */
export default {
  compilerOptions: { runes: true },
};
