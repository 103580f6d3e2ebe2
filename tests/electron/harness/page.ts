import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import CDP from 'chrome-remote-interface';
import { answered } from './answered.ts';
import { accessibleNodes, type Role } from './roles.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

const screenshots = resolve(import.meta.dirname, '../../screenshots/electron');
const WAIT_MS = 30_000;

/** A window's page, driven through the DevTools protocol: what a person sees and does. */
export class Page {
  readonly #client: CDP.Client;
  /** What the page has complained of: exceptions and errors on its console. */
  readonly complaints: string[] = [];

  private constructor(client: CDP.Client) {
    this.#client = client;
  }

  static async connect(url: string): Promise<Page> {
    // The protocol as chrome-remote-interface has it: an old Chromium's own lacks nothing that is used here.
    const client = await CDP({ target: url, local: true });
    const page = new Page(client);
    client.Runtime.exceptionThrown(({ exceptionDetails: { exception, text } }) =>
      page.complaints.push(exception?.description ?? text),
    );
    client.Log.entryAdded(({ entry }) => {
      if (entry.level === 'error') page.complaints.push(`${entry.text} ${entry.url ?? ''}`.trim());
    });
    await Promise.all([
      client.Page.enable(),
      client.Runtime.enable(),
      client.DOM.enable({}),
      client.Log.enable(),
    ]);
    return page;
  }

  /**
   * What a function gives in the page. It is sent as text: it sees its arguments and the page, nothing around it.
   *
   * @param args - must survive JSON
   */
  async evaluate<A extends readonly unknown[], R>(work: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    const list = args.map((argument) => JSON.stringify(argument)).join(', ');
    return (await this.evaluateText(`(${work.toString()})(${list})`)) as Awaited<R>;
  }

  /** What an expression is in the page. */
  async evaluateText(expression: string): Promise<unknown> {
    const answer = this.#client.Runtime.evaluate({
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    const { result, exceptionDetails } = await answered(this.#client, answer);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as unknown;
  }

  /**
   * Asks again and again until the answer is neither false nor nothing.
   *
   * @param what - for the complaint: "Waited for … in vain"
   */
  async until<T>(what: string, ask: () => Promise<T>, withinMs = WAIT_MS): Promise<NonNullable<T>> {
    let last: unknown;
    for (const until = performance.now() + withinMs; performance.now() < until;) {
      try {
        const answer = await ask();
        if (answer) return answer;
      } catch (error) {
        last = error;
      }
      await sleep(30);
    }
    const complaints =
      this.complaints.length > 0 ? ` The page complained: ${this.complaints.join('; ')}` : '';
    throw new Error(`Waited for ${what} in vain.${complaints}`, { cause: last });
  }

  /** The centre of an element, by its CSS selector, scrolled into view; waits until there is one. */
  async centre(selector: string): Promise<Point> {
    return this.until(selector, () =>
      this.evaluate((wanted) => {
        const element = document.querySelector(wanted);
        if (!element) return null;
        element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const { x, y, width, height } = element.getBoundingClientRect();
        return width > 0 && height > 0 ? { x: x + width / 2, y: y + height / 2 } : null;
      }, selector),
    );
  }

  /**
   * The centre of what has this role and name for people who cannot see; waits until there is one.
   *
   * @param which - where there are several, in the order of the page
   */
  async find(role: Role, name: string | RegExp, which: 'first' | 'last' = 'first'): Promise<Point> {
    return this.until(`${role} “${String(name)}”`, async () => {
      const nodes = await accessibleNodes(this.#client, role, name);
      for (const { nodeId } of which === 'first' ? nodes : nodes.reverse()) {
        const point = await this.#centreOfNode(nodeId);
        if (point) return point;
      }
      return undefined;
    });
  }

  /** Whether there is something with this role and name at this moment. */
  async has(role: Role, name: string | RegExp): Promise<boolean> {
    return (await accessibleNodes(this.#client, role, name)).length > 0;
  }

  /** The names of everything with this role. */
  async names(role: Role): Promise<string[]> {
    return (await accessibleNodes(this.#client, role, /^/)).map(({ name }) => name);
  }

  async #centreOfNode(backendNodeId: number): Promise<Point | undefined> {
    try {
      const { object } = await this.#client.DOM.resolveNode({ backendNodeId });
      const { result } = await this.#client.Runtime.callFunctionOn({
        objectId: object.objectId ?? '',
        returnByValue: true,
        functionDeclaration: `function () {
          this.scrollIntoView({ block: 'nearest', inline: 'nearest' });
          return getComputedStyle(this).visibility;
        }`,
      });
      if (result.value !== 'visible') return undefined;
      const { model } = await this.#client.DOM.getBoxModel({ backendNodeId });
      const [left = 0, top = 0, , , right = 0, bottom = 0] = model.border;
      return { x: (left + right) / 2, y: (top + bottom) / 2 };
    } catch {
      // It has no box: hidden, or gone since the tree was read.
      return undefined;
    }
  }

  async click(role: Role, name: string | RegExp, which?: 'first' | 'last'): Promise<void> {
    await this.clickAt(await this.find(role, name, which));
  }

  async clickAt(point: Point, clickCount = 1): Promise<void> {
    await this.moveTo(point);
    for (const type of ['mousePressed', 'mouseReleased'] as const) {
      await this.#client.Input.dispatchMouseEvent({ type, ...point, button: 'left', clickCount });
    }
  }

  async moveTo(point: Point): Promise<void> {
    await this.#client.Input.dispatchMouseEvent({ type: 'mouseMoved', ...point });
  }

  /** Presses at one point, moves in steps, and lets go at the other. */
  async drag(from: Point, to: Point, steps = 10): Promise<void> {
    const { Input } = this.#client;
    await this.moveTo(from);
    await Input.dispatchMouseEvent({ type: 'mousePressed', ...from, button: 'left', clickCount: 1 });
    for (let step = 1; step <= steps; step += 1) {
      const x = from.x + ((to.x - from.x) * step) / steps;
      const y = from.y + ((to.y - from.y) * step) / steps;
      await Input.dispatchMouseEvent({ type: 'mouseMoved', x, y, button: 'left', buttons: 1 });
    }
    await Input.dispatchMouseEvent({ type: 'mouseReleased', ...to, button: 'left', clickCount: 1 });
  }

  /** Puts a text into a field in place of what is there, and leaves it. */
  async fill(name: string | RegExp, text: string): Promise<void> {
    const field = await this.find('textbox', name);
    // Three clicks take hold of the whole line.
    for (const count of [1, 2, 3]) await this.clickAt(field, count);
    await this.type(text);
    await this.press('Tab');
  }

  /** Types text where the focus is. */
  async type(text: string): Promise<void> {
    await this.#client.Input.insertText({ text });
  }

  /** Presses a key: a letter, or one such as `Enter` or `ArrowRight`. */
  async press(key: string): Promise<void> {
    const isText = key.length === 1;
    const text = isText ? key : key === 'Enter' ? '\r' : undefined;
    const windowsVirtualKeyCode = isText ? key.toUpperCase().charCodeAt(0) : (KEY_CODES[key] ?? 0);
    const event = { key, code: isText ? `Key${key.toUpperCase()}` : key, windowsVirtualKeyCode };
    const { Input } = this.#client;
    await Input.dispatchKeyEvent({
      ...event,
      ...(text === undefined ? { type: 'rawKeyDown' } : { type: 'keyDown', text }),
    });
    await Input.dispatchKeyEvent({ type: 'keyUp', ...event });
  }

  /**
   * Drops files or folders of this machine on an element, as a file manager does.
   *
   * The protocol cannot drag from outside in every Chromium, so the page drops on itself: files that the browser
   * made from paths, as it does for a person's, in an event that the page cannot tell from a person's but by
   * `isTrusted`.
   */
  async drop(paths: readonly string[], selector: string): Promise<void> {
    const { DOM, Runtime } = this.#client;
    await this.evaluate(() => {
      const input = document.createElement('input');
      Object.assign(input, { type: 'file', multiple: true, id: 'drop-of-a-test' });
      input.style.display = 'none';
      document.body.append(input);
    });
    const { root } = await DOM.getDocument({});
    const { nodeId } = await DOM.querySelector({ nodeId: root.nodeId, selector: '#drop-of-a-test' });
    await DOM.setFileInputFiles({ nodeId, files: [...paths] });
    const { exceptionDetails } = await Runtime.evaluate({
      userGesture: true,
      expression: `{
        const input = document.querySelector('#drop-of-a-test');
        const dataTransfer = new DataTransfer();
        for (const file of input.files) dataTransfer.items.add(file);
        input.remove();
        const target = document.querySelector(${JSON.stringify(selector)});
        const { x, y, width, height } = target.getBoundingClientRect();
        const at = { clientX: x + width / 2, clientY: y + height / 2 };
        for (const type of ['dragenter', 'dragover', 'drop']) {
          target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer, ...at }));
        }
      }`,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  /** What the window shows, as a PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.#client.Page.captureScreenshot({ format: 'png' });
    return Buffer.from(data, 'base64');
  }

  /** Keeps a picture in tests/screenshots/electron for people to look at, where UNRAVEL_SCREENSHOTS is set. */
  async screenshot(name: string): Promise<void> {
    if (!process.env['UNRAVEL_SCREENSHOTS']) return;
    const path = join(screenshots, `${name}.png`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await this.picture());
  }

  async reload(): Promise<void> {
    const loaded = this.#client.Page.loadEventFired();
    await this.#client.Page.reload({});
    await loaded;
  }

  async disconnect(): Promise<void> {
    await this.#client.close().catch(() => undefined);
  }
}

const KEY_CODES: Record<string, number> = {
  Enter: 13,
  Escape: 27,
  Tab: 9,
  Home: 36,
  End: 35,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
};
