// A stop dragged onto another stop takes its place: the form for it is filled in and sent.
const form = document.getElementById("move");
if (form) {
  for (const row of document.querySelectorAll("tr[draggable]")) {
    row.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", row.dataset.point));
  }
  for (const body of document.querySelectorAll("tbody[data-route]")) {
    body.addEventListener("dragover", (event) => event.preventDefault());
    body.addEventListener("drop", (event) => {
      event.preventDefault();
      const point = event.dataTransfer.getData("text/plain");
      const others = [...body.rows].filter((row) => row.dataset.point !== point);
      const onto = others.indexOf(event.target.closest("tr"));
      form.elements.point.value = point;
      form.elements.route.value = body.dataset.route;
      form.elements.rank.value = onto < 0 ? others.length + 1 : onto + 1;
      form.requestSubmit();
    });
  }
}
