"use strict";
// Keys press what is on the page; the next picture is fetched while this one is looked at.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!pressed || event.repeat) return;
  event.preventDefault();
  pressed.click();
});
// A double click is one decision; a page that comes back by the back button may be sent again.
let sent = false;
addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => (sent = false));
for (const opener of document.querySelectorAll("[data-open]")) {
  opener.addEventListener("click", () => {
    const details = document.getElementById(opener.dataset.open);
    details.open = true;
    details.querySelector("form button").focus();
  });
}
const retake = document.querySelector("#retake form");
if (retake) {
  retake.addEventListener("input", () => {
    const said = [...retake.querySelectorAll("[name=reason]:checked")].map((one) => one.dataset.words);
    const more = retake.querySelector("[name=why]").value.trim();
    const output = retake.querySelector("output");
    output.textContent = [...said, ...(more ? [more] : [])].join(output.dataset.between);
  });
}
const following = document.getElementById("following");
if (following) new Image().src = following.dataset.picture;
