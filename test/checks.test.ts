// The linter and the type checker as tests, so that one command runs and counts them all. The project's own rules: tidy.test.ts.

import { spawnSync } from 'node:child_process';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TIMEOUT_MS = 300_000;

/** Runs a command of the package; its output is shown when it fails. */
function complaints(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${ROOT}node_modules/${command}`, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

test('linter and formatter have no complaints', { timeout: TIMEOUT_MS }, () => {
  expect(complaints('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')).toBe('');
});

// One program for both: to find the types of everything takes long.
describe('sources, tests and plugins', () => {
  let program: ts.Program;
  const host: ts.FormatDiagnosticsHost = {
    getCurrentDirectory: () => ROOT,
    getCanonicalFileName: (name) => name,
    getNewLine: () => '\n',
  };

  beforeAll(() => {
    const config = `${ROOT}test/tsconfig.json`;
    const { config: json, error } = ts.readConfigFile(config, ts.sys.readFile);
    const parsed = ts.parseJsonConfigFileContent(json, ts.sys, dirname(config), undefined, config);
    const wrong = error === undefined ? parsed.errors : [error];
    expect(ts.formatDiagnostics(wrong, host)).toBe('');
    program = ts.createProgram(parsed.fileNames, parsed.options);
  }, TIMEOUT_MS);

  // The build checks the others.
  test('have the right types in tests', { timeout: TIMEOUT_MS }, () => {
    const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${ROOT}test/`));
    expect(files.length).toBeGreaterThan(100);
    const found = [
      ...program.getOptionsDiagnostics(),
      ...program.getSyntacticDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...files.flatMap((file) => program.getSemanticDiagnostics(file)),
    ];
    expect(ts.formatDiagnostics(found, host)).toBe('');
  });

  test('have no type assertion that repeats what the compiler knows', { timeout: TIMEOUT_MS }, () => {
    const checker = program.getTypeChecker();
    const files = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'));
    expect(files.flatMap((file) => uselessAssertions(file, checker))).toEqual([]);
  });
});

/** The assertions of a file whose expression already has the asserted type. They hide the few that matter. */
function uselessAssertions(file: ts.SourceFile, checker: ts.TypeChecker): string[] {
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
