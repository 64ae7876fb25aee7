// Checks whether enough stack is left for work that must not be cut short: a stack overflow strikes at the entry of any function, so
// changes in several steps are begun only where the stack holds all of them. The caller handles the RangeError.
//
// JavaScript cannot ask how much stack is left. A WebAssembly function can be made to need a large frame: V8 compares the frame's
// end with the stack's limit when the function is entered, and throws the usual RangeError. The frame is large because a branch
// that is never taken keeps many values alive across a call; nothing is written to it. A probe costs about 10 ns.

/** Values of 8 bytes in the frame: 48 KiB stay free after a probe. The deepest change of a table, which evicts others, takes less than
    a quarter of that; the rest is for functions that V8 has yet to compile. */
const FRAME_VALUES = 6144;

/** Throws RangeError unless the frame fits on the stack. */
export type StackProbe = (never: 0) => void;

/** The part of WebAssembly that this file uses: Node provides it, but TypeScript declares it only with the types of a browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { readonly probe: StackProbe } };
};

let probe: StackProbe | undefined;

/** The same for all of a thread: compiling it takes a millisecond. */
export function stackProbe(): StackProbe {
  probe ??= new WebAssembly.Instance(new WebAssembly.Module(moduleBytes())).exports.probe;
  return probe;
}

const I32 = 0x7f;
const FUNCTION_TYPE = 0x60;
const END = 0x0b;

/** probe(never) { nothing(); if (never) { load all values; nothing(); store their xor } } */
function moduleBytes(): Uint8Array {
  const [call, get, ifVoid, constant, load, store, xor] = [0x10, 0x20, [0x04, 0x40], 0x41, 0x29, 0x37, 0x85];
  // The first call keeps V8 from setting up the frame in the branch alone.
  const code = [0, call, 1, get, 0, ...ifVoid, constant, 0];
  for (let value = 0; value < FRAME_VALUES; value++) code.push(constant, 0, load, 3, ...leb(value * 8));
  code.push(call, 1);
  for (let value = 1; value < FRAME_VALUES; value++) code.push(xor);
  code.push(store, 3, 0, END, END);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // Types: (i32) and (); functions: probe and one that does nothing; a memory of one page; the export; the code.
    ...section(1, [2, FUNCTION_TYPE, 1, I32, 0, FUNCTION_TYPE, 0, 0]),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(7, [1, 5, ...Buffer.from('probe'), 0, 0]),
    ...section(10, [2, ...leb(code.length), ...code, 2, 0, END]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

/** The number in WebAssembly's variable length: 7 bits a byte, the low ones first. */
function leb(value: number): number[] {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
