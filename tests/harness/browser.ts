import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright, type Page } from "playwright-core";

/** What a page is opened with. */
export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  /** Whether its scripts run. */
  readonly scripts?: boolean;
}

/** A page with what went wrong in it: errors, warnings, refused loads, dialogs. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** A real browser without a window, out of the npm registry; closed at the end of the block. */
export class HeadlessBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts one; the first time on a machine it is unpacked. */
  static async start(): Promise<HeadlessBrowser> {
    // A browser of one process ends with its first page.
    const args = chromium.args.filter((arg) => arg !== "--single-process");
    const executablePath = await chromium.executablePath();
    return new HeadlessBrowser(await playwright.launch({ executablePath, args, headless: true }));
  }

  /** Opens an address; nobody else shares its storage. */
  async open(url: string, options: PageOptions = {}): Promise<WatchedPage> {
    const { width = 1280, height = 900, scheme = "light", scripts = true } = options;
    const page = await this.#browser.newPage({
      viewport: { width, height },
      colorScheme: scheme,
      javaScriptEnabled: scripts,
    });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("request", (request) => {
      const address = request.url();
      if (address !== url && !address.startsWith("data:")) complaints.push(`load: ${address}`);
    });
    page.on("dialog", async (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    await page.goto(url);
    return { page, complaints };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
