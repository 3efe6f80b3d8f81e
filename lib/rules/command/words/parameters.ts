import type { CommandExpansionPart, ParameterExpansionPart, SimpleExpansionPart } from "unbash";
import { COMMAND_LIMITS } from "../limits.ts";
import type { Scope } from "../scope.ts";

/** Values that one expansion stands for. */
export interface ParameterList {
  readonly values: readonly string[];
  /** Inside quotes they are one field: `"$*"`, `"${a[*]}"`. */
  readonly joined: boolean;
}

/**
 * Values of `$1`, `$@`, `$*`, `${a[@]}` and `${a[0]}`, as far as the text has set
 * them.
 */
export function listOf(
  part: SimpleExpansionPart | ParameterExpansionPart | CommandExpansionPart,
  name: string,
  scope: Scope,
): ParameterList | undefined {
  if (part.type === "CommandExpansion") return undefined;
  const index = part.type === "ParameterExpansion" ? part.index?.text : undefined;
  if (part.type === "ParameterExpansion" && (part.prefix !== undefined || part.operation)) {
    return undefined;
  }
  if (index !== undefined) return elements(name, index, scope);
  const { parameters } = scope;
  if (parameters === undefined) {
    // An array without an index is its first element.
    const first = scope.variable(name) === undefined ? scope.array(name)?.[0] : undefined;
    return first === undefined ? undefined : { values: [first], joined: false };
  }
  if (name === "@" || name === "*") return { values: parameters, joined: name === "*" };
  if (!/^[1-9]$/.test(name)) return undefined;
  const value = parameters[Number(name) - 1];
  return value === undefined ? undefined : { values: [value], joined: false };
}

function elements(name: string, index: string, scope: Scope): ParameterList | undefined {
  const array = scope.array(name);
  if (index === "@" || index === "*") {
    return array === undefined ? undefined : { values: array, joined: index === "*" };
  }
  const value = /^\d{1,3}$/.test(index) && array !== undefined
    ? array[Number(index)]
    : scope.variable(`${name}[${index.replace(/["']/g, "")}]`);
  return value === undefined ? undefined : { values: [value], joined: false };
}

/**
 * Value of `${a#x}`, `${a##*x}`, `${a%x}` and `${a%%x*}`; only with a star at the
 * end that is cut off, as they are used.
 */
export function withoutAffix(
  value: string,
  operator: "#" | "##" | "%" | "%%",
  pattern: string,
): string | undefined {
  const isPrefix = operator.startsWith("#");
  const star = isPrefix ? pattern.startsWith("*") : pattern.endsWith("*");
  const literal = !star ? pattern : isPrefix ? pattern.slice(1) : pattern.slice(0, -1);
  if (/[*?[\\$`]/.test(literal)) return undefined;
  if (!star) {
    if (isPrefix) return value.startsWith(literal) ? value.slice(literal.length) : value;
    return value.endsWith(literal) ? value.slice(0, value.length - literal.length) : value;
  }
  const first = operator === "#" || operator === "%%";
  const at = first ? value.indexOf(literal) : value.lastIndexOf(literal);
  if (at < 0) return value;
  return isPrefix ? value.slice(at + literal.length) : value.slice(0, at);
}

/** Value of `${a:1:2}`. */
export function slice(
  value: string | undefined,
  offset: string,
  length: string | undefined,
  scope: Scope,
): string | undefined {
  const from = Number(offset.trim());
  const count = length === undefined ? value?.length : Number(length.trim());
  if (value === undefined || !Number.isInteger(from) || !Number.isInteger(count)) return undefined;
  scope.hidden = true;
  const start = from < 0 ? Math.max(0, value.length + from) : from;
  return value.slice(start, start + Math.max(0, count ?? 0));
}

/** Value of `${a^}`, `${a^^}`, `${a,}` and `${a,,}`. */
export function changeCase(value: string, operator: "^" | "^^" | "," | ",,"): string {
  if (operator === "^^") return value.toUpperCase();
  if (operator === ",,") return value.toLowerCase();
  const first = value.slice(0, 1);
  return (operator === "^" ? first.toUpperCase() : first.toLowerCase()) + value.slice(1);
}

/** Value of `${a/b/c}`. A few characters in a long value can become megabytes: nothing is said of what grows that far. */
export function replace(
  value: string,
  pattern: string,
  replacement: string,
  operator: string,
): string | undefined {
  if (pattern === "") return value;
  if (operator !== "//") return value.replace(pattern, () => replacement);
  const most = value.length + value.length / pattern.length * replacement.length;
  if (most > COMMAND_LIMITS.valueCharacters) return undefined;
  return value.replaceAll(pattern, () => replacement);
}
