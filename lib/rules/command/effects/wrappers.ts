import { programName } from "../programs.ts";

/** How a program that only runs another one is called. */
interface Wrapper {
  /** Options that take the next word as their value. */
  readonly valued?: readonly string[];
  /** Words between the options and the program, e.g. the duration of `timeout`. */
  readonly operands?: number;
  /** Options with which it is a command of its own, e.g. `sudo -l`. */
  readonly standsAlone?: RegExp;
  /** Assignments may stand before the program. */
  readonly assigns?: boolean;
}

/** `-x` of a shell's `exec`, `command` and `builtin` and of util-linux tools; from their manual pages. */
const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  ["sudo", {
    valued: ["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group"],
    standsAlone: /^(-[AbEHknPS]*[lvKeis][a-zA-Z]*|--(list|login|shell|edit|validate))$/,
    assigns: true,
  }],
  ["doas", { valued: ["-u", "-C"], standsAlone: /^-[nL]*s/ }],
  ["pkexec", { valued: ["--user"] }],
  ["env", { valued: ["-u", "-C", "--unset", "--chdir"], assigns: true }],
  ["busybox", { standsAlone: /^--/ }],
  ["toybox", { standsAlone: /^--/ }],
  ["nohup", {}],
  ["setsid", {}],
  ["exec", { valued: ["-a"] }],
  ["command", { standsAlone: /^-[pvV]*[vV]/ }],
  ["builtin", {}],
  ["time", { valued: ["-f", "-o"] }],
  ["timeout", { valued: ["-s", "-k", "--signal", "--kill-after"], operands: 1 }],
  ["nice", { valued: ["-n", "--adjustment"] }],
  ["ionice", { valued: ["-c", "-n", "--class"] }],
  ["chrt", { valued: ["-T", "-P", "-D"], operands: 1 }],
  ["taskset", { operands: 1 }],
  ["stdbuf", { valued: ["-i", "-o", "-e"] }],
  ["unbuffer", {}],
  ["unshare", { valued: ["-R", "-w", "-S", "-G", "--root", "--wd", "--propagation"] }],
  ["setpriv", { valued: ["--reuid", "--regid", "--groups"] }],
  ["prlimit", { valued: ["-p", "--pid"] }],
  ["runcon", { valued: ["-u", "-r", "-t", "-l"] }],
  ["cgexec", { valued: ["-g"] }],
  ["numactl", { valued: ["-N", "-m", "-C"] }],
  ["chpst", { valued: ["-u", "-U", "-b", "-e", "-n", "-P", "-0", "-1", "-2"] }],
  ["proot", { valued: ["-r", "-b", "-w", "-q"] }],
  ["firejail", {}],
  ["faketime", { valued: ["-p"], operands: 1 }],
  ["logsave", { operands: 1 }],
  ["rlwrap", { valued: ["-H", "-f", "-s"] }],
  ["ssh-agent", { valued: ["-a", "-t", "-E"], standsAlone: /^-k/ }],
  ["dbus-run-session", {}],
  ["dbus-launch", {}],
  ["xvfb-run", { valued: ["-n", "-s", "-e"] }],
  ["aoss", {}],
  ["grc", { valued: ["-c"] }],
  ["aa-exec", { valued: ["-p", "-n"] }],
  ["choom", { valued: ["-n", "-p"] }],
  ["run0", { valued: ["-u", "-g"] }],
  ["valgrind", {}],
  ["catchsegv", {}],
  ["entr", {}],
  ["xargs", {
    valued: ["-I", "-n", "-P", "-d", "-L", "-s", "-E", "-a", "--max-args", "--max-procs"],
  }],
  ["parallel", { valued: ["-j", "-a", "-N"] }],
  ["strace", { valued: ["-e", "-o", "-s", "-p", "-P"] }],
  ["ltrace", { valued: ["-e", "-o", "-s", "-p"] }],
  ["chroot", { operands: 1 }],
  ["setarch", { operands: 1 }],
  ["linux32", {}],
  ["linux64", {}],
  ["proxychains", { valued: ["-f"] }],
  ["proxychains4", { valued: ["-f"] }],
  ["torsocks", {}],
  ["torify", {}],
  ["sshpass", { valued: ["-p", "-f", "-d", "-P"] }],
  ["systemd-inhibit", {}],
  ["caffeinate", {}],
  ["fakeroot", {}],
  ["eatmydata", {}],
  ["watch", { valued: ["-n", "--interval"] }],
  ["screen", {
    valued: ["-S", "-t", "-c", "-e", "-h", "-p", "-s", "-T", "-L"],
    standsAlone: /^-(?:ls|list|wipe|r|x|R|D|X)/,
  }],
  ["flock", { valued: ["-w", "-E", "--timeout"], operands: 1, standsAlone: /^-c|^--command/ }],
]);

/** The dynamic loader, which runs what it is given: `/lib64/ld-linux-x86-64.so.2 ./x`. */
const LOADER = /^ld(?:-linux|-musl)?[\w-]*\.so(?:\.\d+)?$/;

const LOADER_WRAPPER: Wrapper = { valued: ["--library-path", "--preload", "--argv0"] };

function wrapperOf(program: string): Wrapper | undefined {
  const known = WRAPPERS.get(program);
  if (known !== undefined || !program.startsWith("ld")) return known;
  return LOADER.test(program) ? LOADER_WRAPPER : undefined;
}

/** Tells the programs that only run another one. */
export function isWrapper(program: string): boolean {
  return wrapperOf(program) !== undefined;
}

/** A command line without the programs that only run it. */
export interface Unwrapped {
  readonly words: readonly string[];
  /** Base name of the program that is left. */
  readonly program: string;
  readonly wrappers: readonly string[];
  readonly assigns: readonly string[];
}

/** More wrappers in a row than anybody types; what is left then is taken as it stands. */
const MAX_WRAPPERS = 16;

/** Tells a word that sets a variable, as `env` and `sudo` take them. */
export const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;

const NONE: readonly string[] = [];

/**
 * Takes `sudo`, `nohup`, `busybox`, `env A=1`, `timeout 5` and their like off a
 * command line. One that has nothing to run, as `sudo -l` or a bare `busybox`,
 * stays.
 */
export function unwrap(words: readonly string[]): Unwrapped {
  let program = programName(words[0] ?? "");
  let wrapper = wrapperOf(program);
  if (wrapper === undefined) return { words, program, wrappers: NONE, assigns: NONE };
  const wrappers: string[] = [];
  const assigns: string[] = [];
  let rest = words;
  for (let count = 0; wrapper !== undefined && count < MAX_WRAPPERS; count++) {
    const next = behind(wrapper, program === "env" ? withSplitString(rest) : rest, assigns);
    if (next === undefined) break;
    wrappers.push(program);
    rest = next;
    program = programName(rest[0] ?? "");
    wrapper = wrapperOf(program);
  }
  return { words: rest, program, wrappers, assigns };
}

/** Programs in front of a command that may have the whole of it in one word. */
const SCRIPT_TAKERS: ReadonlySet<string> = new Set(["watch", "flock", "screen", "parallel"]);

/** Whether a wrapper hands a word with blanks to a shell: `watch 'id; w'`. */
export function takesScript(wrapper: string | undefined): boolean {
  return wrapper !== undefined && SCRIPT_TAKERS.has(wrapper);
}

/**
 * The command that `xargs` runs with the words that it reads: behind its own, or
 * in the place that `-I` names.
 *
 * @returns nothing when it has no command, and prints them
 */
export function withOperands(
  words: readonly string[],
  read: readonly string[],
): readonly string[] | undefined {
  const command = behind(WRAPPERS.get("xargs") ?? {}, words, []);
  if (command === undefined) return undefined;
  const own = words.slice(0, words.length - command.length);
  const option = own.findIndex((word) => /^-(?:I|i|J)/.test(word));
  if (option < 0) return [...command, ...read];
  const attached = (own[option] ?? "").slice(2);
  const mark = attached !== "" ? attached : own[option + 1] ?? "{}";
  return command.map((word) => word.replaceAll(mark, () => read.join(" ")));
}

/** `env -S 'wget x'` splits a text into words. */
function withSplitString(words: readonly string[]): readonly string[] {
  const index = words.findIndex((word) => /^(?:-[iv]*S|--split-string)/.test(word));
  if (index < 0) return words;
  const word = words[index] ?? "";
  const attached = word.replace(/^(?:-[iv]*S|--split-string=?)/, "");
  const text = attached === "" ? words[index + 1] ?? "" : attached;
  const rest = words.slice(index + (attached === "" ? 2 : 1));
  return [...words.slice(0, index), ...text.split(/\s+/).filter((one) => one !== ""), ...rest];
}

function behind(
  wrapper: Wrapper,
  words: readonly string[],
  assigns: string[],
): readonly string[] | undefined {
  const { valued = NONE, standsAlone, operands = 0 } = wrapper;
  const found: string[] = [];
  let index = 1;
  for (; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") {
      index++;
      break;
    }
    if (wrapper.assigns === true && ASSIGNMENT.test(word)) found.push(word);
    else if (!word.startsWith("-") || word === "-") break;
    else if (standsAlone?.test(word) === true) return undefined;
    else if (valued.includes(word)) index++;
  }
  index += operands;
  if (index >= words.length || standsAlone?.test(words[index] ?? "") === true) return undefined;
  assigns.push(...found);
  return words.slice(index);
}
