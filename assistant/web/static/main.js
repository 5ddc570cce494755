// Starts the page, and shows what the address says: #/chat, #/chat/ID or #/library.
import { current, open, prepareChat, refresh } from "./chat.js";
import { byId, make } from "./dom.js";
import { drawHistory } from "./history.js";
import { drawLibrary, prepareLibrary } from "./library.js";
import { prepareReader } from "./reader.js";
import { ServerError } from "./server.js";
import { prepareSettings } from "./settings.js";

const LAST = "conversation";
let isShown = false;

async function show() {
  const [, view, id] = location.hash.split("/");
  const inLibrary = view === "library";
  document.body.dataset.view = inLibrary ? "library" : "chat";
  byId("view-chat").hidden = inLibrary;
  byId("view-library").hidden = !inLibrary;
  byId("tab-chat").toggleAttribute("aria-current", !inLibrary);
  byId("tab-library").toggleAttribute("aria-current", inLibrary);
  closeMenu();
  if (inLibrary) {
    await drawLibrary();
    return;
  }
  if (!isShown || (id ?? null) !== current()) {
    await open(id ?? null);
    remember();
  }
  isShown = true;
  await drawHistory();
}

// The address names the conversation from its first question on, so that a reload finds it.
function remember() {
  const place = current() ? `#/chat/${current()}` : "#/chat";
  sessionStorage.setItem(LAST, current() ?? "");
  byId("tab-chat").href = place;
  if (byId("view-library").hidden) history.replaceState(null, "", place);
}

async function changed() {
  remember();
  await drawHistory();
}

function closeMenu() {
  byId("history").classList.remove("open");
  byId("menu").setAttribute("aria-expanded", "false");
}

prepareChat(changed);
prepareLibrary();
prepareReader();
prepareSettings();
byId("menu").addEventListener("click", () => {
  const opened = byId("history").classList.toggle("open");
  byId("menu").setAttribute("aria-expanded", String(opened));
});
byId("talk").addEventListener("pointerdown", closeMenu);
addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenu(); });
byId("new-chat").addEventListener("click", async () => {
  history.replaceState(null, "", "#/chat");
  byId("tab-chat").href = "#/chat";
  isShown = false;
  await show();
  byId("question").focus();
});
addEventListener("hashchange", show);
addEventListener("focus", async () => {
  if (byId("view-chat").hidden) return;
  await refresh();
  await drawHistory();
});
addEventListener("unhandledrejection", (event) => {
  // What no part of the page expected is still shown, once, where everybody sees it. A server that is gone is no
  // mistake of the page's, so the console need not tell it again.
  if (event.reason instanceof ServerError) event.preventDefault();
  if (!document.querySelector(".outage")) {
    document.body.prepend(make("p", { class: "outage failure", role: "alert", dir: "auto" }, String(event.reason?.message ?? event.reason)));
  }
});
if (!location.hash && sessionStorage.getItem(LAST)) history.replaceState(null, "", `#/chat/${sessionStorage.getItem(LAST)}`);
show();
