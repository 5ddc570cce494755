// The library: find, read, add, remove, rebuild.
import { about, byId, confirm, formatPercent, make, printable, word } from "./dom.js";
import { openArticle } from "./reader.js";
import { get, send, ServerError, stream, upload } from "./server.js";

const AT_ONCE = 2;
const STEP = 100;
const LOOK_AGAIN_MILLISECONDS = 5000;
let waiting = [];
let running = 0;
let listed = STEP;
let drawn = "";
let drawing = 0;

export function prepareLibrary() {
  byId("files").addEventListener("change", (event) => {
    addFiles(event.target.files);
    event.target.value = "";
  });
  prepareDropping();
  byId("address").addEventListener("submit", (event) => {
    event.preventDefault();
    const url = byId("url").value.trim();
    byId("url").value = "";
    enqueue(url, (take) => takeAll("page/articles/url", { url }, take));
  });
  let typing;
  byId("find").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(drawLibrary, 150);
  });
  byId("find-language").addEventListener("change", drawLibrary);
  byId("more").addEventListener("click", () => {
    listed += STEP;
    drawLibrary();
  });
  setInterval(() => {
    if (!byId("view-library").hidden && !document.hidden) drawLibrary();
  }, LOOK_AGAIN_MILLISECONDS);
  byId("rebuild").addEventListener("click", async () => {
    if (await confirm(word("rebuild_confirm"), word("rebuild"))) enqueue(word("rebuild"), (take) => takeAll("page/rebuild", {}, take));
  });
}

// Files may be dropped anywhere: a browser would show the file in place of the page where nobody takes it.
function prepareDropping() {
  const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const target = byId("drop");
  addEventListener("dragover", (event) => {
    if (!bringsFiles(event)) return;
    event.preventDefault();
    target.classList.add("over");
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) target.classList.remove("over"); });
  addEventListener("drop", (event) => {
    target.classList.remove("over");
    if (!bringsFiles(event)) return;
    event.preventDefault();
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === "file");
    for (const item of items) addDropped(item.getAsFile(), item.webkitGetAsEntry()?.isDirectory);
    location.hash = "#/library";
  });
}

function addDropped(file, isFolder) {
  if (isFolder) enqueue(file.name, async () => { throw new ServerError(word("is_folder")); });
  else addFiles([file]);
}

function addFiles(files) {
  for (const file of files) enqueue(file.name, (take) => upload(`page/articles/file?name=${encodeURIComponent(file.name)}`, file, take));
}

async function takeAll(path, body, take) {
  for await (const event of stream(path, body)) take(event);
}

function enqueue(name, start) {
  const view = new Job(printable(name));
  byId("jobs").prepend(view.element);
  waiting.push({ view, start });
  next();
}

async function next() {
  if (running >= AT_ONCE || !waiting.length) return;
  const { view, start } = waiting.shift();
  running += 1;
  try {
    await start((event) => view.take(event));
  } catch (error) {
    if (!(error instanceof ServerError || error instanceof TypeError)) throw error;
    view.fail(error.message);
  } finally {
    running -= 1;
    drawLibrary();
    next();
  }
}

class Job {
  constructor(name) {
    this.state = make("span", { class: "state" }, word("waiting"));
    this.bar = make("progress", { "aria-label": name });
    this.element = make("li", {}, make("span", { class: "name", dir: "auto" }, name), this.state, this.bar);
  }

  take(event) {
    if (event.type === "error") this.fail(event.message);
    if (event.type === "progress") {
      this.state.textContent = word(event.stage);
      if (event.total > 1) {
        this.bar.max = event.total;
        this.bar.value = event.done;
        this.state.textContent += event.stage === "uploading" ? ` ${formatPercent(event.done / event.total)}` : ` ${event.done}/${event.total}`;
      }
    }
    if (event.type === "done") this.finish(event);
  }

  finish(event) {
    if (event.problems?.length && !event.added && !event.unchanged) {
      this.fail(...event.problems);
      return;
    }
    this.bar.remove();
    this.element.className = "done";
    if (event.passages !== undefined) this.state.textContent = word("rebuilt", { n: event.passages });
    else if (event.added > 1) this.state.textContent = word("added_rows", { n: event.added });
    else this.state.textContent = event.added ? word("added") : word("unchanged");
    for (const problem of event.problems ?? []) this.element.append(make("p", { class: "reason", dir: "auto" }, problem));
  }

  fail(...reasons) {
    this.bar.remove();
    this.element.className = "failed";
    this.state.textContent = word("failed");
    this.element.append(...reasons.map((reason) => make("p", { class: "reason", dir: "auto" }, reason)));
  }
}

export async function drawLibrary() {
  const chosen = byId("find-language").value;
  const query = new URLSearchParams({ query: byId("find").value, language: chosen, count: listed });
  const mine = (drawing += 1);
  const library = await get(`page/articles?${query}`);
  // Answers may come in another order than they were asked for.
  if (mine !== drawing) return;
  // Others change the library too; what is as it was is not drawn anew, and keeps its focus.
  const state = JSON.stringify(library);
  if (state === drawn) return;
  drawn = state;
  const { total, found, articles, languages } = library;
  byId("found").textContent = word("found_of", { found, total });
  byId("find-language").replaceChildren(...languageOptions(languages, chosen));
  byId("articles").replaceChildren(...(articles.length ? articles.map(row) : [make("li", { class: "nothing" }, word("no_articles"))]));
  byId("more").hidden = articles.length >= found;
}

// The choices of a language, "any" first.
export function languageOptions(languages, chosen) {
  const any = make("option", { value: "" }, word("any_language"));
  return [any, ...languages.map(({ code, name }) => make("option", { value: code, selected: code === chosen }, name))];
}

function row(article) {
  const path = `page/articles/${article.id}`;
  const remove = async () => {
    if (!(await confirm(word("remove_confirm", { title: article.title }), word("remove")))) return;
    await send("DELETE", path);
    await drawLibrary();
  };
  return make("li", {},
    make("button", { type: "button", class: "title", onclick: () => openArticle(path) }, make("span", { dir: "auto" }, article.title)),
    make("p", { class: "about" }, about(article), " · ", make("bdi", {}, `${word("passages")}: ${article.passages}`)),
    make("button", { type: "button", class: "remove", onclick: remove, "aria-label": `${word("remove")}: ${article.title}` }, word("remove")));
}
