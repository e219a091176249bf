// The few things that pages of the console do by themselves.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]") && event.target.value) event.target.form.requestSubmit();
  if (event.target.matches("[data-submits-any]")) event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-prints]")) window.print();
});
document.querySelector(".rail [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
