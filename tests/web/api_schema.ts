import { Ajv2020 } from "ajv/2020";
import formats from "ajv-formats";
import { assert } from "@std/assert";
import openapi from "../../docs/openapi.json" with { type: "json" };

/** A document is one schema; each of its schemas has a name in it. */
const ajv = new Ajv2020({ allErrors: true, strict: false });
formats.default(ajv);
ajv.addSchema(openapi, "openapi");

/** The schema of what `docs/openapi.json` says is answered; `path` as it is written there. */
function schemaOf(
  path: string,
  method: string,
  status: number,
  type: string,
): string {
  const pointer = ["paths", path, method.toLowerCase(), "responses"];
  const keys = [...pointer, String(status), "content", type, "schema"];
  const escaped = keys.map((key) =>
    encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))
  );
  return `openapi#/${escaped.join("/")}`;
}

/**
 * Asserts that an answer is what `docs/openapi.json` says.
 *
 * @param path As it is written there: `/api/channels/{user}/{channel}`.
 * @returns Its JSON, or its text.
 */
export async function assertDocumented(
  path: string,
  method: string,
  response: Response,
  // deno-lint-ignore no-explicit-any -- The schema says what it is.
): Promise<any> {
  const type = response.headers.get("content-type")!.split(";")[0]!;
  const validate = ajv.getSchema(
    schemaOf(path, method, response.status, type),
  );
  assert(validate, `${method} ${path} has no ${response.status} with ${type}`);
  const body = type === "application/json"
    ? await response.json()
    : await response.text();
  assert(validate(body), JSON.stringify(validate.errors, null, 1));
  return body;
}

/** Asserts that the data of an event is what `docs/openapi.json` says. */
export function assertEvent(data: unknown): void {
  const validate = ajv.getSchema("openapi#/components/schemas/Event")!;
  assert(validate(data), JSON.stringify([data, validate.errors], null, 1));
}
