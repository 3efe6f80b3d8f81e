import assert from "assert";
import { join } from "node:path";
import { MemoryBus } from "../../lib/bus/memory.ts";
import { directoryWith } from "../cli/captured_run.ts";
import { programCommand } from "../cli/program_process.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { Sensor } from "../harness/sensor.ts";
import { until } from "../harness/until.ts";
import { tag } from "../store/scratch.ts";

Deno.test("SIGHUP puts in force what is well in the settings file, and names what needs a restart", async () => {
  using files = directoryWith({});
  const file = join(files.path, "ttp.toml");
  // Nobody listens there: a worker works without a bus.
  const fixed = `nats_url = "127.0.0.1:1"\ndb = "${files.path}/ttp.db"\n`;
  const save = (text: string): Promise<void> => Deno.writeTextFile(file, fixed + text);
  await save("");
  const worker = programCommand(["run", "--config", file, "--announce-limit", "7"], {
    stdout: "null",
  }).spawn();
  let log = "";
  const reading = (async () => {
    for await (const text of worker.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  let read = 0;
  const says = async (expected: RegExp): Promise<void> => {
    await until(`the log has ${expected} in ${log}`, () => {
      const found = expected.exec(log.slice(read));
      if (found !== null) read += found.index + found[0].length;
      return found !== null;
    });
  };
  const reload = async (text: string): Promise<void> => {
    await save(text);
    worker.kill("SIGHUP");
  };
  await says(/ready: /);

  await reload("poll_interval = '2m'\nretain_tags = 30\nstream = 'DECNET'\n");
  await says(/settings changed: "poll_interval, retain_tags"\n/);
  await says(/needs a restart: "stream"\n/);

  await reload("poll_interval = '2m'\nretain_tags = 30\nlog_levle = 'debug'\nnats_tls_first = 3\n");
  await says(/settings rejected, .*ttp\.toml:5:1 .*did you mean log_level\?/);
  await says(/settings rejected, .*ttp\.toml:6:1 nats_tls_first: 3 /);

  await reload("poll_interval = '2m'\nretain_tags = 30\nhttp = '0.0.0.0:9464'\n");
  await says(/settings rejected, .*can be reached from other hosts/);

  await reload("poll_interval = '2m'\nretain_tags = 30\nannounce_limit = 3\n");
  await says(/settings read again: nothing has changed/);

  await reload("poll_interval = '2m'\nretain_tags = 30\nlog_format = 'json'\n");
  await says(/settings changed: "log_format"\n/);
  await until("the log is JSON", async () => {
    await reload("poll_interval = '2m'\nretain_tags = 30\nlog_format = 'json'\n");
    return /^\{"ts":.*nothing has changed/m.test(log);
  });

  await Deno.remove(file);
  worker.kill("SIGHUP");
  await says(/settings rejected, what was in force stays: cannot read the settings file/);

  worker.kill("SIGTERM");
  assert.equal((await worker.status).code, 0, log);
  await reading;
});

Deno.test("SIGHUP at a start that is under way ends nothing, and is heeded after it", async () => {
  const settings = `nats_url = "127.0.0.1:1"\n`;
  using files = directoryWith({ "next.toml": settings });
  const file = join(files.path, "ttp.toml");
  assert.equal((await new Deno.Command("mkfifo", { args: [file] }).output()).code, 0);
  const worker = programCommand(
    ["run", "--config", file, "--db", join(files.path, "ttp.db")],
    { stdout: "null" },
  ).spawn();
  let log = "";
  const reading = (async () => {
    for await (const text of worker.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  // Opened as soon as the worker begins to read.
  const writer = await Deno.open(file, { write: true });
  worker.kill("SIGHUP");
  await writer.write(new TextEncoder().encode(settings));
  await Deno.rename(join(files.path, "next.toml"), file);
  writer.close();
  await until("it has read again", () => /settings read again: nothing has changed/.test(log));
  await until("it is ready", () => /ready: /.test(log));
  worker.kill("SIGTERM");
  assert.equal((await worker.status).code, 0, log);
  await reading;
});

Deno.test("a worker that is adjusted announces, keeps house and completes messages in the new way", async () => {
  const bus = new MemoryBus();
  const listener = new Listener(bus);
  {
    await using sensor = Sensor.start(bus, { pollIntervalMs: 3_600_000 });
    const { store, worker } = sensor;
    const session = async (id: string): Promise<void> => {
      const before = worker.counters.total("events");
      await bus.publish([sessionEvent(id, ["uname -a"])]);
      await until("it is worked off", () => worker.counters.total("events") > before);
    };
    const announced = (): number => listener.on("ttp.tagged").length;
    await session("s1");
    await session("s2");
    await until("both are announced", () => announced() === 2);

    const completed: string[] = [];
    store.tags.insert([tag()], new Date("2020-01-01T00:00:00Z"));
    worker.adjust({
      announcementsPerMinute: 1,
      pollIntervalMs: 10,
      retention: { tagDays: 30 },
      complete: (message) => {
        completed.push(message.subject);
        return Promise.resolve(message);
      },
    });
    await until("the old tag has gone", () => worker.counters.total("tags_retired") === 1);
    await session("s3");
    await session("s4");
    await until("the second is held back", () => worker.counters.total("suppressed") > 0);
    await until("the first is announced", () => announced() === 3);
    assert.deepEqual(completed, ["attacker.session.ended", "attacker.session.ended"]);
  }
  await bus.close();
  await listener.close();
});
