// The search box: looks through the list of entries that stands beside this file. Without scripts the same form leads
// to the page of all entries.
(function () {
  "use strict";
  var form = document.getElementById("find");
  var box = document.getElementById("find-word");
  var list = document.getElementById("find-list");
  var said = document.getElementById("find-said");
  if (!form || !box || !list || !window.handbook) return;
  var most = 40;
  var plain = function (text) { return text.toLowerCase().replace(/\s+/g, " "); };
  var rows = window.handbook.map(function (row) {
    return { title: row[0], kind: row[1], url: row[2], head: plain(row[0]), all: plain(row.join(" ")) };
  });

  function find(text) {
    var words = plain(text).trim().split(" ").filter(Boolean);
    if (!words.length) return [];
    return rows
      .filter(function (row) { return words.every(function (w) { return row.all.indexOf(w) >= 0; }); })
      .map(function (row, place) {
        // Entries whose title holds the words come first, those that begin with them before all.
        var inTitle = words.every(function (w) { return row.head.indexOf(w) >= 0; });
        return { row: row, rank: (row.head.indexOf(words[0]) === 0 ? 0 : inTitle ? 1 : 2) * 10000 + place };
      })
      .sort(function (a, b) { return a.rank - b.rank; })
      .map(function (found) { return found.row; });
  }

  function show() {
    var found = find(box.value);
    list.textContent = "";
    found.slice(0, most).forEach(function (row) {
      var item = document.createElement("li");
      var link = document.createElement("a");
      link.href = form.getAttribute("data-root") + row.url;
      link.textContent = row.title;
      var kind = document.createElement("span");
      kind.className = "muted small";
      kind.textContent = row.kind;
      item.appendChild(link);
      item.appendChild(kind);
      list.appendChild(item);
    });
    var any = box.value.trim() !== "";
    list.hidden = !found.length;
    said.textContent = !any ? "" : form.getAttribute(found.length ? "data-found" : "data-none")
      .replace("{n}", String(found.length));
  }

  box.addEventListener("input", show);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var first = list.querySelector("a");
    if (first) window.location.href = first.href;
  });
  form.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && box.value) {
      box.value = "";
      show();
      box.focus();
    }
  });
  // A link that was opened from a search leads to the entry; what hides it opens.
  function open() {
    var at = window.location.hash && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    for (var e = at; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    if (at && at.scrollIntoView) at.scrollIntoView();
  }
  window.addEventListener("hashchange", open);
  open();
  show();
})();
