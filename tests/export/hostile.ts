/** What an attacker would type to reach the reader of a page, each in its own way. */
export const HOSTILE_TEXTS: readonly string[] = [
  "<script>globalThis.owned = 1</script>",
  "</script><script>globalThis.owned = 2</script>",
  "</style><img src=x onerror='globalThis.owned = 3'>",
  `" onmouseover="globalThis.owned = 4" autofocus onfocus='globalThis.owned = 5`,
  "--><svg onload=globalThis.owned=6><!--",
  "</title></textarea></template></noscript><iframe srcdoc='<script>parent.owned=7</script>'>",
  "javascript:globalThis.owned=8",
  "{{constructor.constructor('globalThis.owned=9')()}} ${globalThis.owned=10} $& $1 $`",
  "<a href='https://evil.example/' id=main>sign in</a><base href='//evil.example/'>",
  "<details class=evidence open data-anchor=__proto__><summary>",
  "cat \u202egpj.exe\u2066 \u200b\u{e0041} \x1b[2J\x07\x00 \ud800 \u2028",
  "&lt;b&gt; &#x3c;script&#x3e; &amp;",
  "`code` | cell | *bold* @everyone #1 [link](javascript:alert(1)) <https://evil.example/>",
];
