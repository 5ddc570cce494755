// The visitor's settings: which chat model answers, from which articles.
import { byId, formatDate, make, word } from "./dom.js";
import { languageOptions } from "./library.js";
import { forgetPreferences, prefer, preferences } from "./preferences.js";
import { get, send } from "./server.js";

const FIELDS = { model: "model", k: "k", "only-language": "language", from: "published_from", to: "published_to" };
const POLL_MILLISECONDS = 700;
// States that change by themselves, the first two with progress.
const PASSING = ["downloading", "verifying", "loading"];
let polling = null;

export function prepareSettings() {
  const dialog = byId("settings");
  const open = async () => {
    await draw();
    dialog.showModal();
  };
  byId("open-settings").addEventListener("click", open);
  byId("filters").addEventListener("click", open);
  addEventListener("storage", showFilters);
  showFilters();
  byId("settings-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => clearTimeout(polling));
  for (const [id, name] of Object.entries(FIELDS)) {
    byId(id).addEventListener("change", () => {
      if (!byId(id).reportValidity()) return;
      const value = byId(id).value;
      prefer({ [name]: id === "k" ? Number(value) || null : value || (name === "model" || name === "language" ? "" : null) });
      if (id === "model") drawModels();
      showFilters();
    });
  }
  byId("reset").addEventListener("click", () => {
    forgetPreferences();
    draw();
    showFilters();
  });
}

// What keeps articles from answering is seen where one asks: else a forgotten filter looks like a library without them.
function showFilters() {
  const { language, published_from: from, published_to: to } = preferences();
  const names = new Intl.DisplayNames(document.documentElement.lang, { type: "language" });
  const parts = [
    language && `${word("filter_language")}: ${names.of(language)}`,
    from && `${word("from")}: ${formatDate(from)}`,
    to && `${word("to")}: ${formatDate(to)}`,
  ].filter(Boolean);
  byId("filters").hidden = !parts.length;
  byId("filters").textContent = parts.join(" · ");
}

async function draw() {
  const chosen = preferences();
  const [{ languages }] = await Promise.all([get("page/articles?query=&language="), drawModels()]);
  byId("only-language").replaceChildren(...languageOptions(languages, chosen.language));
  byId("k").value = chosen.k ?? "";
  byId("from").value = chosen.published_from ?? "";
  byId("to").value = chosen.published_to ?? "";
}

async function drawModels() {
  const chosen = preferences().model;
  const { default: standard, k, models } = await get("page/models");
  byId("k").placeholder = k;
  const title = (name) => (name === "extractive" ? word("extractive") : name);
  const options = models.map(({ name }) => make("option", { value: name, selected: name === chosen }, title(name)));
  byId("model").replaceChildren(make("option", { value: "" }, word("default_model", { name: title(standard) })), ...options);
  const model = models.find(({ name }) => name === (chosen || standard));
  byId("model-state").replaceChildren(...(model ? state(model) : []));
  clearTimeout(polling);
  if (model && PASSING.includes(model.state)) polling = setTimeout(drawModels, POLL_MILLISECONDS);
}

function state(model) {
  const percent = model.total ? Math.floor((100 * model.done) / model.total) : 0;
  const parts = [make("span", { role: "status", class: "state" }, word(`state_${model.state}`, { percent }))];
  // While it loads, nobody can say how far it is.
  if (PASSING.includes(model.state)) parts.push(make("progress", { max: "100", value: model.state === "loading" ? null : String(percent), "aria-label": model.name }));
  if (model.description) parts.push(make("span", { class: "line", dir: "auto" }, model.description));
  if (model.can_pull && !PASSING.includes(model.state)) {
    const pull = async () => {
      await send("POST", `page/models/${encodeURIComponent(model.name)}/pull`);
      await drawModels();
    };
    parts.push(make("button", { type: "button", onclick: pull }, word("pull")));
  }
  if (model.remedy && model.state !== "not pulled") parts.push(make("span", { class: "line", dir: "auto" }, model.remedy));
  return parts;
}
