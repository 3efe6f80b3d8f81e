import type { CompletionNode, CompletionWord } from "./tree.ts";

/** Shells that completions are written for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = typeof SHELLS[number];

/** The completion script of a shell. */
export function completionScript(shell: Shell, tree: readonly CompletionNode[]): string {
  switch (shell) {
    case "bash":
      return bashScript(tree);
    case "zsh":
      return zshScript(tree);
    case "fish":
      return fishScript(tree);
  }
}

/** Finds out which command the words so far name; `$at` has it. Understood by bash and zsh alike; `$path` would be the search path of zsh. */
function pathLoop(tree: readonly CompletionNode[], words: string): readonly string[] {
  const known = tree.filter(({ path }) => path.length > 0)
    .map(({ path }) => quote(`${path.slice(0, -1).join(" ")}|${path.at(-1)}`)).join("|");
  return [
    "  local word at=''",
    `  for word in ${words}; do`,
    '    case "$at|$word" in',
    `      ${known}) at="\${at:+$at }$word" ;;`,
    "    esac",
    "  done",
  ];
}

function bashScript(tree: readonly CompletionNode[]): string {
  return [
    "# bash completion of decnet-ttp",
    "_decnet_ttp() {",
    "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words",
    // Bash takes `--option=value` for three words.
    "  if [[ $current == = ]]; then current=",
    "  elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi",
    ...pathLoop(tree, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"'),
    "  COMPREPLY=()",
    '  case "$at|$before" in',
    ...tree.flatMap(({ path, choices, valued }) => [
      ...choices.map(({ option, values }) =>
        `    ${quote(`${path.join(" ")}|${option}`)}) ` +
        `_decnet_ttp_words ${quote(values.join(" "))} "$current"; return ;;`
      ),
      ...valued.map((option) =>
        `    ${quote(`${path.join(" ")}|${option}`)}) _decnet_ttp_files "$current"; return ;;`
      ),
    ]),
    "  esac",
    '  case "$at" in',
    ...tree.map(({ path, commands, options }) =>
      `    ${quote(path.join(" "))}) words=${
        quote([...commands, ...options].map(({ word }) => word).join(" "))
      } ;;`
    ),
    "  esac",
    '  _decnet_ttp_words "$words" "$current"',
    '  [[ $current == -* || $words == [a-z]* ]] || _decnet_ttp_files "$current"',
    "}",
    "_decnet_ttp_words() {",
    '  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")',
    "}",
    // A name of a file may have blanks; that of a command is none, even where there is a directory of that name.
    "_decnet_ttp_files() {",
    "  compopt -o filenames 2>/dev/null",
    '  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$1")',
    "}",
    "complete -F _decnet_ttp decnet-ttp",
    "",
  ].join("\n");
}

function zshScript(tree: readonly CompletionNode[]): string {
  const described = (words: readonly CompletionWord[]): string =>
    words.map(({ word, description }) => quote(`${word.replaceAll(":", "\\:")}:${description}`))
      .join(" ");
  return [
    "#compdef decnet-ttp",
    "_decnet_ttp() {",
    "  local before=${words[CURRENT-1]}",
    "  local -a found",
    ...pathLoop(tree, '"${(@)words[2,CURRENT-1]}"'),
    '  case "$at|$before" in',
    ...tree.flatMap(({ path, choices, valued }) => [
      ...choices.map(({ option, values }) =>
        `    ${quote(`${path.join(" ")}|${option}`)}) compadd -- ${
          values.map(quote).join(" ")
        }; return ;;`
      ),
      ...valued.map((option) => `    ${quote(`${path.join(" ")}|${option}`)}) _files; return ;;`),
    ]),
    "  esac",
    '  case "$at" in',
    ...tree.flatMap(({ path, commands, options }) => [
      `    ${quote(path.join(" "))})`,
      `      found=(${described(commands)}); _describe command found`,
      `      found=(${described(options)}); _describe -o option found`,
      ...(commands.length === 0 ? ["      _files"] : []),
      "      ;;",
    ]),
    "  esac",
    "}",
    '[[ $funcstack[1] = _decnet_ttp ]] && _decnet_ttp "$@" || compdef _decnet_ttp decnet-ttp',
    "",
  ].join("\n");
}

function fishScript(tree: readonly CompletionNode[]): string {
  const known = tree.filter(({ path }) => path.length > 0)
    .map(({ path }) => quote(`${path.slice(0, -1).join(" ")}|${path.at(-1)}`));
  const line = (path: readonly string[], rest: string): string =>
    `complete -c decnet-ttp -n ${quote(`__decnet_ttp_at ${quote(path.join(" "))}`)} ${rest}`;
  return [
    "# fish completion of decnet-ttp",
    "function __decnet_ttp_at",
    "  set -l at ''",
    "  for word in (commandline -opc)[2..-1]",
    `    if contains -- "$at|$word" ${known.join(" ")}`,
    '      set at (string trim -- "$at $word")',
    "    end",
    "  end",
    '  test "$at" = "$argv[1]"',
    "end",
    ...tree.flatMap(({ path, commands, options, choices, valued }) => [
      ...commands.map(({ word, description }) =>
        line(path, `-f -a ${quote(word)} -d ${quote(description)}`)
      ),
      ...options.map(({ word, description }) => {
        const name = word.startsWith("--") ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
        const values = choices.find(({ option }) => option === word)?.values;
        const takes = values !== undefined
          ? ` -x -a ${quote(values.join(" "))}`
          : valued.includes(word)
          ? " -r"
          : "";
        return line(path, `${name}${takes} -d ${quote(description)}`);
      }),
    ]),
    "",
  ].join("\n");
}

/** One word of a shell, whatever is in it: quotes in quotes of the other kind, which bash, zsh and fish read alike. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
