import assert from "assert";
import fc from "fast-check";
import { Store } from "../../lib/store/store.ts";
import { directoryWith, runCaptured } from "../cli/captured_run.ts";
import { exportTag, variousTags } from "./exported.ts";
import { HOSTILE_TEXTS } from "./hostile.ts";
import { reported } from "./reported.ts";

/** What a reader would not see or would be fooled by; line ends are the page's own. */
const INVISIBLE = /(?!\n|\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** The text of a page as its reader has it, without the scripts and styles. */
function textOf(page: string): string {
  return page.replaceAll(/<(script|style)>[\s\S]*?<\/\1>/g, "").replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&").replaceAll(/\s+/g, " ");
}

/** Elements and their attributes in the order in which they stand, texts and values left out. */
function skeleton(page: string): readonly string[] {
  return Array.from(page.matchAll(/<(\/?[a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/gi))
    .map(([, name, attributes]) => `${name} ${attributes!.replaceAll(/="[^"]*"/g, "")}`);
}

Deno.test("a report shows how often, how surely, by whom, where, when and why", async () => {
  const page = textOf(await reported(variousTags()));
  for (
    const fact of [
      "6 tags",
      "192.0.2.10",
      "web-01",
      "2026-05-02 01:00",
      "Setuid and Setgid",
      "T1548 4 tags, best confidence 0.95",
      "R0015 suid search find looks for set-uid or set-gid files",
      "enterprise-19.1, ics-18.1",
      "Privilege escalation 4 tags",
    ]
  ) {
    assert.ok(page.includes(fact), `there is no "${fact}" in ${page.slice(0, 4000)}`);
  }
});

Deno.test("the matched part is marked in what was typed", async () => {
  const evidence = { command_text: "cd /; find / -perm -4000 | wc", matched: "find / -perm -4000" };
  const page = await reported([exportTag({ evidence })]);
  assert.ok(page.includes("cd /; <mark>find / -perm -4000</mark> | wc"));
  const twice = { command_text: "(crontab -l; cat x) | crontab -", matched: "crontab -" };
  const last = await reported([exportTag({ evidence: twice })]);
  assert.ok(last.includes("(crontab -l; cat x) | <mark>crontab -</mark>"));
});

Deno.test("who it was is an address where that is known, with the identity behind it", async () => {
  const page = textOf(
    await reported([exportTag({ identityUuid: "i7" }), exportTag({ attackerUuid: "a9" })]),
  );
  assert.match(page, /2026-05-02 01:00 192\.0\.2\.10 identity i7 web-01/);
  assert.match(page, /2026-05-02 01:00 a9 web-01/);
});

Deno.test("every link inside the page leads somewhere, and every id is there once", async () => {
  const page = await reported(variousTags());
  const ids = Array.from(page.matchAll(/ id="([^"]+)"/g), ([, id]) => id!);
  assert.deepEqual(ids.filter((id, index) => ids.indexOf(id) !== index), []);
  const targets = Array.from(page.matchAll(/ href="#([^"]+)"/g), ([, target]) => target!);
  assert.ok(targets.length > 10);
  assert.deepEqual(targets.filter((target) => !ids.includes(target)), []);
  const labels = Array.from(page.matchAll(/ aria-labelledby="([^"]+)"/g), ([, id]) => id!);
  assert.deepEqual(labels.filter((id) => !ids.includes(id)), []);
});

Deno.test("a page loads nothing: its links are those of MITRE", async () => {
  const page = await reported(variousTags());
  assert.doesNotMatch(page, /<(?:img|iframe|object|embed|form action)|@import|url\(/);
  const links = Array.from(page.matchAll(/ (?:href|src)="([^"#][^"]*)"/g), ([, link]) => link!);
  for (const link of links) {
    assert.match(link, /^(?:https:\/\/attack\.mitre\.org\/|data:image\/svg)/);
  }
});

Deno.test("whatever attackers wrote, the elements of the page stay the same", async () => {
  const tagOf = (text: string) =>
    exportTag({
      ...{ uuid: "00000000-0000-5000-8000-00000000abcd", attackerUuid: `a${text}` },
      ...{ sourceId: `s${text}`, sessionId: `s${text}`, deckyId: `d${text}` },
      evidence: { command_text: `x ${text} y`, matched: `x ${text} y`, other: `o${text}` },
    });
  const plain = skeleton(await reported([tagOf("plain")]));
  assert.ok(plain.length > 100);
  const hostile = fc.oneof(
    fc.constantFrom(...HOSTILE_TEXTS),
    fc.array(fc.constantFrom(..."<>\"'&`$\\/=-! \n\u202e\ud83dax"), { maxLength: 40 })
      .map((characters) => characters.join("")),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const page = await reported([tagOf(text)]);
      assert.deepEqual(skeleton(page), plain);
      assert.doesNotMatch(page, INVISIBLE);
    }),
    { numRuns: 60, examples: HOSTILE_TEXTS.map((text) => [text]) },
  );
});

Deno.test("a session that an attacker named is a scope like any other", async () => {
  const scoped = async (sessionId: string) =>
    skeleton(await reported([exportTag({ sessionId })], "--session", sessionId));
  const plain = await scoped("plain");
  for (const text of HOSTILE_TEXTS.filter((text) => !/[\0\ud800]/.test(text))) {
    assert.deepEqual(await scoped(text), plain, text);
  }
});

Deno.test("an empty database gives a page that says so", async () => {
  const page = await reported([], "--since", "2026-05-01");
  assert.match(textOf(page), /Nothing was seen of everything, since 2026-05-01/);
});

Deno.test("a database of industrial tags alone shows the matrix of that domain", async () => {
  const ics = variousTags().filter(({ attackRelease }) => attackRelease.startsWith("ics-"));
  const page = await reported(ics);
  assert.match(page, /aria-label="ICS matrix"/);
  assert.doesNotMatch(page, /aria-label="Enterprise matrix"/);
});

Deno.test("tags of techniques and rules that are gone are shown by their ids", async () => {
  const page = textOf(
    await reported([
      exportTag({
        tactic: "TA9999",
        techniqueId: "T9999",
        subTechniqueId: "T9999.001",
        ruleId: "R9",
      }),
    ]),
  );
  for (const id of ["TA9999", "T9999", "T9999.001", "R9"]) assert.ok(page.includes(id), id);
});

Deno.test("a report is of one attacker, tactic, time or confidence, and says which", async () => {
  const cases: readonly (readonly [args: readonly string[], tags: string, scope: string])[] = [
    [["--attacker", "192.0.2.10"], "3", "attacker a1"],
    [["--tactic", "discovery"], "1", "everything, tactic discovery"],
    [["--min-confidence", "0.5"], "5", "everything, min-confidence 0.5"],
    [["--decky", "web-01"], "6", "decky web-01"],
    [["--since", "2026-05-02T01:00:04Z"], "2", "everything, since 2026-05-02T01:00:04Z"],
  ];
  for (const [args, tags, scope] of cases) {
    const page = await reported(variousTags(), ...args);
    assert.match(page, new RegExp(`<dt>tags?</dt>\\s*<dd>${tags}</dd>`), args.join(" "));
    assert.ok(textOf(page).includes(scope), scope);
  }
});

Deno.test("evidence is limited, alike ones are shown once, and the page says so", async () => {
  const typed = (text: string) => exportTag({ evidence: { matched: text } });
  const tags = [...["a", "b", "c"].map(typed), typed("c")];
  const page = await reported(tags, "--examples", "2");
  assert.equal(page.match(/<tr data-confidence=/g)?.length, 2);
  assert.match(textOf(page), /at most 2 examples of a technique/);
  assert.match(textOf(await reported(tags)), /2 alike among the newest/);
});

Deno.test("a report takes the place of the old file as a whole, with its permissions", async () => {
  using files = directoryWith({ "out.html": "old" });
  Deno.chmodSync(`${files.path}/out.html`, 0o640);
  const page = await reported([exportTag()], "-o", `${files.path}/out.html`);
  assert.equal(page, "");
  assert.match(Deno.readTextFileSync(`${files.path}/out.html`), /^<!doctype html>/);
  assert.equal(Deno.statSync(`${files.path}/out.html`).mode! & 0o777, 0o640);
  await reported([exportTag()], "-o", `${files.path}/new.html`);
  assert.equal(Deno.statSync(`${files.path}/new.html`).mode! & 0o777, 0o600);
  assert.deepEqual(Array.from(Deno.readDirSync(files.path), ({ name }) => name).sort(), [
    "new.html",
    "out.html",
  ]);
});

Deno.test("what cannot be done is said with the option that is to blame", async () => {
  using files = directoryWith({});
  const db = `${files.path}/empty.db`;
  Store.open(db).close();
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [["--examples", "many"], /--examples: "many" is no whole number from 0 to 100/],
    [["--format", "pdf"], /html, md/],
    [["--attacker", "a", "--decky", "b"], /--attacker and --decky cannot be given together/],
    [["-o", `${files.path}/no/such.html`], /cannot write .*no\/such\.html/],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await runCaptured(["report", "--db", db, ...args]);
    assert.equal(code, 2, err);
    assert.match(err, message);
  }
});

Deno.test("the page carries MITRE's notice", async () => {
  assert.match(await reported([]), /The MITRE Corporation\. This work is reproduced/);
});
