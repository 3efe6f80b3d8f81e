import assert from "assert";
import { bundleFailure } from "../../.tasks/bundle.ts";
import { PROJECT, revision, type workFolder } from "../../.tasks/source.ts";

/** A folder of its own, gone at the end. */
function folder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

async function git(path: string, ...args: readonly string[]): Promise<void> {
  const settings = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const { success, stderr } = await new Deno.Command("git", {
    args: ["-C", path, ...settings, ...args],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** A repository with one commit of a source of the program in it. */
async function repository(path: string): Promise<void> {
  await git(path, "init", "--quiet");
  Deno.writeTextFileSync(`${path}/main.ts`, "");
  await git(path, "add", "main.ts");
  await git(path, "commit", "--quiet", "--message", "x", "--date", "2026-01-02T03:04:05Z");
}

Deno.test("a revision is the commit, and says when the sources differ from it", async () => {
  using clone = folder();
  await repository(clone.path);
  const { commit, seconds } = await revision(clone.path);
  assert.match(commit, /^[0-9a-f]{40}$/);
  assert.ok(seconds > 0);
  Deno.writeTextFileSync(`${clone.path}/main.ts`, "changed");
  assert.deepEqual(await revision(clone.path), { commit: `${commit}-dirty`, seconds });
});

Deno.test("a copy without history is not taken for the repository that it lies in", async () => {
  using around = folder();
  await repository(around.path);
  Deno.mkdirSync(`${around.path}/decnet-ttp-0.1.0`);
  assert.equal((await revision(`${around.path}/decnet-ttp-0.1.0`)).commit, "");
});

Deno.test("a history that cannot be read is said, not built without", async () => {
  using clone = folder();
  Deno.writeTextFileSync(`${clone.path}/.git`, "gitdir: /nonexistent\n");
  await assert.rejects(revision(clone.path), /git does not tell which commit .*: fatal: /);
});

Deno.test("a build finds the project and its work folder whatever the clone's path is", async () => {
  assert.ok(Deno.statSync(`${PROJECT}/deno.json`).isFile);
  using other = folder();
  // The module finds the project by its own place: a copy of it stands for another clone.
  const tasks = `${other.path}/a b/ü%41/.tasks`;
  Deno.mkdirSync(tasks, { recursive: true });
  Deno.copyFileSync(`${PROJECT}/.tasks/source.ts`, `${tasks}/source.ts`);
  Deno.copyFileSync(`${PROJECT}/deno.json`, `${tasks}/../deno.json`);
  const copy = await import(new URL(`file://${encodeURI(`${tasks}/source.ts`)}`).href) as {
    readonly workFolder: typeof workFolder;
  };
  const made = await copy.workFolder("x-");
  assert.ok(made.startsWith(`${other.path}/a b/ü%41/.cache/x-`), made);
  assert.ok(Deno.statSync(made).isDirectory);
});

Deno.test("a build that the registry is missing for says what helps", () => {
  const said = bundleFailure(
    "error: Failed loading https://registry.npmjs.org/x\n\nStack backtrace:\n   0: <unknown>\n",
  );
  assert.match(said, /^error: Failed loading/);
  assert.match(said, /DENO_DIR/);
  assert.ok(!said.includes("backtrace"));
  assert.equal(bundleFailure("error: The module is missing\n"), "error: The module is missing");
});
