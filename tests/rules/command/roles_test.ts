import assert from "assert";
import {
  CARRIER,
  DATA,
  FETCHER,
  INTERPRETER,
  rolesOf,
  SCHEDULER,
  SHELL,
} from "../../../lib/rules/command/roles.ts";

for (
  const [program, roles] of [
    ["bash", SHELL],
    ["awk", INTERPRETER],
    ["crontab", SCHEDULER],
    ["routeros:tool", FETCHER],
    ["expect", INTERPRETER | CARRIER],
    ["ls", DATA],
    ["hostname", 0],
    ["constructor", 0],
  ] as const
) {
  Deno.test(`${program} has the roles ${roles}`, () => {
    assert.equal(rolesOf(program), roles);
  });
}
