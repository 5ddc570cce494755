// The panel of sources: for each citation its article, and the passage with the quoted sentence highlighted.
import { about, byId, copy, icon, make, reading, scrolling, word } from "./dom.js";
import { openArticle } from "./reader.js";

const narrow = matchMedia("(max-width: 48rem)");
let shown = null;

// Show the sources of a turn. On a phone the panel stands under its answer.
export function showSources(turn, element) {
  shown = turn ? { turn, element } : null;
  const sources = turn?.sources.length ? turn.sources : turn?.closest ?? [];
  const title = turn && !turn.sources.length && turn.closest.length ? word("closest") : word("sources");
  byId("panel").replaceChildren(
    make("h2", {}, title),
    ...(sources.length ? sources.map(card) : [make("p", { class: "nothing" }, word("no_sources"))]),
  );
  place();
}

export function place() {
  const home = narrow.matches ? shown?.element ?? byId("sources") : byId("sources");
  if (byId("panel").parentElement !== home) home.append(byId("panel"));
}

// Light the source of a mark and bring it into view; null lights none.
export function lightSource(number, { scroll = true } = {}) {
  for (const source of byId("panel").querySelectorAll(".source")) {
    const highlight = number !== null && source.dataset.number === String(number);
    source.classList.toggle("highlight", highlight);
    if (highlight && scroll) {
      source.scrollIntoView({ block: "nearest", behavior: scrolling() });
      centreQuote(source);
    }
  }
}

export const isShown = (turn) => shown?.turn.id === turn.id;

function card(source) {
  const path = `page/turns/${source.turn}/articles/${source.article.id}?start=${source.start}&end=${source.end}`;
  const button = make("button", { type: "button", class: "quiet" }, icon("copy"), word("quote"));
  button.addEventListener("click", async () => {
    await copy(source.quote);
    button.lastChild.textContent = word("copied");
  });
  const title = make("h3", { dir: "auto", title: source.article.title }, source.article.title);
  const number = source.number ? make("span", { class: "number" }, String(source.number)) : null;
  const text = reading(source.paragraphs, { lang: source.article.language, tabindex: "0", role: "group", "aria-label": source.article.title });
  const element = make("article", { class: "source", "data-number": source.number, id: source.number ? `source-${source.number}` : null, tabindex: "-1" },
    make("header", {}, number, title),
    make("p", { class: "about" }, about(source.article)),
    text,
    make("div", { class: "row" },
      make("button", { type: "button", class: "quiet", onclick: () => openArticle(path) }, icon("mark"), word("show_in_article")),
      button));
  requestAnimationFrame(() => centreQuote(element));
  return element;
}

// A long passage scrolls within its card; its quote is what should be seen.
function centreQuote(source) {
  const text = source.querySelector(".reading");
  const quote = source.querySelector("mark");
  if (quote) text.scrollTop = quote.offsetTop - text.offsetTop - (text.clientHeight - quote.offsetHeight) / 2;
}

narrow.addEventListener("change", place);
