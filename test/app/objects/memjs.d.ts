// The part of the npm package memjs that the tests use. The package has no types.

declare module 'memjs' {
  interface Options {
    readonly retries?: number;
    readonly logger?: { readonly log: (...words: readonly unknown[]) => void };
  }

  export class Client {
    static create(servers: string, options?: Options): Client;
    get(key: string): Promise<{ readonly value: Buffer | null }>;
    set(key: string, value: string, options: { readonly expires?: number }): Promise<boolean>;
    close(): void;
  }
}
