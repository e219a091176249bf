import { draw, GREEN, told, WARM } from "./charts.js";

const { days, names } = told("differences");
const quiet = { axisLine: { lineStyle: { color: "#cbd5cf" } }, axisTick: { show: false }, axisLabel: { color: "#55645b" } };
const bar = (name, place, color) => ({ name, type: "bar", data: days.map((day) => day[place]), color, barMaxWidth: 14 });

draw("difference", {
  grid: { left: 8, right: 12, top: 32, bottom: 8, containLabel: true },
  legend: { top: 0, right: 0, icon: "roundRect" },
  xAxis: { type: "category", data: days.map(([day]) => day), ...quiet },
  yAxis: { type: "value", splitLine: { lineStyle: { color: "#eef1ef" } } },
  series: [bar(names[0], 1, GREEN), bar(names[1], 2, WARM)],
  tooltip: { trigger: "axis", renderMode: "richText" },
});
