// JSON on several lines. Only blanks are added, so that numbers and repeated names are shown as they are.

export function indentedJson(text: string): string {
  let [result, depth, isString] = ['', 0, false];
  const line = (change: number) => {
    depth += change;
    return `\n${'  '.repeat(Math.max(0, depth))}`;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (isString) {
      result += character;
      if (character === '\\') result += text[++at] ?? '';
      else if (character === '"') isString = false;
      continue;
    }
    const next = text[at + 1];
    if (character === '"') isString = true;
    if (character === '{' || character === '[') {
      const isEmpty = next === '}' || next === ']';
      result += isEmpty ? `${character}${next}` : `${character}${line(1)}`;
      if (isEmpty) at++;
    } else if (character === '}' || character === ']') result += `${line(-1)}${character}`;
    else if (character === ',') result += `,${line(0)}`;
    else if (character === ':') result += ': ';
    else result += character;
  }
  return result;
}
