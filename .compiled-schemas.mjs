// What the build compiles of JSON Schemas, as the text of the modules that it replaces: ajv is loaded only for schemas of users' types.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { makeConfigSchema, OWN_KEYWORDS } from './dist/app/config/config-schema.js';
import { VALIDATOR_OPTIONS } from './dist/app/config/config-validator.js';
import { typeFolders } from './dist/app/config/type-folders.js';
import { ScriptLoader } from './dist/languages/lua/host/load-script.js';
import { readPreparedCode } from './dist/languages/typescript/prepared-code.js';
import { NOTHING_GIVEN } from './dist/objects/types/type-settings.js';
import { constraintsOf, needsSchemaCheck, schemaOptions } from './dist/objects/types/value-check.js';
import { examinePrepared } from './dist/reload/examine-prepared.js';
import { typeFilesOf } from './dist/reload/type-file.js';
import { makeType } from './dist/reload/type-source.js';

/** @returns {Promise<[place: string, code: string][]>} the modules, by the ends of their paths */
export async function schemaModules() {
  const { $schema: _dialect, ...type } = JSON.parse(readFileSync('schemas/object-type.schema.json', 'utf8'));
  const config = makeConfigSchema();
  return [
    [
      '/objects/types/type-schema.js',
      moduleOf([compiled(type, schemaOptions(true))], 'export const typeCheck = () => (made ??= make0());\nlet made;'),
    ],
    [
      '/app/config/config-validator.js',
      moduleOf([compiled(config, VALIDATOR_OPTIONS, OWN_KEYWORDS)], 'export const configValidator = () => make0();'),
    ],
    ['/objects/types/shipped-checks.js', shippedChecks()],
  ];
}

/** Checks of the parameters and settings of the types that ship, by their constraints as JSON. */
function shippedChecks() {
  const schemas = [...new Map(shippedConstraints().map((schema) => [JSON.stringify(schema), schema]))];
  const makers = schemas.map(([key], index) => `[${JSON.stringify(key)}, make${index}]`);
  return moduleOf(
    schemas.map(([, schema]) => compiled(schema, schemaOptions(false))),
    `const makers = new Map([${makers.join(', ')}]);
    export const shippedCheck = (constraints) => makers.get(JSON.stringify(constraints))?.();`,
  );
}

function shippedConstraints() {
  const prepared = readPreparedCode();
  const scripts = new ScriptLoader();
  return typeFolders({ scripts: [], plugins: [] }, '/').flatMap((folder) =>
    typeFilesOf(folder).flatMap((path) => {
      const examined = examinePrepared(folder, path, prepared, NOTHING_GIVEN);
      if (examined === undefined) throw new Error(`${path} is not prepared`);
      const { source } = examined;
      const type = makeType(source, scripts, true);
      const parameters = [...type.methods.values()].flatMap(({ plan }) => plan.parameters.map(({ schema }) => schema));
      type.dispose();
      return [...parameters, ...Object.values(source.config ?? {})].filter(needsSchemaCheck).map(constraintsOf);
    }),
  );
}

/** The code of a function's body that makes the check. */
function compiled(schema, options, vocabulary = []) {
  const ajv = new Ajv2020({ ...options, code: { ...options.code, source: true, esm: true } }).addVocabulary(vocabulary);
  const code = standalone.default(ajv, ajv.compile(schema));
  const [exported, name] = /export const validate = (\w+);export default \1;/.exec(code);
  return `${code.replace(exported, '')} return ${name};`;
}

/** A module with the functions make0, make1 and so on. */
function moduleOf(bodies, rest) {
  const code = bodies.map((body, index) => `function make${index}() { ${body} }`).join('\n');
  const names = new Set([...code.matchAll(/require\("ajv\/dist\/runtime\/(\w+)"\)/g)].map(([, name]) => name));
  const imports = [...names].map((name) => `import ${name} from 'ajv/dist/runtime/${name}.js';`).join('\n');
  return `${imports}
    import { linearPattern } from './value-check.js';
    ${code.replaceAll(/require\("ajv\/dist\/runtime\/(\w+)"\)/g, '$1')}
    ${rest}`.replace(code.includes('linearPattern') ? '' : "import { linearPattern } from './value-check.js';", '');
}
