/** Shells that run a script from an argument, a file or their input. */
export const SHELL = 1;

/** Interpreters of other languages that take a script's file name as first operand. */
export const INTERPRETER = 2;

/** Programs whose arguments may set variables. */
export const DECLARATION = 4;

/** Programs that run the lines they read at some other time. */
export const SCHEDULER = 8;

/** Programs that run a command somewhere else, in a container, a session or a unit. */
export const CARRIER = 16;

/** Programs that bring a file from another machine. */
export const FETCHER = 32;

/** Programs that unpack an archive. */
export const UNPACKER = 64;

/** Programs to which words are data or files, whatever they look like. */
export const DATA = 128;

/** Names of the programs that bring a file from another machine. */
export const FETCHERS: readonly string[] = [
  "wget",
  "wget2",
  "curl",
  "tftp",
  "atftp",
  "ftpget",
  "ftp",
  "lftp",
  "ncftpget",
  "scp",
  "sftp",
  "rsync",
  "nc",
  "ncat",
  "netcat",
  "aria2c",
  "axel",
  "fetch",
  "lwp-download",
  "git",
  "routeros:tool",
];

const ROLES: ReadonlyMap<string, number> = byName([
  [SHELL, [
    "sh",
    "bash",
    "ash",
    "dash",
    "zsh",
    "ksh",
    "mksh",
    "csh",
    "tcsh",
    "fish",
    "rbash",
    "hush",
    "lash",
  ]],
  [INTERPRETER, [
    "python",
    "perl",
    "ruby",
    "php",
    "node",
    "lua",
    "tclsh",
    "expect",
    "awk",
  ]],
  [DECLARATION, [
    "export",
    "declare",
    "typeset",
    "local",
    "readonly",
    "set",
  ]],
  [SCHEDULER, [
    "crontab",
    "at",
    "batch",
  ]],
  [CARRIER, [
    "docker",
    "podman",
    "nerdctl",
    "crictl",
    "ctr",
    "kubectl",
    "oc",
    "lxc",
    "lxc-attach",
    "nsenter",
    "tmux",
    "systemd-run",
    "start-stop-daemon",
    "vagrant",
    "script",
    "expect",
  ]],
  [FETCHER, FETCHERS],
  [DATA, [
    ..."echo printf cat ls cp mv rm ln chmod chown chgrp chattr stat file grep which whereis".split(
      " ",
    ),
    ..."type command hash readlink realpath dirname basename md5sum sha1sum sha256sum".split(" "),
    ..."strings ldd readelf objdump nm test [ [[ useradd usermod adduser chsh getent man".split(
      " ",
    ),
    ..."whatis apropos touch mkdir rmdir diff cmp head tail wc sort uniq cut tr tee dd du".split(
      " ",
    ),
    ..."df kill pkill killall pgrep cd pwd curl wget ps id dpkg export declare set history".split(
      " ",
    ),
  ]],
  [UNPACKER, [
    "tar",
    "unzip",
    "7z",
    "gunzip",
    "bunzip2",
    "xz",
    "cpio",
  ]],
]);

/**
 * What a program is to who follows what a command does: a sum of the roles above,
 * found in one look; 0 for most programs.
 *
 * @param program canonical name
 */
export function rolesOf(program: string): number {
  return ROLES.get(program) ?? 0;
}

/** Tells shells by their canonical name. */
export function isShell(program: string): boolean {
  return (rolesOf(program) & SHELL) !== 0;
}

function byName(roles: readonly (readonly [role: number, programs: readonly string[]])[]) {
  const byName = new Map<string, number>();
  for (const [role, programs] of roles) {
    for (const program of programs) byName.set(program, (byName.get(program) ?? 0) | role);
  }
  return byName;
}
