// The list of conversations.
import { current } from "./chat.js";
import { byId, confirm, iconButton, make, word } from "./dom.js";
import { get, send } from "./server.js";

const LOOK_AGAIN_MILLISECONDS = 2000;
let looking = null;
let drawn = "";

export async function drawHistory() {
  const conversations = await get("page/conversations");
  clearTimeout(looking);
  // The answer of the open conversation is seen as it comes; those of others are looked for.
  if (conversations.some(({ id, waits }) => waits === "asking" && id !== current())) looking = setTimeout(drawHistory, LOOK_AGAIN_MILLISECONDS);
  const state = JSON.stringify([current(), conversations]);
  if (state === drawn) return;
  drawn = state;
  const rows = conversations.map(row);
  byId("conversations").replaceChildren(...(rows.length ? rows : [make("li", { class: "nothing" }, word("no_conversations"))]));
}

function row(conversation) {
  const path = `page/conversations/${conversation.id}`;
  const isCurrent = conversation.id === current();
  const rename = async () => {
    const title = await confirm(word("rename_prompt"), word("save"), conversation.title);
    if (!title) return;
    await send("PATCH", path, { title });
    await drawHistory();
  };
  const remove = async () => {
    if (!(await confirm(word("delete_conversation"), word("delete")))) return;
    await send("DELETE", path);
    if (isCurrent) location.hash = "#/chat";
    else await drawHistory();
  };
  const download = (form) => make("a", { class: "quiet", href: `${path}/export?form=${form}`, download: true, "aria-label": `${word("export")}: ${word(`export_${form}`)}`, title: `${word("export")}: ${word(`export_${form}`)}` }, form === "md" ? "MD" : "JSON");
  return make("li", { class: isCurrent ? "current" : null },
    make("a", { href: `#/chat/${conversation.id}`, "aria-current": isCurrent ? "page" : null, dir: "auto", title: conversation.title }, conversation.title),
    conversation.waits
      ? make("span", { class: `waits ${conversation.waits}` }, make("span", { class: "dot" }), word(`waits_${conversation.waits}`))
      : make("span", { class: "acts" },
        download("md"), download("json"),
        iconButton("edit", word("rename"), rename),
        iconButton("trash", word("delete"), remove)));
}
