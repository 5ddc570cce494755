"use strict";
const field = document.getElementById("search");
const shown = document.getElementById("shown");
const cards = Array.from(document.querySelectorAll("details[data-failure]"));
const words = cards.map((card) => card.textContent.toLocaleLowerCase());
function search() {
  const wanted = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  cards.forEach((card, position) => {
    card.hidden = !wanted.every((word) => words[position].includes(word));
    count += card.hidden ? 0 : 1;
  });
  shown.textContent = `${count} of ${cards.length}`;
}
if (field) field.addEventListener("input", search);
