/** The parts of the environment that determine the default folder. */
export interface Home {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** The user's home folder. */
  readonly folder: string;
}

/** The default folder of data sets and runs: the platform's usual place for data. */
export function defaultWorkspace({ env, platform, folder }: Home): string {
  if (env['UNRAVEL_WORKSPACE']) return env['UNRAVEL_WORKSPACE'];
  if (platform === 'darwin') return `${folder}/Library/Application Support/Unravel`;
  if (platform === 'win32') return `${env['LOCALAPPDATA'] ?? `${folder}\\AppData\\Local`}\\Unravel`;
  return `${env['XDG_DATA_HOME'] ?? `${folder}/.local/share`}/unravel`;
}
