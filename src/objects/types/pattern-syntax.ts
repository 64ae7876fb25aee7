// The syntax of `pattern` in a parameter's schema: JavaScript's regular expressions without what needs backtracking (references and looking
// around). Matching: linear-pattern.ts.

export type PatternNode =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly least: number; readonly most: number };

/** Choices. The parser recurses for each group, so the depth bounds its stack; linear-pattern.ts limits the states. */
const LONGEST_PATTERN = 1000;
const DEEPEST_GROUP = 50;

/** Escapes that stand for a set of bytes; capitals are their complements. */
const SETS: Readonly<Record<string, (byte: number) => boolean>> = {
  d: (byte) => byte >= 0x30 && byte <= 0x39,
  w: (byte) => /\w/.test(String.fromCharCode(byte)),
  s: (byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d),
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };
const PUNCTUATION = /[^A-Za-z0-9]/;

export function parsePattern(text: string): PatternNode {
  if (text.length > LONGEST_PATTERN) throw new Error(`is longer than ${LONGEST_PATTERN} characters`);
  return new Parser(text).parse();
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  parse(): PatternNode {
    const node = this.#choice();
    if (this.#at < this.text.length) throw new Error(`has a ) too many at character ${this.#at + 1}`);
    return node;
  }

  #choice(): PatternNode {
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    return nodes.length === 1 ? nodes[0] : { kind: 'choice', nodes };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    while (this.#at < this.text.length && !this.#sees('|') && !this.#sees(')')) nodes.push(this.#repeated());
    return { kind: 'sequence', nodes };
  }

  #repeated(): PatternNode {
    const node = this.#single();
    const limits = this.#limits();
    if (limits === undefined) return node;
    // A lazy quantifier matches the same texts.
    this.#take('?');
    if (this.#limits() !== undefined) throw new Error(`repeats a repetition at character ${this.#at}`);
    const [least, most] = limits;
    return { kind: 'repeat', node, least, most };
  }

  #limits(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    const counted = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.text.slice(this.#at, this.#at + 20));
    if (counted === null) return undefined;
    this.#at += counted[0].length;
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : counted[3] === '' ? Number.POSITIVE_INFINITY : Number(counted[3]);
    if (most < least) throw new Error(`counts down in ${counted[0]}`);
    return [least, most];
  }

  #single(): PatternNode {
    const character = this.text[this.#at++];
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'bytes', bytes: this.#set() };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '.':
        return bytesWhere((byte) => byte !== 0x0a && byte !== 0x0d);
      case '\\':
        return { kind: 'bytes', bytes: this.#escape() };
      case '*':
      case '+':
      case '?':
        throw new Error(`repeats nothing at character ${this.#at}`);
      default:
        return { kind: 'bytes', bytes: only(this.#byte(character)) };
    }
  }

  #group(): PatternNode {
    if (this.#take('?') && !this.#take(':')) {
      throw new Error(
        `has (?${this.text[this.#at] ?? ''}: only ( and (?: are known, since looking around needs backtracking`,
      );
    }
    if (++this.#depth > DEEPEST_GROUP) throw new Error(`has groups nested deeper than ${DEEPEST_GROUP}`);
    const node = this.#choice();
    this.#depth--;
    if (!this.#take(')')) throw new Error('has a ( without its )');
    return node;
  }

  /** After the `[`. */
  #set(): Uint8Array {
    const isNegated = this.#take('^');
    const bytes = new Uint8Array(256);
    for (;;) {
      if (this.#at >= this.text.length) throw new Error('has a [ without its ]');
      if (this.#take(']')) break;
      const from = this.#setPart();
      if (this.#sees('-') && this.text[this.#at + 1] !== ']' && from.length === 1) {
        this.#at++;
        const to = this.#setPart();
        if (to.length !== 1 || to[0] < from[0]) throw new Error('has a range that goes down in [ ]');
        bytes.fill(1, from[0], to[0] + 1);
      } else for (const byte of from) bytes[byte] = 1;
    }
    return isNegated ? bytes.map((one) => 1 - one) : bytes;
  }

  /** Bytes of one part of a set: a character or an escape. */
  #setPart(): readonly number[] {
    const character = this.text[this.#at++];
    if (character === undefined) throw new Error('has a [ without its ]');
    if (character !== '\\') return [this.#byte(character)];
    if (this.#take('b')) return [8];
    return [...this.#escape()].flatMap((one, byte) => (one === 1 ? [byte] : []));
  }

  /** After the backslash. */
  #escape(): Uint8Array {
    const character = this.text[this.#at++] ?? '';
    const set = SETS[character.toLowerCase()];
    if (set !== undefined) {
      const isOpposite = character !== character.toLowerCase();
      return bytesWhere((byte) => set(byte) !== isOpposite).bytes;
    }
    const hexadecimal = /^[0-9a-fA-F]{2}/.exec(this.text.slice(this.#at, this.#at + 2));
    if (character === 'x' && hexadecimal !== null) {
      this.#at += 2;
      return only(Number.parseInt(hexadecimal[0], 16));
    }
    const control = CONTROLS[character];
    if (control !== undefined) return only(control);
    if (!PUNCTUATION.test(character)) throw new Error(`has \\${character}, which is not known here`);
    return only(this.#byte(character));
  }

  #byte(character: string): number {
    const byte = character.charCodeAt(0);
    if (byte > 0xff) throw new Error('has characters beyond bytes: write their UTF-8 bytes as \\xHH');
    return byte;
  }

  #sees(character: string): boolean {
    return this.text[this.#at] === character;
  }

  #take(character: string): boolean {
    if (!this.#sees(character)) return false;
    this.#at++;
    return true;
  }
}

function bytesWhere(has: (byte: number) => boolean): { readonly kind: 'bytes'; readonly bytes: Uint8Array } {
  return { kind: 'bytes', bytes: Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0)) };
}

function only(byte: number): Uint8Array {
  return bytesWhere((other) => other === byte).bytes;
}
