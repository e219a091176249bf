// Writes src/schema.ts from the published JSON Schema of pages; with --check says whether it is current.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = resolve(here, "../../lintuan/pages/schema/page-1.json");
const target = resolve(here, "../src/schema.ts");

const definitions = JSON.parse(readFileSync(source, "utf8")).$defs;
const nameOf = (ref) => ref.split("/").pop();

function typeOf(schema) {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(" | ");
  if (schema.type === "array") return listOf(typeOf(schema.items ?? {}));
  if (schema.type === "object") return `Record<string, ${typeOf(schema.additionalProperties ?? {})}>`;
  return { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" }[schema.type] ?? "unknown";
}

const listOf = (type) => (/[ |]/.test(type) ? `(${type})[]` : `${type}[]`);
const note = (schema, indent = "") => (schema.description ? `${indent}/** ${schema.description.replace(/\s+/g, " ")} */\n` : "");

function declaration([name, schema]) {
  if (!schema.properties) return `${note(schema)}export type ${name} = ${typeOf(schema)};`;
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties).map(([field, value]) =>
    `${note(value, "  ")}  ${field}${required.has(field) ? "" : "?"}: ${typeOf(value)};`);
  return `${note(schema)}export interface ${name} {\n${lines.join("\n")}\n}`;
}

// What a node must carry to be drawn: the rest of it has defaults.
function shapes(union, tag) {
  const rows = Object.entries(definitions[union].discriminator.mapping).map(([value, ref]) => {
    const schema = definitions[nameOf(ref)];
    const fields = (schema.required ?? []).filter((field) => ![tag, "text"].includes(field));
    return `  ${value}: { ${fields.map((field) => `${/^\w+$/.test(field) ? field : JSON.stringify(field)}: "${plainType(schema.properties[field])}"`).join(", ")} },`;
  });
  return rows.join("\n").replaceAll("{  }", "{}");
}

function plainType(schema) {
  const found = schema.$ref ? definitions[nameOf(schema.$ref)] : schema;
  if (found.enum) return typeof found.enum[0];
  if (found.properties || found.anyOf || found.discriminator) return "object";
  return { array: "list", object: "object", string: "string", integer: "number", number: "number", boolean: "boolean" }[found.type];
}

const text = `// Written by tools/schema.mjs from lintuan/pages/schema/page-1.json; do not edit.

/** The greatest schema that this client knows. */
export const SCHEMA = 1;

${Object.entries(definitions).map(declaration).join("\n\n")}

export type PlainType = "list" | "object" | "string" | "number" | "boolean";
type Shapes = Record<string, Record<string, PlainType>>;

/** Of each kind, what it cannot be drawn without. */
export const KINDS: Shapes = {
${shapes("Node", "kind")}
};

/** Of each action, what it cannot be done without. */
export const ACTIONS: Shapes = {
${shapes("Action", "do")}
};
`;

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/schema.ts is not what lintuan/pages/schema/page-1.json says: run `npm run schema`");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
