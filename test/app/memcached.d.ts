// The part of the npm package memcached that the tests use. The package has no types.

declare module 'memcached' {
  type Callback<T> = (error: Error | undefined, result: T) => void;

  export default class Memcached {
    constructor(location: string);
    get(key: string, callback: Callback<unknown>): void;
    getMulti(keys: readonly string[], callback: Callback<Readonly<Record<string, unknown>>>): void;
    set(key: string, value: string, lifetimeSeconds: number, callback: Callback<boolean>): void;
    end(): void;
  }
}
