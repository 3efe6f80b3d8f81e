/**
 * Programs that are called by a pattern, in the order of preference: what a
 * pattern stands for depends on the machine, and intruders look for these.
 */
const PROGRAMS: readonly string[] = (
  "wget curl bash sh nc ncat tftp ftpget base64 python3 python perl busybox cat chmod id " +
  "whoami uname ls rm cp mv echo printf nohup kill pkill passwd chpasswd useradd crontab ssh " +
  "scp telnet ping netstat ss ps top find grep sed awk dash ash zsh env xargs sudo su tar " +
  "gunzip xxd openssl dd tee head tail touch mkdir mount iptables systemctl service"
).split(" ");

/** Longest pattern that is looked up; more stars than this match anything. */
const MAX_PATTERN = 64;
const MAX_STARS = 3;

/** Directories of programs, as a pattern may name them. */
const DIRECTORIES = ["/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin"];

/**
 * The program that a path with wildcards stands for, as `/???/b?n/w*t`.
 *
 * @returns its path, or nothing when none of the programs fits
 */
export function programOfPattern(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN || pattern.split("*").length - 1 > MAX_STARS) return undefined;
  const slash = pattern.lastIndexOf("/");
  if (slash <= 0) return undefined;
  const inDirectory = matcher(pattern.slice(0, slash));
  const directory = DIRECTORIES.find((one) => inDirectory.test(one));
  if (directory === undefined) return undefined;
  const named = matcher(pattern.slice(slash + 1));
  const program = PROGRAMS.find((one) => named.test(one));
  return program === undefined ? undefined : `${directory}/${program}`;
}

/** A pattern of file names as a regular expression; each star stays inside one name. */
function matcher(pattern: string): RegExp {
  const source = pattern.replace(
    /\[[!^]?[^\]/]{1,32}\]|[^]/g,
    (part) => {
      if (part === "*") return "[^/]*";
      if (part === "?") return "[^/]";
      if (part.length > 1) {
        const inside = part.slice(1, -1).replace(/^[!^]/, "").replace(/[\\\]^]/g, "\\$&");
        return `[${/^\[[!^]/.test(part) ? "^" : ""}${inside}]`;
      }
      return part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    },
  );
  try {
    return new RegExp(`^${source}$`);
  } catch {
    // A range that runs backwards, `[z-a]`: the shell finds nothing by it either.
    return /^(?!)/;
  }
}
