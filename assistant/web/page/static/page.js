// What Gradio lacks. Runs before it, in every browser tab.

// The language that was chosen counts as the browser's own, so that Gradio speaks it too.
const locale = document.documentElement.lang;
Object.defineProperty(navigator, "language", { get: () => locale });
Object.defineProperty(navigator, "languages", { get: () => [locale] });
window.switchLanguage = () => { location.search = `?lang=${locale === "ar" ? "en" : "ar"}`; };

// Light or dark, as chosen here or by the system. Gradio sets the class by the system alone.
const system = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => {
  const theme = localStorage.getItem("theme") ?? (system.matches ? "dark" : "light");
  document.body.classList.toggle("dark", theme === "dark");
};
window.switchTheme = () => {
  localStorage.setItem("theme", document.body.classList.contains("dark") ? "light" : "dark");
  applyTheme();
};

// Browsers have a clipboard only over HTTPS and on this machine; elsewhere a selection is copied.
window.copyText = async (text) => {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

// Copying gives what is read, not the HTML of an answer, nor what parts the signs of HTML in a question (render.py).
// Gradio's first button copies.
addEventListener("click", (event) => {
  const button = event.target.closest?.("#chat :is(.message-buttons-left, .message-buttons-right) button");
  const buttons = button?.closest(".message-buttons");
  const message = buttons?.previousElementSibling;
  const said = message?.querySelector(".said"), asked = message?.querySelector('[data-testid="user"]');
  if (!(said || asked) || button !== buttons.querySelector("button")) return;
  event.stopImmediatePropagation();
  window.copyText(said ? [...said.children].map((line) => line.textContent).join("\n") : asked.textContent.replaceAll("\u2060", ""));
  buttons.classList.add("copied");
  setTimeout(() => buttons.classList.remove("copied"), 2000);
}, true);

// Gradio has one title for all languages.
const title = document.title;
new MutationObserver(() => { if (document.title !== title) document.title = title; })
  .observe(document.querySelector("title"), { childList: true });

// The box keeps a question until the chat shows that it is being answered: it is not lost where the server cannot be
// reached. Nothing is asked while another answer comes; Gradio knows that of one that was asked in the box, but not of others.
const isAnswering = () => document.querySelector("#chat :is(.draft, .loading-spinner)") !== null;
let taken = null;
window.takeQuestion = (most, typed, ...others) => {
  if (isAnswering()) return ["", ...others];
  closeEditor();
  taken = [...typed].length > most ? null : typed;
  return [typed, ...others];
};
window.questionAsked = () => {
  const box = document.querySelector("#question textarea");
  // What was typed meanwhile stands behind it.
  if (taken && box.value.startsWith(taken)) {
    box.value = box.value.slice(taken.length);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  taken = null;
};

window.questionNotAsked = () => { taken = null; };

// A question that is being edited is let go of, where Gradio would go on editing what then stands in its place. The second
// of the two buttons below it does so.
const closeEditor = () => {
  document.querySelectorAll("#chat .user-row:has(textarea) + .message-buttons button")[1]?.click();
};
addEventListener("click", (event) => {
  if (event.target.closest?.("#new-chat, #conversations, #delete-yes")) closeEditor();
}, true);

// A question that is asked is seen, also where the page scrolls rather than the chat.
let asked = 0;
const showAsked = () => {
  const questions = document.querySelectorAll("#chat .user-row");
  if (questions.length > asked) questions[questions.length - 1].scrollIntoView();
  asked = questions.length;
};

// What Gradio's own HTML lacks: a list needs items, and a label should not hold the HTML of its message.
const mend = () => {
  document.querySelector("#chat .examples[role=list]")?.removeAttribute("role");
  for (const one of document.querySelectorAll("#chat [data-testid][aria-label]")) one.removeAttribute("aria-label");
};

// Files may be dropped anywhere: they go to the library's upload. A browser would show the file in place of the page,
// and Gradio's table would read it.
const dropTarget = () => document.querySelector("#upload button[aria-dropeffect]");
addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
addEventListener("drop", (event) => {
  if (!event.isTrusted || event.target.closest?.("#upload") || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  event.stopPropagation();
  const dropped = new DataTransfer();
  for (const file of event.dataTransfer.files) dropped.items.add(file);
  openTab(1);
  const hand = () => {
    const options = { dataTransfer: dropped, bubbles: false, cancelable: true };
    if (dropTarget()) dropTarget().dispatchEvent(new DragEvent("drop", options));
    else setTimeout(hand, 50);
  };
  hand();
}, true);

// Tabs are changed by the arrow keys too, as who cannot see them expects.
addEventListener("keydown", (event) => {
  const tabs = [...document.querySelectorAll('#tabs [role="tab"]')], at = tabs.indexOf(event.target);
  const step = document.dir === "rtl" ? -1 : 1;
  const to = { ArrowRight: at + step, ArrowLeft: at - step, Home: 0, End: -1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  tabs.at(to % tabs.length).click();
  tabs.at(to % tabs.length).focus();
});

// Shortcuts; render.py lists them for the visitor.
const openTab = (number) => document.querySelectorAll('#tabs [role="tab"]')[number]?.click();
const focusOn = (selector, tries = 30) => {
  const found = document.querySelector(selector);
  found?.focus();
  // A tab that was just opened is not shown yet.
  if (found !== document.activeElement && tries) requestAnimationFrame(() => focusOn(selector, tries - 1));
};
window.focusOn = focusOn;
const SHORTCUTS = {
  "/": () => { openTab(0); focusOn("#question textarea"); },
  "?": () => document.querySelector("#keys").click(),
  "Alt+KeyN": () => { openTab(0); document.querySelector("#new-chat").click(); focusOn("#question textarea"); },
  "Alt+KeyK": () => {
    if (!document.querySelector("#history.open")) document.querySelector("#history .toggle-button")?.click();
    focusOn("#find-conversation input, #find-conversation textarea");
  },
  "Alt+Digit1": () => openTab(0),
  "Alt+Digit2": () => openTab(1),
  "Alt+Digit3": () => openTab(2),
};
addEventListener("keydown", (event) => {
  const isOverlaid = document.querySelector("dialog:modal") !== null;
  if (event.key === "Escape" && isAnswering() && !isOverlaid) document.querySelector("#question .stop-button")?.click();
  const isTyping = event.target.matches?.("input, textarea, [contenteditable]");
  if (event.ctrlKey || event.metaKey || (isTyping && !event.altKey)) return;
  const act = SHORTCUTS[event.altKey ? `Alt+${event.code}` : event.key.replace("؟", "?")];
  if (!act) return;
  event.preventDefault();
  act();
});

addEventListener("DOMContentLoaded", () => {
  applyTheme();
  system.addEventListener("change", applyTheme);
  new MutationObserver(applyTheme).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  new MutationObserver(() => {
    mend();
    showAsked();
    if (taken !== null && isAnswering()) window.questionAsked();
  }).observe(document.body, { childList: true, subtree: true });
});
