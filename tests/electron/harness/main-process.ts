import CDP from 'chrome-remote-interface';
import { answered } from './answered.ts';

/** Electron's main process, looked into through Node's inspector. */
export class MainProcess {
  readonly #client: CDP.Client;

  private constructor(client: CDP.Client) {
    this.#client = client;
  }

  static async connect(url: string): Promise<MainProcess> {
    const client = await CDP({ target: url, local: true });
    await client.Runtime.enable();
    return new MainProcess(client);
  }

  /**
   * What a function's body gives there, in which `electron` is the module. What it returns must survive JSON.
   *
   * @param body - such as `return electron.app.getName()`
   */
  async evaluate(body: string): Promise<unknown> {
    const answer = this.#client.Runtime.evaluate({
      // `require` is there for this expression only, and for nothing that it leaves behind.
      expression: `(async (electron) => { ${body} })(require('electron'))`,
      includeCommandLineAPI: true,
      awaitPromise: true,
      returnByValue: true,
    });
    const { result, exceptionDetails } = await answered(this.#client, answer);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as unknown;
  }

  /** Answers the next dialogs for a new file or for what to open, which nobody is there to answer. */
  async answerDialogs(paths: readonly string[]): Promise<void> {
    const answer = JSON.stringify({
      canceled: paths.length === 0,
      filePath: paths[0] ?? '',
      filePaths: paths,
    });
    await this.evaluate(`
      const { dialog } = electron;
      dialog.showSaveDialog = dialog.showOpenDialog = () => Promise.resolve(${answer});`);
  }

  /** Answers the next questions with the button of this number, and counts them in `globalThis.asked`. */
  async answerQuestions(button: number): Promise<void> {
    await this.evaluate(`
      electron.dialog.showMessageBox = () => {
        globalThis.asked = (globalThis.asked ?? 0) + 1;
        return Promise.resolve({ response: ${button}, checkboxChecked: false });
      };`);
  }

  /** Closes the windows as their close buttons do, which a page's own `window.close` does not in every Electron. */
  async closeWindow(): Promise<void> {
    // In a later turn: the answer must come before the process ends.
    await this.evaluate(`
      const windows = electron.BrowserWindow.getAllWindows();
      setTimeout(() => windows.forEach((window) => window.close()));`);
  }

  async disconnect(): Promise<void> {
    await this.#client.close().catch(() => undefined);
  }
}
