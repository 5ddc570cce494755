// The conversation that is open: asking, stopping, asking anew.
import { byId, make, say, word } from "./dom.js";
import { preferences } from "./preferences.js";
import { get, ServerError, stream } from "./server.js";
import { showSources } from "./sources.js";
import { TurnView } from "./turn.js";

const thread = byId("thread");
const question = byId("question");
let conversation = null;
let views = [];
let asking = null;
let onAnswered = () => {};

export const current = () => conversation;

export function prepareChat(answered) {
  onAnswered = answered;
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = question.value.trim();
    if (!text || asking) return;
    question.value = "";
    grow();
    ask(text);
  });
  byId("stop").addEventListener("click", stop);
  question.addEventListener("input", grow);
  question.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      byId("composer").requestSubmit();
    }
    if (event.key === "Escape") stop();
  });
}

export function stop() {
  asking?.abort();
}

// Open a conversation by its id, or an empty one.
export async function open(id) {
  stop();
  const turns = id ? await get(`page/conversations/${encodeURIComponent(id)}`) : [];
  conversation = id;
  views = [];
  thread.replaceChildren();
  for (const turn of turns) add(turn.question).finish(turn);
  showSources(turns.at(-1) ?? null, views.at(-1)?.element);
  if (turns.length) thread.scrollTop = thread.scrollHeight;
  else await welcome();
}

async function welcome() {
  const { articles, examples } = await get("page/welcome");
  if (views.length) return;
  const buttons = examples.map((text) =>
    make("li", {}, make("button", { type: "button", onclick: () => ask(text) }, make("span", { dir: "auto" }, text))));
  thread.replaceChildren(make("section", { class: "welcome" },
    make("h2", {}, word("welcome")),
    make("p", {}, articles ? word("welcome_text") : word("welcome_empty")),
    articles ? make("p", { class: "count" }, word("articles_count", { n: articles })) : "",
    articles ? "" : make("a", { class: "button", href: "#/library" }, word("open_library")),
    buttons.length ? make("h3", {}, word("examples")) : "",
    make("ul", { class: "examples" }, buttons)));
}

function add(text) {
  if (!views.length) thread.replaceChildren();
  const view = new TurnView(text, { again });
  views.push(view);
  thread.append(view.element);
  return view;
}

// Ask a turn's question once more, perhaps in other words: it and what came after it give way.
function again(view, text) {
  if (asking) return;
  const at = views.indexOf(view);
  const replaced = views.splice(at);
  // The panel may stand within what is removed.
  showSources(null);
  for (const gone of replaced) gone.element.remove();
  const first = replaced.find((gone) => gone.turn);
  ask(text, first ? first.turn.id : null);
}

async function ask(text, replaces = null) {
  if (asking) return;
  const view = add(text);
  view.begin();
  asking = new AbortController();
  show(true);
  view.element.scrollIntoView({ block: "start", behavior: "smooth" });
  try {
    const body = { question: text, conversation, replaces, ...preferences() };
    for await (const event of stream("page/ask", body, asking.signal)) {
      if (event.type === "error") throw new ServerError(event.message);
      if (event.type !== "finished") {
        view.take(event);
        continue;
      }
      conversation = event.conversation;
      view.finish(event.turn);
      showSources(event.turn, view.element);
      say(event.turn.plain);
      onAnswered();
    }
    if (!view.turn) throw new ServerError(word("offline"));
  } catch (error) {
    if (error.name === "AbortError") view.fail(word("stopped"));
    else if (error instanceof ServerError || error instanceof TypeError) view.fail(error.message);
    else throw error;
  } finally {
    asking = null;
    show(false);
  }
}

function show(busy) {
  byId("ask").hidden = busy;
  byId("stop").hidden = !busy;
  thread.setAttribute("aria-busy", String(busy));
  if (!busy && matchMedia("(pointer: fine)").matches) question.focus({ preventScroll: true });
}

function grow() {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight + 2}px`;
}
