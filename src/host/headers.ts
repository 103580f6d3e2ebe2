/** Where a page may load from: its own origin only, and scripts only from its own files. */
const SOURCES: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  // Tooltips and bars are placed with style attributes, which cannot load or run anything.
  'style-src-attr': "'unsafe-inline'",
  'img-src': "'self' blob: data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/**
 * The headers of every page and file, the same in Electron's window and in a browser.
 *
 * @param sockets - addresses of WebSockets that the page may open, too
 */
export function securityHeaders(sockets: readonly string[] = []): Readonly<Record<string, string>> {
  const policy = Object.entries(SOURCES).map(([directive, value]) =>
    [directive, value, ...(directive === 'connect-src' ? sockets : [])].join(' '),
  );
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), usb=()',
  };
}
