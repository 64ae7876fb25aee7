// The TypeScript types of calls, made from the declaration of an object type: `Calls<typeof gcra>`. Nothing here exists at run time.

import type { CallArgument } from './key-of-call.js';

/** What `defineType` of the package returns, and any object of that shape. */
export interface DeclaredType {
  readonly methods: Readonly<Record<string, DeclaredMethod>>;
}

interface DeclaredMethod {
  readonly parameters?: Readonly<Record<string, unknown>>;
  run(...args: never): unknown;
}

/** The methods of a type as functions: of the object's key and, where the method has parameters, of an object with the arguments by name. */
export type Calls<T extends DeclaredType> = OwnCalls<T['methods']> & Omit<CommonCalls, keyof T['methods']>;

type OwnCalls<M extends DeclaredType['methods']> = {
  readonly [Name in keyof M]: Call<
    NonNullable<M[Name]['parameters']>,
    M[Name] extends { run(...args: never): infer R } ? R : never
  >;
};

type Call<P, R> = (key: string | Uint8Array, ...args: Given<P>) => Promise<Reply<R> | undefined>;

/** Of every type that does not define them itself. */
interface CommonCalls {
  ttl(key: string | Uint8Array): Promise<`${number}` | undefined>;
  expire(key: string | Uint8Array, args: { readonly seconds: number }): Promise<'OK' | undefined>;
}

/** The text of a result: the number 7 arrives as '7', a table as JSON. Null and undefined are a miss, as is a missing object. */
type Reply<R> = R extends string
  ? R
  : R extends number | boolean
    ? `${R}`
    : R extends null | undefined
      ? never
      : string;

type Given<P> = string extends keyof P
  ? [args?: { readonly [name: string]: CallArgument | undefined }]
  : [keyof P] extends [never]
    ? []
    : [RequiredNames<P>] extends [never]
      ? [args?: Named<P>]
      : [args: Named<P>];

type Named<P> = { readonly [Name in RequiredNames<P>]: Argument<P[Name]> } & {
  readonly [Name in Exclude<keyof P, RequiredNames<P>>]?: Argument<P[Name]> | undefined;
};

/** The names of the parameters without a default. */
type RequiredNames<P> = { [Name in keyof P]: P[Name] extends { readonly default: unknown } ? never : Name }[keyof P];

/** What may be given for a parameter with that schema. */
type Argument<S> = S extends { readonly enum: readonly (infer Word)[] }
  ? Word
  : S extends { readonly type: 'string' }
    ? string | Uint8Array
    : S extends { readonly type: 'integer' }
      ? number | bigint
      : S extends { readonly type: 'number' }
        ? number
        : S extends { readonly type: 'boolean' }
          ? boolean
          : S extends { readonly type: 'array' }
            ? readonly ItemOf<S>[]
            : object;

/** An array is sent as JSON, which has no bytes. */
type ItemOf<S> = S extends { readonly items: infer I } ? Exclude<Argument<I>, Uint8Array | bigint> : unknown;
