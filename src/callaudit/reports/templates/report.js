"use strict";

// Heard before the moment that was clicked, so that its first word is not cut.
const LEAD_IN_S = 0.4;

/** The player of a call whose clip holds a moment, in ms of the recording. */
function playerAt(call, at) {
  return [...call.querySelectorAll("audio")].find((a) => Number(a.dataset.start) <= at && at < Number(a.dataset.end));
}

/** Play a call from a moment, in ms of the recording. */
function play(call, at) {
  const player = playerAt(call, at);
  if (!player) return;
  const seek = () => { player.currentTime = Math.max(0, (at - Number(player.dataset.start)) / 1000 - LEAD_IN_S); };
  if (player.readyState >= 1) seek();
  else player.addEventListener("loadedmetadata", seek, { once: true });
  player.play().catch(() => {});
}

/** Follow a player on the timeline and in the transcript. */
function follow(player) {
  const call = player.closest(".call");
  const at = Number(player.dataset.start) + player.currentTime * 1000;
  const svg = call.querySelector(".timeline svg");
  if (svg) {
    const { left, right, duration } = svg.dataset;
    const x = Number(left) + Math.min(1, at / Number(duration)) * (Number(right) - Number(left));
    const head = svg.querySelector(".playhead");
    head.setAttribute("d", head.getAttribute("d").replace(/^M[\d.]+/, `M${x.toFixed(1)}`));
    head.setAttribute("visibility", "visible");
  }
  for (const line of call.querySelectorAll(".line[data-at]")) {
    line.classList.toggle("now", Number(line.dataset.at) <= at && at < Number(line.dataset.until));
  }
}

/** React to a click, or to a key on a flag. */
function activate(event) {
  if (event.target.closest("audio, a, summary, select, input")) return;
  const source = event.target.closest("[data-at]");
  if (!source || String(window.getSelection())) return;
  if (source.dataset.finding) document.getElementById(source.dataset.finding).scrollIntoView({ block: "nearest" });
  play(source.closest(".call"), Number(source.dataset.at));
}

/** Show the calls that fit the filter. */
function filter(form) {
  const text = form.elements.text.value.trim().toLowerCase();
  const severity = form.elements.severity.value;
  const category = form.elements.category.value;
  let shown = 0;
  for (const row of document.querySelectorAll(".ranking tbody tr")) {
    const fits = row.dataset.text.toLowerCase().includes(text)
      && (!severity || row.dataset.severity === severity)
      && (!category || row.dataset.categories.split(" ").includes(category));
    row.hidden = !fits;
    document.getElementById(row.dataset.call).hidden = !fits;
    shown += fits ? 1 : 0;
  }
  document.getElementById("shown").textContent = shown;
}

document.addEventListener("click", activate);
document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.closest(".flag")) {
    event.preventDefault();
    activate(event);
  }
});
// Media events do not bubble: they are caught on the way down.
document.addEventListener("play", (event) => {
  for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
}, true);
document.addEventListener("timeupdate", (event) => follow(event.target), true);
const form = document.getElementById("filter");
if (form) {
  form.addEventListener("input", () => filter(form));
  form.addEventListener("submit", (event) => event.preventDefault());
}
