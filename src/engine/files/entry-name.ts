/**
 * The path of an entry of an archive as unpacking programs read it: with `/` in place of backslashes, which archives made
 * on Windows have, and without `./`.
 */
export function entryPath(name: string): string {
  const path = name.replaceAll('\\', '/');
  const isAbsolute = path.startsWith('/');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const isFolder = path.endsWith('/') || path.endsWith('/.') || path === '.';
  return `${isAbsolute ? '/' : ''}${parts.join('/')}${isFolder ? '/' : ''}`;
}

/** The reason why the path of an entry is unsafe, see {@link entryPath}; undefined if it is safe. */
export function pathProblem(path: string): string | undefined {
  if (path.includes('\0')) return 'its name holds a zero byte';
  if (path !== '/' && (path.startsWith('/') || /^[a-zA-Z]:/.test(path)))
    return 'its name is absolute and would leave the archive';
  if (path.split('/').includes('..')) return 'its name climbs out of the archive';
  return undefined;
}
