// The panel of sources. Gradio gives its element, its value and what triggers its events.
window.connectSources = ({ element, props, trigger, watch }, events) => {
  // Citation marks in the chat light their source here; one of another answer is fetched first.
  let wanted = null;

  const centre = (card) => {
    const text = card.querySelector(".reading"), quote = card.querySelector("mark");
    if (text && quote) text.scrollTop = quote.offsetTop - text.offsetTop - (text.clientHeight - quote.offsetHeight) / 2;
  };

  const light = ({ number, focus }) => {
    for (const card of element.querySelectorAll(".source")) {
      const isWanted = card.dataset.number === number;
      card.classList.toggle("highlight", isWanted);
      if (!isWanted) continue;
      card.scrollIntoView({ block: "nearest" });
      centre(card);
      if (focus) card.focus({ preventScroll: true });
    }
  };

  const follow = (event, focus) => {
    const mark = event.target.closest?.("#chat a.cite");
    if (!mark) return;
    if (focus) event.preventDefault();
    const [, turn, number] = mark.hash.match(/^#source-(\d+)-(\d+)$/);
    wanted = { number, focus };
    if (String(props.value.turn) === turn) light(wanted);
    else trigger("cite", { turn: Number(turn) });
  };
  document.addEventListener("click", (event) => follow(event, true), true);
  document.addEventListener("mouseover", (event) => follow(event, false));

  // Links of an answer that act: show another version of it, let others read it by a link, or not any more.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.act");
    const [, act, turn] = link?.hash.match(/^#([a-z]+)-(\d+)$/) ?? [];
    if (!events.includes(act)) return;
    event.preventDefault();
    trigger(act, { turn: Number(turn) });
  }, true);

  element.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.article) {
      const { turn, article, start, end } = button.dataset;
      trigger("read", { turn: Number(turn), article, start: Number(start), end: Number(end) });
    } else if (button?.dataset.copy) {
      await window.copyText(button.dataset.copy);
      button.textContent = button.dataset.done;
    }
  });

  watch("value", () => {
    element.querySelectorAll(".source").forEach(centre);
    if (wanted) light(wanted);
    wanted = null;
  });

  // Another tab may have gone on with the conversation, or deleted it.
  addEventListener("focus", () => trigger("look"));
};
