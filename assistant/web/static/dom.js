// Building the document. All text goes in as text: nothing here, or anywhere on the page, parses HTML.

const ICONS = new URL("icons.svg", import.meta.url).href;
const SVG = "http://www.w3.org/2000/svg";
const WORDS = JSON.parse(document.getElementById("words").textContent);

// How to scroll to what has been asked for, by those who can bear to see it move.
export const scrolling = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");

export const byId = (id) => document.getElementById(id);

// A word of the page, with {values} filled in.
export function word(name, values = {}) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

// A name from outside, in which what could reorder or hide text is written out, as the server does it.
export function printable(name) {
  return name.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (one) => `\\u${one.codePointAt(0).toString(16).padStart(4, "0")}`);
}

// An element with properties (class, dir, href, onclick, ...) and children: elements, strings, or nothing.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, onclick, properties = {}) {
  return make("button", { type: "button", class: "quiet", "aria-label": label, title: label, onclick, ...properties }, icon(name));
}

// Paragraphs of an article, each laid out by its own direction, with the highlighted runs marked.
export function reading(paragraphs, properties = {}) {
  const lines = paragraphs.map((runs) =>
    make("p", { dir: "auto" }, runs.map((run) => (run.highlight ? make("mark", {}, run.text) : run.text))));
  return make("div", { class: "reading", ...properties }, lines);
}

// Title, place, date and language of an article, on one line.
export function about(article) {
  const place = article.link
    ? make("a", { href: article.link, target: "_blank", rel: "noopener noreferrer nofollow", dir: "ltr" }, article.source)
    : make("bdi", {}, article.source);
  const published = article.published ? formatDate(article.published) : word("undated");
  return [place, " · ", make("bdi", {}, published), " · ", make("bdi", {}, article.language_name)];
}

export function formatDate(day) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  return format.format(new Date(day));
}

export function formatSeconds(seconds) {
  const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: seconds < 1 ? 2 : 1 });
  return format.format(seconds < 0.01 ? 0.01 : seconds);
}

export function formatPercent(share) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(share);
}

// Browsers have a clipboard only over HTTPS and on this machine; elsewhere a selection is copied.
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = make("textarea", { class: "hidden", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// Ask for confirmation, or with `value` for a line of text. Resolves to false, or to true or the text.
export function confirm(text, yes, value = null) {
  const dialog = byId("confirm");
  const input = byId("confirm-input");
  byId("confirm-text").textContent = text;
  byId("confirm-yes").textContent = yes;
  input.hidden = value === null;
  input.value = value ?? "";
  dialog.returnValue = "";
  // No button of the form, so that Enter in the line of text means yes.
  byId("confirm-no").onclick = () => dialog.close();
  dialog.showModal();
  if (value !== null) input.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes" && (value === null || input.value.trim()));
    }, { once: true });
  });
}

export function say(text) {
  byId("status").textContent = text;
}
