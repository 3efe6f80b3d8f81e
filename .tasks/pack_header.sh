#!/bin/sh
{ # Everything up to the last brace is read before any of it runs: half a script does nothing.
# decnet-ttp @VERSION@ for @TARGET@, commit @COMMIT@: labels what honeypots saw with
# MITRE ATT&CK techniques. AGPL-3.0-or-later; `decnet-ttp attack license` has MITRE's notice, the
# unpacked program those of the packages in it.
#
# One file: this script, then the program and its runtime (Deno @RUNTIME@), both gzipped. The first
# start unpacks them into a directory of this user's own, later ones use what is there: in
# DECNET_TTP_CACHE_DIR when it is set, else the first that will do of CACHE_DIRECTORY (systemd),
# XDG_CACHE_HOME, ~/.cache, TMPDIR, /tmp, /var/tmp and /dev/shm.
#
# Always needs: sh, the GNU C library @GLIBC@ or newer, /proc. The first start besides: gzip, tail,
# head, wc, sha256sum, mktemp, mkdir, chmod, mv and rm, of the usual packages or of busybox.
# Ends with 126 when the program cannot be started.
ttp_runtime=runtime-@RUNTIME_ID@/decnet-ttp
ttp_program=program-@PROGRAM_ID@/program.js
ttp_file=$0
ttp_tried=

ttp_die() {
  printf 'decnet-ttp: %s\n' "$*" >&2
  exit 126
}

# A tool of the host, else of busybox. Nothing here is sent to /dev/null: it may not be there.
ttp_tool() {
  if [ -n "$(command -v "$1")" ]; then "$@"; else busybox "$@"; fi
}

# Lists what is named, one a line, sizes in bytes: these variables would have ls count otherwise, or
# fail. To be called in a subshell.
ttp_ls() {
  unset BLOCK_SIZE LS_BLOCK_SIZE TIME_STYLE
  ttp_tool ls -ldn "$@" 2>&1
}

# A directory that this user made: no link, nobody else's, closed to others.
ttp_own() {
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
  ttp_list=$(ttp_ls "$1")
  case $?$ttp_list in
  0drwx--[-S]---* | 127*) ;; # Without ls, the owner must do.
  *) return 1 ;;
  esac
}

# Is all of it unpacked in directory $1? A file that a power failure cut short is not.
ttp_ready() (
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -O "$1/$ttp_program" ] &&
    [ -O "$1/$ttp_runtime" ] && [ -x "$1/$ttp_runtime" ] && cd "$1" || exit 1
  ttp_list=$(ttp_ls . "$ttp_program" "$ttp_runtime")
  case $?$ttp_list in
  0drwx--[-S]---*-r--------*' @PROGRAM_SIZE@ '*-r-x------*' @RUNTIME_SIZE@ '* | 127*) ;;
  *) exit 1 ;;
  esac
)

# Unpacks one part: its path, mode, first byte and length. It takes its place in one step, so that
# another start never sees half of it.
ttp_part() {
  ttp_dir=${1%/*}
  ttp_why=$(ttp_tool mkdir "$ttp_dir" 2>&1) || ttp_own "$ttp_dir" || return
  ttp_why=$(ttp_tool mktemp "$ttp_dir/.new-$$-XXXXXX" 2>&1) || return
  ttp_new=$ttp_why
  ttp_why=$( (
    ttp_tool tail -c "+$3" "$ttp_file" | ttp_tool head -c "$4" | ttp_tool gzip -dc >"$ttp_new"
  ) 2>&1) || return
  ttp_why=$(ttp_tool chmod "$2" "$ttp_new" 2>&1) || return
  # On disk before it has its name; where sync takes no file, the system sees to it later.
  ttp_list=$(ttp_tool sync "$ttp_new" 2>&1)
  ttp_why=$(ttp_tool mv -f "$ttp_new" "$1" 2>&1) || return
  # What a start that was killed has left behind.
  for ttp_old in "$ttp_dir"/.new-*; do
    ttp_pid=${ttp_old##*/.new-}
    ttp_list=$(kill -0 "${ttp_pid%%-*}" 2>&1) || ttp_tool rm -f "$ttp_old"
  done
}

# Becomes the program that is unpacked in directory $1, with the other arguments.
ttp_start() {
  ttp_in=$1
  shift
  DENO_DIR=$ttp_in/program-@PROGRAM_ID@/cache
  DENO_NO_UPDATE_CHECK=1
  DENO_NO_PACKAGE_JSON=1
  # Memory that was freed goes back to the host, where it may not be needed again for hours.
  MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-1}
  MALLOC_MMAP_THRESHOLD_=${MALLOC_MMAP_THRESHOLD_:-65536}
  MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_:-131072}
  export DENO_DIR DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON
  export MALLOC_ARENA_MAX MALLOC_MMAP_THRESHOLD_ MALLOC_TRIM_THRESHOLD_
  exec "$ttp_in/$ttp_runtime" run @FLAGS@ "$ttp_in/$ttp_program" "$@"
}

# Unpacks everything into directory $1, or says why it cannot. 2 says: nowhere on this host.
ttp_fill() (
  umask 077
  ttp_new=
  trap 'ttp_tool rm -f "$ttp_new"' EXIT
  trap 'exit 1' HUP INT TERM
  ttp_why=$(ttp_tool mkdir "$1" 2>&1)
  [ -e "$1" ] || [ -L "$1" ] || { echo "$ttp_why"; exit 1; }
  ttp_own "$1" || { echo "a link, or not this user's, or open to others: remove it"; exit 1; }
  ttp_part "$1/$ttp_program" 400 @PROGRAM_AT@ @PROGRAM_LENGTH@ &&
    ttp_part "$1/$ttp_runtime" 500 @RUNTIME_AT@ @RUNTIME_LENGTH@ || { echo "$ttp_why"; exit 1; }
  ttp_why=$("$1/$ttp_runtime" --version 2>&1)
  ttp_code=$?
  if [ "$ttp_code" -eq 0 ]; then
    # What the runtime compiles here it keeps: the first start is as fast and as small as any other.
    ttp_why=$( (ttp_start "$1" version) 2>&1)
    exit 0
  fi
  # Not every shell's `test -x` knows of noexec, and none of other machines: the next start must not
  # find it whole.
  ttp_tool rm -f "$1/$ttp_runtime"
  ttp_machine=$(ttp_tool uname -m 2>&1) || ttp_machine=@MACHINE@
  case $ttp_code,$ttp_machine in
  126,@MACHINE@) echo "no program can be run from there (noexec): $ttp_why"; exit 1 ;;
  *) echo "$ttp_why"; exit 2 ;;
  esac
)

# Whoever owns a directory or may write to it can put another in the place of one inside it.
ttp_ours() {
  case $1 in /*) ttp_there=$1 ;; *) return 1 ;; esac
  [ -e "$1" ] || ttp_there=${1%/*}
  [ -O "$ttp_there" ] || return 1
  [ ! -k "$ttp_there" ] || return 0
  ttp_list=$(ttp_ls "$ttp_there/.")
  case $?$ttp_list in
  0d????-??-* | 127*) ;;
  # A group of the user's own number holds that user alone.
  0d???????-*) set -- $ttp_list; [ "$3" = "$4" ] ;;
  *) return 1 ;;
  esac
}

# Asks $1 about each directory where it may be unpacked, until one will do.
ttp_find() {
  case ${DECNET_TTP_CACHE_DIR-} in
  '') ;;
  /*) "$1" "$DECNET_TTP_CACHE_DIR/decnet-ttp"; return ;;
  *) ttp_die "DECNET_TTP_CACHE_DIR=$DECNET_TTP_CACHE_DIR is not an absolute path" ;;
  esac
  ttp_at=${CACHE_DIRECTORY-}
  # systemd gives several with colons between.
  for ttp_at in "${ttp_at%%:*}" "${XDG_CACHE_HOME-}" "${HOME:+$HOME/.cache}" "${TMPDIR-}"; do
    ttp_ours "$ttp_at" && "$1" "$ttp_at/decnet-ttp" && return
  done
  ttp_user=$(ttp_tool id -u 2>&1) || ttp_user=
  for ttp_at in /tmp /var/tmp /dev/shm; do
    [ -k "$ttp_at" ] || ttp_ours "$ttp_at" || continue
    for ttp_more in '' .1 .2 .3; do
      ttp_here=$ttp_at/decnet-ttp-$ttp_user$ttp_more
      "$1" "$ttp_here" && return
      # Only where somebody else has taken the name is there a reason to try another.
      { [ -e "$ttp_here" ] || [ -L "$ttp_here" ]; } && ! ttp_own "$ttp_here" || break
    done
  done
  return 1
}

ttp_take() {
  ttp_ready "$1" && ttp_root=$1
}

ttp_make() {
  ttp_base=${1%/*}
  [ -d "$ttp_base" ] || ttp_why=$(umask 077; ttp_tool mkdir "$ttp_base" 2>&1)
  ttp_why=$(ttp_fill "$1")
  [ $? -ne 2 ] || ttp_die "it does not run on this host, is it @MACHINE@ with glibc? $ttp_why"
  # Another start may have been faster, and then it is its work that counts.
  ttp_take "$1" && return
  ttp_tried="$ttp_tried
  $1: $ttp_why"
  return 1
}

# Variables for other programs of Deno and Node: some have it run their code, lift what it is not
# permitted, or keep it from starting. Those that name certificates stay.
ttp_forget() {
  set -f
  for ttp_word in $(export -p); do
    ttp_word=${ttp_word%%=*}
    case $ttp_word in
    DENO_CERT | DENO_TLS_CA_STORE | NODE_EXTRA_CA_CERTS | *[!A-Z0-9_]*) ;;
    DENO_* | NODE_*) unset "$ttp_word" ;;
    esac
  done
  set +f
}

ttp_forget
[ -e /proc/self/exe ] || ttp_die "it needs /proc, which is not mounted here"
if ! ttp_find ttp_take; then
  [ -r "$ttp_file" ] || ttp_die "cannot read $ttp_file to unpack it"
  for ttp_need in gzip tail head wc sha256sum mktemp mkdir chmod mv rm; do
    [ -n "$(command -v "$ttp_need" || command -v busybox)" ] ||
      ttp_die "the first start needs $ttp_need, of the usual package or of busybox, to unpack it"
  done
  ttp_size=$(ttp_tool wc -c <"$ttp_file")
  [ "$ttp_size" -eq @FILE_SIZE@ ] ||
    ttp_die "$ttp_file is incomplete: $ttp_size of @FILE_SIZE@ bytes; copy it again"
  case $(ttp_tool tail -c +@PROGRAM_AT@ "$ttp_file" | ttp_tool sha256sum) in
  "@PAYLOAD_SHA256@ "*) ;;
  *) ttp_die "$ttp_file is damaged: its checksum is wrong; copy it again" ;;
  esac
  ttp_find ttp_make || ttp_die "no place to unpack it; DECNET_TTP_CACHE_DIR can name one$ttp_tried"
fi

case $ttp_file in /*) ;; *) ttp_file=$PWD/$ttp_file ;; esac
DECNET_TTP_EXECUTABLE=$ttp_file
export DECNET_TTP_EXECUTABLE
# The runtime decides on traces at its own start, and knows one spelling alone.
case ${OTEL_DENO:-unsaid},${DECNET_DEVELOPER_TRACING:-} in
1,* | unsaid,1 | unsaid,true)
  OTEL_DENO=true
  export OTEL_DENO
  ;;
esac
ttp_start "$ttp_root" "$@"
exit 126
}
