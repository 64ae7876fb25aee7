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
  const code = Buffer.concat([
    // The first call keeps V8 from setting up the frame in the branch alone.
    Buffer.of(0, call, 1, get, 0, ...ifVoid, constant, 0),
    loads(Buffer.of(constant, 0, load, 3, 0, 0, 0)),
    Buffer.of(call, 1),
    Buffer.alloc(FRAME_VALUES - 1, xor),
    Buffer.of(store, 3, 0, END, END),
  ]);
  const nothing = Buffer.of(2, 0, END);
  return Buffer.concat([
    Buffer.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    // Types: (i32) and (); functions: probe and one that does nothing; a memory of one page; the export; the code.
    section(1, Buffer.of(2, FUNCTION_TYPE, 1, I32, 0, FUNCTION_TYPE, 0, 0)),
    section(3, Buffer.of(2, 0, 1)),
    section(5, Buffer.of(1, 0, 1)),
    section(7, Buffer.of(1, 5, ...Buffer.from('probe'), 0, 0)),
    section(10, Buffer.concat([Buffer.of(2), leb(code.length), code, nothing])),
  ]);
}

/** A load of each value, at the address in its last three bytes. Filled in place: this runs before anything is compiled, at each start. */
function loads(load: Buffer): Buffer {
  const bytes = Buffer.alloc(FRAME_VALUES * load.length, load);
  let at = load.length - 3;
  for (let address = 0; address < FRAME_VALUES * 8; address += 8) {
    bytes[at] = address | 0x80;
    bytes[at + 1] = (address >>> 7) | 0x80;
    bytes[at + 2] = address >>> 14;
    at += load.length;
  }
  return bytes;
}

function section(id: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(id), leb(content.length), content]);
}

/** The number in WebAssembly's variable length: 7 bits a byte, the low ones first. A number may have more bytes than it needs. */
function leb(value: number): Buffer {
  return Buffer.of(value | 0x80, (value >>> 7) | 0x80, value >>> 14);
}
