/**
 * Tells electron-builder that dist/app holds the packages as they are to be: it shall neither collect nor build any.
 * The add-on is built by the set-up, against the libraries that are packaged with it.
 */
export default function beforeBuild() {
  return Promise.resolve(false);
}
