// Type assertions that assert nothing: `x as number` where the compiler knows that x is a number. They hide the few that matter.

import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TIMEOUT_MS = 300_000;

function programOf(config: string): ts.Program {
  const { config: json } = ts.readConfigFile(config, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(json, ts.sys, dirname(config));
  return ts.createProgram(fileNames, options);
}

/** The assertions of a file whose expression already has the asserted type. */
function uselessIn(file: ts.SourceFile, checker: ts.TypeChecker): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)) {
      const isUseless = checker.getTypeAtLocation(node.expression) === checker.getTypeFromTypeNode(node.type);
      if (isUseless) {
        const { line } = file.getLineAndCharacterOfPosition(node.type.getStart(file));
        found.push(`${relative(ROOT, file.fileName)}:${line + 1}: ${node.getText(file)}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('no type assertion repeats what the compiler knows', { timeout: TIMEOUT_MS }, () => {
  const program = programOf(`${ROOT}test/tsconfig.json`);
  const checker = program.getTypeChecker();
  const files = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'));
  expect(files.flatMap((file) => uselessIn(file, checker))).toEqual([]);
});
