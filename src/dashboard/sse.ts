// Reads server-sent events from chunks of text: https://html.spec.whatwg.org/multipage/server-sent-events.html. `EventSource` of the browser
// cannot send a token.

export class SseParser {
  #rest = '';

  constructor(private readonly onEvent: (name: string, data: string) => void) {}

  add(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      const fieldOf = (field: string) => lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2);
      const [name, data] = [fieldOf('event'), fieldOf('data')];
      if (name !== undefined && data !== undefined) this.onEvent(name, data);
    }
  }
}
