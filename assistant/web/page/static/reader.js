// The dialog over the page. Gradio gives its element and its value.
window.connectReader = ({ element, props, watch }) => {
  // Opens when it is given something to show, at what is marked in it, and forgets it when it is closed.
  const dialog = element.querySelector("dialog");

  watch("value", () => {
    const shown = element.querySelector("dialog");
    if (shown.matches(":modal")) {
      // Gradio has drawn it anew, without the attribute; a dialog that lacks it does not close.
      shown.open = true;
      shown.close();
    }
    if (!props.value.html) return;
    shown.showModal();
    const mark = shown.querySelector("mark");
    if (mark) mark.scrollIntoView({ block: "center" });
    shown.querySelector(".reading")?.focus({ preventScroll: true });
  });
  dialog.addEventListener("close", () => { props.value = { ...props.value, html: "" }; });
  element.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-link]");
    if (!button) return;
    await window.copyText(new URL(button.dataset.copyLink, document.baseURI).href);
    button.textContent = button.dataset.done;
  });
};
