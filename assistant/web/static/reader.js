// The dialog that shows an article whole, at the sentence that was cited.
import { about, byId, reading } from "./dom.js";
import { get } from "./server.js";

export function prepareReader() {
  byId("reader-close").addEventListener("click", () => byId("reader").close());
}

// `path` gives an article document; see documents.py.
export async function openArticle(path) {
  const article = await get(path);
  byId("reader-title").textContent = article.title;
  byId("reader-about").replaceChildren(...about(article));
  const body = byId("reader-text");
  body.replaceChildren(...reading(article.paragraphs).children);
  byId("reader").showModal();
  const highlight = body.querySelector("mark");
  body.scrollTop = 0;
  if (highlight) highlight.scrollIntoView({ block: "center" });
  body.focus({ preventScroll: true });
}
