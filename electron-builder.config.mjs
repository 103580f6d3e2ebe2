/**
 * How Unravel is packaged. `scripts/package.mjs` lays the app out in dist/app first, and says which Electron it is
 * packaged with.
 *
 * Nearly everything lies beside the archive (`asarUnpack`): libraries and add-ons, because a system loads them from
 * files; the programs of engine, jobs and workers with what they need, because the command line and `unravel serve`
 * run the same ones under plain Node.
 *
 * @type {import('electron-builder').Configuration}
 */
export default {
  appId: 'app.unravel.desktop',
  productName: 'Unravel',
  copyright: 'Published under the MIT licence',
  directories: { app: 'dist/app', output: 'dist', buildResources: 'build' },
  artifactName: '${productName}-${version}-${os}-${arch}.${ext}',
  // Under its own name electron-builder takes node_modules for what it collects itself.
  files: ['**/*', '!modules{,/**}', { from: 'modules', to: 'node_modules' }],
  asarUnpack: ['{modules,out/main,out/renderer,out/page,resources,scripts}/**', 'package.json'],
  extraResources: [
    { from: 'build/bin', to: 'bin' },
    { from: 'dist/licences', to: 'licences' },
  ],
  beforeBuild: 'scripts/package/before-build.mjs',
  afterPack: 'scripts/package/after-pack.mjs',
  electronLanguages: ['en-US'],
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    // The window's pages do not come over file://.
    grantFileProtocolExtraPrivileges: false,
  },
  linux: {
    target: ['AppImage', 'deb'],
    icon: 'build/icons',
    category: 'Science',
    synopsis: 'See what a variational autoencoder has learned',
    maintainer: 'The Unravel developers',
    // The name "unravel" is the command line's.
    executableName: 'unravel-app',
  },
  win: { target: ['nsis'], icon: 'build/icon.ico' },
  nsis: { oneClick: false, allowToChangeInstallationDirectory: true },
  mac: { target: ['dmg'], icon: 'build/icon.icns', category: 'public.app-category.education' },
};
