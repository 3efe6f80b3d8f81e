/** Measures of a common monospaced font, in pixels. */
const GLYPH_WIDTH = 7.8;
const FONT_SIZE = 13;
const LINE_HEIGHT = 18;
const MARGIN = 16;

/** Classes of the SGR parameters that the program uses; the style below has a look for each. */
const CLASSES: Readonly<Record<string, string>> = {
  "1": "bold",
  "2": "dim",
  "31": "red",
  "32": "green",
  "33": "yellow",
  "36": "cyan",
};

const ESCAPE = "\x1b";

/** The parameters of an escape sequence that sets colours and weight. */
const SGR_REGEXP = new RegExp(`${ESCAPE}\\[([\\d;]*)m`);

const STYLE = `
  .paper { fill: #fcfcfb; stroke: #e3e4e6 }
  text { fill: #1b1d21; font: ${FONT_SIZE}px ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace }
  .bold { font-weight: 700 } .dim { fill: #5d626b } .cyan { fill: #0b6e87 }
  .red { fill: #b3261e } .green { fill: #1a7f37 } .yellow { fill: #8a6100 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #141517; stroke: #2c2f34 }
    text { fill: #e7e8ea } .dim { fill: #9ba1ab } .cyan { fill: #62c7de }
    .red { fill: #ff8a80 } .green { fill: #7ee28f } .yellow { fill: #e3b341 }
  }
`;

/**
 * A picture of what a terminal showed, in the theme of whoever looks at it.
 *
 * @param lines without line breaks; colours as SGR sequences
 * @param title what a reader who cannot see it is told
 */
export function terminalSvg(lines: readonly string[], title: string): string {
  const columns = Math.max(...lines.map((line) => plain(line).length));
  const width = Math.ceil(columns * GLYPH_WIDTH + 2 * MARGIN);
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN;
  const texts = lines.map((line, index) => {
    const text = plain(line);
    if (text.trim() === "") return "";
    const y = MARGIN + index * LINE_HEIGHT + FONT_SIZE;
    // The length keeps columns in line where the viewer's font is wider or narrower.
    const length = (text.length * GLYPH_WIDTH).toFixed(1);
    return `<text x="${MARGIN}" y="${y}" xml:space="preserve" textLength="${length}">${
      spans(line)
    }</text>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">\n` +
    `<style>${STYLE}</style>\n` +
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>\n` +
    `${texts.join("")}</svg>\n`;
}

function spans(line: string): string {
  let classes: readonly string[] = [];
  return line.split(SGR_REGEXP).map((part, index) => {
    if (index % 2 === 1) {
      const parameters = part.split(";").flatMap((parameter) => CLASSES[parameter] ?? []);
      classes = parameters.length === 0 ? [] : [...classes, ...parameters];
      return "";
    }
    if (part === "" || classes.length === 0) return escaped(part);
    return `<tspan class="${classes.join(" ")}">${escaped(part)}</tspan>`;
  }).join("");
}

function plain(line: string): string {
  return line.split(SGR_REGEXP).filter((_, index) => index % 2 === 0).join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
