"use strict";
// The answer comes into the page as it stands: so the file that was tried stays chosen, and
// "hand in" (a button of the same form, within the answer) sends that one. Without this script
// the page is loaded anew and the file is chosen once more.
const answer = document.getElementById("answer");
for (const form of document.querySelectorAll("form[enctype]")) {
  const button = form.querySelector("button");
  const words = button.textContent;
  form.addEventListener("change", () => answer.replaceChildren());
  form.addEventListener("submit", async (event) => {
    if (event.submitter && event.submitter !== button) {
      setTimeout(() => { event.submitter.disabled = true; }); // once, and sent before that
      return;
    }
    event.preventDefault();
    button.disabled = true;
    button.textContent = form.dataset.busy;
    answer.replaceChildren();
    try {
      const given = await fetch(form.action, { method: "POST", body: new FormData(form) });
      const page = new DOMParser().parseFromString(await given.text(), "text/html");
      const said = page.getElementById("answer") || page.querySelector("main") || page.body;
      answer.replaceChildren(...said.childNodes);
    } catch {
      answer.textContent = form.dataset.lost;
    }
    button.disabled = false;
    button.textContent = words;
    answer.focus();
    answer.scrollIntoView();
  });
}
