// One question and its answer, as it is being made and when it is done.
import { byId, copy, formatSeconds, icon, iconButton, make, say, word } from "./dom.js";
import { send } from "./server.js";
import { isShown, lightSource, showSources } from "./sources.js";

const BADGES = { checked: "check", quoted: "quote", not_found: "none", reply: "check" };
const STEPS = { wait: "step_wait", rewrite: "step_rewrite", search: "step_search", write: "step_write", check: "step_check" };

const PATIENCE_MILLISECONDS = 2500;

export class TurnView {
  constructor(question, actions) {
    this.question = question;
    this.actions = actions;
    this.turn = null;
    this.isEnded = false;
    this.asked = make("div", { class: "asked" }, make("p", { dir: "auto" }, question));
    this.body = make("div", { class: "body" });
    this.element = make("article", { class: "turn" }, this.asked, this.body);
  }

  // -- While the answer is being made

  begin() {
    this.isEnded = false;
    this.step = make("p", { class: "step" }, make("span", { class: "dot" }), make("span", {}, word("step_search")));
    this.draft = make("p", { class: "said draft", dir: "auto" });
    // The step stands where the facts will, so that the text stays in its place.
    this.body.replaceChildren(this.draft, this.step);
  }

  take(event) {
    clearTimeout(this.patience);
    if (event.type === "token") {
      if (!this.draft.textContent) this.tell(word("step_write"));
      this.draft.append(event.text);
    }
    if (event.type === "step") this.tell(word(STEPS[event.name]));
    // A local model that has to start takes seconds to write its first word.
    if (event.type === "step" && event.name === "write") this.patience = setTimeout(() => this.tell(word("step_start")), PATIENCE_MILLISECONDS);
    if (event.type === "retrieved") this.tell(word("step_read", { n: event.passages }));
  }

  tell(text) {
    this.step.lastChild.textContent = text;
    say(text);
  }

  fail(message) {
    this.isEnded = true;
    clearTimeout(this.patience);
    this.body.replaceChildren(
      make("p", { class: "failure", dir: "auto", role: "alert" }, message),
      make("div", { class: "acts" }, this.retryButton(), this.editButton()));
  }

  // -- When it is there

  finish(turn) {
    this.isEnded = true;
    clearTimeout(this.patience);
    this.turn = turn;
    const lines = turn.lines.map((runs) => make("p", { dir: "auto" }, this.runs(runs)));
    this.body.replaceChildren(
      make("div", { class: "said", lang: turn.language }, lines),
      this.facts(turn),
      turn.notes.length ? make("ul", { class: "notes" }, turn.notes.map((note) => make("li", { dir: "auto" }, note))) : "",
      this.acts(turn));
    // Keyboard focus may be anywhere in the answer; the panel follows it.
    this.element.addEventListener("focusin", () => { if (!isShown(turn)) showSources(turn, this.element); });
    this.element.addEventListener("click", () => { if (!isShown(turn)) showSources(turn, this.element); });
  }

  // A mark stays on the line of the word it stands behind.
  runs(runs) {
    return runs.map((run, at) => {
      if (run.mark) return this.mark(run.mark);
      return runs[at + 1]?.mark ? run.text.replace(/ $/, "\u00a0") : run.text;
    });
  }

  mark(number) {
    const light = (scroll) => {
      if (!isShown(this.turn)) showSources(this.turn, this.element);
      lightSource(number, { scroll });
    };
    const link = make("a", { class: "cite", href: `#source-${number}`, "aria-label": word("cite", { n: number }) }, `[${number}]`);
    link.addEventListener("mouseenter", (event) => { if (event.sourceCapabilities?.firesTouchEvents !== true) light(true); });
    link.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      light(true);
      byId(`source-${number}`).focus({ preventScroll: true });
    });
    return link;
  }

  facts(turn) {
    const help = word(`${turn.verdict}_help`, { model: turn.model });
    return make("p", { class: "facts" },
      make("span", { class: `badge ${turn.verdict}`, title: help }, icon(BADGES[turn.verdict]), word(turn.verdict)),
      make("span", {}, word("seconds", { n: formatSeconds(turn.seconds) })),
      // A refusal says so itself.
      turn.verdict === "not_found" ? "" : make("span", {}, help),
      turn.left_out ? make("span", { class: "left-out" }, word("left_out", { n: turn.left_out })) : "",
      turn.searched ? make("span", { class: "searched", dir: "auto", title: turn.searched }, word("searched_for", { q: turn.searched })) : "");
  }

  acts(turn) {
    const done = make("span", { class: "done", role: "status" });
    const copying = iconButton("copy", word("copy"), async () => {
      await copy(turn.plain);
      done.textContent = word("copied");
    });
    const good = iconButton("good", word("good"), () => this.rate(1), { "aria-pressed": String(turn.rating === 1) });
    const bad = iconButton("bad", word("bad"), () => this.rate(-1), { "aria-pressed": String(turn.rating === -1) });
    this.ratings = { good, bad, done };
    return make("div", { class: "acts" }, copying, this.retryButton(), this.editButton(), good, bad, done);
  }

  retryButton() {
    return iconButton("retry", word("retry"), () => this.actions.again(this, this.question));
  }

  editButton() {
    return iconButton("edit", word("edit"), () => this.edit());
  }

  edit() {
    const before = [...this.asked.children];
    const text = make("textarea", { rows: "2", maxlength: "2000", dir: "auto", "aria-label": word("ask_label") });
    text.value = this.question;
    const cancel = () => this.asked.replaceChildren(...before);
    const form = make("form", {}, text, make("div", { class: "row" },
      make("button", { type: "button", onclick: cancel }, word("cancel")),
      make("button", { class: "primary" }, word("ask"))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (text.value.trim()) this.actions.again(this, text.value.trim());
    });
    this.asked.replaceChildren(form);
    text.focus();
  }

  async rate(rating) {
    const chosen = this.turn.rating === rating ? 0 : rating;
    await send("POST", `page/turns/${this.turn.id}/feedback`, { rating: chosen, comment: this.turn.comment });
    this.turn.rating = chosen;
    this.ratings.good.setAttribute("aria-pressed", String(chosen === 1));
    this.ratings.bad.setAttribute("aria-pressed", String(chosen === -1));
    this.body.querySelector(".feedback")?.remove();
    if (chosen) this.body.append(this.commentForm());
  }

  commentForm() {
    const input = make("input", { type: "text", maxlength: "2000", dir: "auto", placeholder: word("comment"), "aria-label": word("comment") });
    input.value = this.turn.comment;
    const form = make("form", { class: "feedback" }, input, make("button", {}, word("send")));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await send("POST", `page/turns/${this.turn.id}/feedback`, { rating: this.turn.rating, comment: input.value });
      this.turn.comment = input.value;
      form.remove();
      this.ratings.done.textContent = word("thanks");
    });
    return form;
  }
}
