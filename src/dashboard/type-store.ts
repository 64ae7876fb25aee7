// All types that the server has, loaded page by page and kept up to date.

import { get } from './api.js';
import type { FailedFile, TypePage, TypeRow } from './reply-shapes.js';

const PAGE = 200;

export class TypeStore {
  /** In the order of their names. */
  rows: TypeRow[] = [];
  errors: readonly FailedFile[] = [];
  errorCount = 0;
  /** Calls the function after each page. */
  onChange: () => void = () => undefined;
  #isLoading = false;
  #isOutdated = false;
  #isClosed = false;

  /** Loads all of them; again afterwards if this was called meanwhile. */
  async load(): Promise<void> {
    if (this.#isLoading) {
      this.#isOutdated = true;
      return;
    }
    this.#isLoading = true;
    try {
      do {
        this.#isOutdated = false;
        await this.#loadAll();
      } while (this.#isOutdated && !this.#isClosed);
    } finally {
      this.#isLoading = false;
    }
  }

  /** Brings rows that are in sight up to date: their calls change all the time. */
  async refresh(visible: readonly TypeRow[]): Promise<void> {
    const first = this.rows.findIndex(({ name }) => name === visible[0]?.name);
    if (first < 0 || this.#isLoading) return;
    const { types } = await this.#page(this.rows[first - 1]?.name ?? '', Math.min(PAGE, visible.length));
    const fresh = new Map(types.map((row) => [row.name, row]));
    this.rows = this.rows.map((row) => fresh.get(row.name) ?? row);
    this.onChange();
  }

  close(): void {
    this.#isClosed = true;
  }

  async #loadAll(): Promise<void> {
    const rows: TypeRow[] = [];
    let after: string | null = '';
    while (after !== null && !this.#isClosed) {
      const page: TypePage = await this.#page(after, PAGE);
      rows.push(...page.types);
      // The first time rows appear as they come.
      if (this.rows.length < rows.length || page.next === null) this.rows = [...rows];
      after = page.next;
      this.onChange();
    }
  }

  async #page(after: string, limit: number): Promise<TypePage> {
    const page = await get<TypePage>('api/types', { after, limit });
    this.errors = page.errors;
    this.errorCount = page.errorCount;
    return page;
  }
}
