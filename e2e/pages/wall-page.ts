import type { Page } from '@playwright/test';

interface SeriesPoints {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [timeMs: number, value: number | string])[];
}

/** A query channel of the page as its diagnostics tell it. */
export interface PageChannel {
  readonly name: string;
  readonly status: string;
  readonly windowMs: number;
  readonly stepMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly series: readonly SeriesPoints[];
  readonly counts: Readonly<Record<string, number>>;
}

/** The overview, and what its live connection holds. */
export class WallPage {
  readonly page: Page;
  /** Errors that the browser's console printed, except those of requests that a dead server left unanswered. */
  readonly consoleErrors: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' && !/net::ERR_|WebSocket connection/.test(message.text())) {
        this.consoleErrors.push(message.text());
      }
    });
    page.on('pageerror', (error) => this.consoleErrors.push(error.message));
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('main[data-connection="live"]').waitFor();
  }

  tile(service: string) {
    return this.page.locator(`[data-service="${service}"]`);
  }

  get stale() {
    return this.page.locator('main[data-connection="cut"]');
  }

  get live() {
    return this.page.locator('main[data-connection="live"]');
  }

  timeOrigin(): Promise<number> {
    return this.page.evaluate(() => performance.timeOrigin);
  }

  /** The query channels with a window. */
  async channels(): Promise<PageChannel[]> {
    const all = await this.page.evaluate(() => {
      const live = (window as { __watchroom?: { live?: { channels(): unknown[] } } }).__watchroom?.live;
      return live?.channels() ?? [];
    });
    return (all as (PageChannel & { kind: string })[]).filter(
      ({ kind, windowMs }) => kind === 'query' && windowMs > 0,
    );
  }

  lags(): Promise<number[]> {
    return this.page.evaluate(() => {
      const live = (window as { __watchroom?: { live?: { lagsMs: number[] } } }).__watchroom?.live;
      return live?.lagsMs ?? [];
    });
  }
}
