/** What a fake context was asked to do, in order. */
export type Calls = string[];

/** WebGL 2 that draws nothing: every call is noted, every question has an answer that three.js can go on with. */
function fakeWebGl(canvas: HTMLCanvasElement, calls: Calls): object {
  const answers: Record<string, (...input: unknown[]) => unknown> = {
    getContextAttributes: () => ({ alpha: false, antialias: false }),
    getExtension: () => null,
    getSupportedExtensions: () => [],
    getShaderPrecisionFormat: () => ({ rangeMin: 127, rangeMax: 127, precision: 23 }),
    getParameter: (name) =>
      name === 'VERSION'
        ? 'WebGL 2.0 (fake)'
        : name === 'SCISSOR_BOX' || name === 'VIEWPORT'
          ? [0, 0, 1, 1]
          : 16,
    getProgramParameter: (_program, name) => (name === 'LINK_STATUS' ? true : 0),
    getShaderParameter: () => true,
    getProgramInfoLog: () => '',
    getShaderInfoLog: () => '',
    isContextLost: () => false,
    getError: () => 0,
  };
  return new Proxy(
    { canvas, drawingBufferWidth: 1, drawingBufferHeight: 1 },
    {
      get(target, property) {
        const name = String(property);
        if (property in target) return target[property as keyof typeof target];
        if (name === name.toUpperCase()) return name;
        return (...input: unknown[]) => {
          calls.push(name);
          if (name in answers) return answers[name]!(...input);
          return name.startsWith('create') ? {} : undefined;
        };
      },
    },
  );
}

/** A 2D context that notes its calls. */
function fakePainter(calls: Calls): object {
  return new Proxy(
    {},
    {
      get: (_target, property) => () => calls.push(String(property)),
      set: () => true,
    },
  );
}

/** Gives every canvas of the page fake contexts. */
export function fakeCanvases(): { webgl: Calls; painter: Calls } {
  const webgl: Calls = [];
  const painter: Calls = [];
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string) {
    return kind === '2d' ? fakePainter(painter) : kind === 'webgl2' ? fakeWebGl(this, webgl) : null;
  } as never;
  HTMLCanvasElement.prototype.setPointerCapture = () => undefined;
  return { webgl, painter };
}
