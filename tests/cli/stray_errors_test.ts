import assert from "assert";
import { StrayErrors } from "../../lib/cli/stray_errors.ts";

Deno.test("errors that nobody caught reach who asked last, and the process lives", async () => {
  const got: string[] = [];
  const arrived = { next: Promise.withResolvers<void>() };
  const take = (who: string) => (error: unknown) => {
    got.push(`${who}: ${error instanceof Error ? error.message : error}`);
    arrived.next.resolve();
  };
  const stray = async (cause: () => void): Promise<void> => {
    arrived.next = Promise.withResolvers();
    cause();
    await arrived.next.promise;
  };
  using strays = new StrayErrors(take("process"));
  {
    using _command = strays.handle(take("command"));
    await stray(() => void Promise.reject(new Error("rejected")));
    await stray(() => {
      setTimeout(() => {
        throw new Error("thrown");
      });
    });
  }
  await stray(() => void Promise.reject("after the command"));
  assert.deepEqual(got, [
    "command: rejected",
    "command: thrown",
    "process: after the command",
  ]);
});
