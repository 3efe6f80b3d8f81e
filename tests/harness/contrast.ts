import type { Page } from "playwright-core";

/**
 * Texts of a page that stand out less from what is behind them than WCAG 2.2
 * asks for at level AA (1.4.3: 4.5 to 1), each with its ratio.
 */
export async function faintTexts(page: Page): Promise<readonly string[]> {
  return await page.evaluate(SCRIPT) as readonly string[];
}

/** Runs in the page; a canvas knows the channels of every colour that a style sheet can name. */
const SCRIPT = `(() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, alpha, below) => top.slice(0, 3).map((value, i) => value * alpha + below[i] * (1 - alpha));
  const luminance = (colour) => colour.map((value) => value / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3)
      .map((node) => node.data).join("").trim();
    if (text === "" || !element.checkVisibility() || element.closest("script, .vh, .skip")) continue;
    const around = [];
    for (let up = element; up; up = up.parentElement) around.unshift(getComputedStyle(up));
    const behind = around.reduce((below, { backgroundColor }) => {
      const top = channels(backgroundColor);
      return over(top, top[3], below);
    }, [255, 255, 255]);
    const opacity = around.reduce((product, style) => product * Number(style.opacity), 1);
    const ink = over(channels(getComputedStyle(element).color), opacity, behind);
    const [light, dark] = [luminance(ink), luminance(behind)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) faint.push(ratio.toFixed(2) + " " + element.className + " " + text.slice(0, 40));
  }
  return faint;
})()`;
