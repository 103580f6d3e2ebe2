/** The machine, as far as a default folder depends on it. */
export interface Home {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** The person's own folder. */
  readonly folder: string;
}

/** Where data sets and runs are kept unless somebody says otherwise: the platform's usual place for data. */
export function defaultWorkspace({ env, platform, folder }: Home): string {
  if (env['UNRAVEL_WORKSPACE']) return env['UNRAVEL_WORKSPACE'];
  if (platform === 'darwin') return `${folder}/Library/Application Support/Unravel`;
  if (platform === 'win32') return `${env['LOCALAPPDATA'] ?? `${folder}\\AppData\\Local`}\\Unravel`;
  return `${env['XDG_DATA_HOME'] ?? `${folder}/.local/share`}/unravel`;
}
