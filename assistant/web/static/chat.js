// The conversation that is open: asking, stopping, asking anew.
import { byId, make, say, scrolling, word } from "./dom.js";
import { preferences } from "./preferences.js";
import { get, resume, send, ServerError, stream } from "./server.js";
import { showSources } from "./sources.js";
import { TurnView } from "./turn.js";

const STOP_MILLISECONDS = 500;

const thread = byId("thread");
const question = byId("question");
let conversation = null;
let isStored = false;
let views = [];
let asking = null;
let onChange = () => {};

export const current = () => conversation;

// `changed` is called when a question is on its way, and when that has ended.
export function prepareChat(changed) {
  onChange = changed;
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

// Stop the answer that is being made, wherever its question was asked from.
async function stop() {
  if (!asking) return;
  const { path, controller } = asking;
  try {
    await send("DELETE", path);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
  }
  // The answer's last word says that it has stopped; where none comes, because the network is down, nobody waits for it.
  setTimeout(() => controller.abort(), STOP_MILLISECONDS);
}

// Open a conversation by its id, or an empty one, also where the id's is gone. An answer that is being made here goes on
// without us.
export async function open(id) {
  asking?.controller.abort();
  asking = null;
  show(false);
  conversation = id;
  views = [];
  const found = id ? await getUnlessGone(pathOf(id)) : { turns: [], asking: null };
  // Somebody may have opened another meanwhile.
  if (conversation !== id || views.length) return;
  if (!found) {
    forget();
    await welcome();
    return;
  }
  const { turns, asking: pending, unanswered } = found;
  isStored = turns.length > 0;
  thread.replaceChildren();
  for (const turn of turns) if (pending?.replaces == null || turn.id < pending.replaces) add(turn.question).finish(turn);
  showSources(views.at(-1)?.turn ?? null, views.at(-1)?.element);
  if (pending) comeBack(add(pending.question));
  else if (unanswered) add(unanswered.question).fail(unanswered.reason || word("stopped"));
  else if (!turns.length) await welcome();
  views.at(-1)?.element.scrollIntoView({ block: "start", behavior: "instant" });
}

// Show what other tabs have said in the open conversation meanwhile.
export async function refresh() {
  if (asking || !isStored) return;
  const id = conversation;
  const found = await getUnlessGone(pathOf(id));
  if (asking || conversation !== id) return;
  if (!found) {
    forget();
    onChange();
    await welcome();
    return;
  }
  const { turns, asking: pending } = found;
  const shown = views.filter((view) => view.turn).map((view) => view.turn.id);
  const isSame = !pending && String(turns.map((turn) => turn.id)) === String(shown);
  if (!isSame) await open(id);
}

async function getUnlessGone(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

// The open conversation is not there any more: say so, and let the next question begin another.
function forget() {
  conversation = null;
  isStored = false;
  views = [];
  showSources(null);
  thread.replaceChildren(make("p", { class: "notice" }, word("gone")));
  say(word("gone"));
}

async function welcome() {
  const { articles, examples } = await get("page/welcome");
  if (views.length || thread.querySelector(".welcome")) return;
  const buttons = examples.map((text) =>
    make("li", {}, make("button", { type: "button", onclick: () => ask(text) }, make("span", { dir: "auto" }, text))));
  thread.append(make("section", { class: "welcome" },
    make("h2", {}, word("welcome")),
    make("p", {}, articles ? word("welcome_text") : word("welcome_empty")),
    articles ? make("p", { class: "count" }, word("articles_count", { n: articles })) : "",
    articles ? "" : make("a", { class: "button", href: "#/library" }, word("open_library")),
    buttons.length ? make("h3", {}, word("examples")) : "",
    make("ul", { class: "examples" }, buttons)));
}

function add(text) {
  thread.querySelector(".welcome")?.remove();
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
  const begins = !isStored;
  conversation ??= newId();
  const view = add(text);
  const body = { question: text, conversation, begins, replaces, ...preferences() };
  const failure = await follow(view, (signal) => stream("page/ask", body, signal));
  // Another tab has deleted the conversation; the question is asked all the same.
  if (failure?.status === 404 && !begins && conversation === body.conversation) {
    forget();
    await ask(text);
  }
}

async function comeBack(view) {
  const id = conversation;
  const failure = await follow(view, (signal) => resume(`${pathOf(id)}/answer`, signal));
  // It may have been answered since the conversation was read.
  if (failure?.status === 404 && conversation === id) await open(id);
}

// Show an answer as it is made. Gives the failure that it shows instead, if any.
async function follow(view, begin) {
  const mine = { path: `${pathOf(conversation)}/answer`, controller: new AbortController() };
  asking = mine;
  show(true);
  // What is shown there belongs to an answer before; on a phone it even stands within it.
  showSources(null);
  view.begin();
  view.element.scrollIntoView({ block: "start", behavior: scrolling() });
  onChange();
  try {
    let isHeard = false;
    for await (const event of begin(mine.controller.signal)) {
      if (asking !== mine) continue;
      take(view, event);
      if (!isHeard) onChange();
      isHeard = true;
    }
    if (asking === mine && !view.isEnded) throw new ServerError(word("offline"));
    return null;
  } catch (error) {
    // Whoever has turned to another conversation has left this view.
    if (asking !== mine) return null;
    const isKnown = error instanceof ServerError || error instanceof TypeError;
    if (!isKnown && error.name !== "AbortError") throw error;
    view.fail(isKnown ? error.message : word("stopped"));
    return error;
  } finally {
    if (asking === mine) {
      asking = null;
      show(false);
      // On a phone, the keyboard would hide the answer.
      if (matchMedia("(pointer: fine)").matches) question.focus({ preventScroll: true });
      onChange();
    }
  }
}

function take(view, event) {
  if (event.type === "error") throw new ServerError(event.message);
  if (event.type === "stopped") {
    view.fail(word("stopped"));
  } else if (event.type === "finished") {
    isStored = true;
    view.finish(event.turn);
    showSources(event.turn, view.element);
    say(event.turn.plain);
  } else {
    view.take(event);
  }
}

const pathOf = (id) => `page/conversations/${encodeURIComponent(id)}`;

// Made here, so that an answer can be stopped or come back to before the server has said anything of it.
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function show(busy) {
  byId("ask").hidden = busy;
  byId("stop").hidden = !busy;
  thread.setAttribute("aria-busy", String(busy));
}

function grow() {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight + 2}px`;
}
