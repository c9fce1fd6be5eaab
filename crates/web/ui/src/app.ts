// What JavaScript adds to pages that work without it: quicker lists, focus on errors, reading aloud, draft on leaving.
import "htmx.org";
import { filledFields } from "./filled";

/** An error summary takes the focus, so that a screen reader says it and the keyboard starts there. */
function focusErrors(root: ParentNode): void {
  root.querySelector<HTMLElement>("[data-focus]")?.focus();
}

/** A link of the error summary leads into the field itself, not only to its place. */
function followErrorLink(event: Event): void {
  const link = (event.target as Element | null)?.closest?.(".errsum a[href^='#']");
  if (!link) return;
  const field = document.getElementById(link.getAttribute("href")!.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.scrollIntoView({ block: "center" });
}

/** Reads the main content aloud where the browser has a voice; pressing again stops. */
function readAloud(event: Event): void {
  const button = (event.target as Element | null)?.closest?.("[data-read]");
  if (!button) return;
  if (speechSynthesis.speaking) {
    speechSynthesis.cancel();
    button.setAttribute("aria-pressed", "false");
    return;
  }
  const main = document.getElementById("main");
  if (!main) return;
  const speech = new SpeechSynthesisUtterance(main.innerText);
  speech.lang = document.documentElement.lang;
  speech.rate = 0.9;
  speech.onend = () => button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-pressed", "true");
  speechSynthesis.speak(speech);
}

/** A form is sent once; the server refuses repeats anyway. One that answers with a file stays where it is and may ask again. */
function sendOnce(event: Event): void {
  const form = event.target as HTMLFormElement;
  if (form.hasAttribute("data-download")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !form.hasAttribute("hx-post")) {
    form.dataset.sent = "1";
    form.querySelectorAll("button[type=submit]").forEach((b) => b.setAttribute("aria-busy", "true"));
  }
}

/** Coming back with the browser's back button: forms can be sent again. */
function allowAgain(): void {
  document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((b) => b.removeAttribute("aria-busy"));
  });
}

/** `/` goes to the search field of the office pages, unless one is typing. */
function searchKey(event: KeyboardEvent): void {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
  const search = document.querySelector<HTMLInputElement>("[data-search]");
  if (search) {
    event.preventDefault();
    search.focus();
  }
}

function onClick(event: Event): void {
  followErrorLink(event);
  readAloud(event);
  const target = event.target as Element | null;
  if (target?.closest?.("[data-print]")) window.print();
  if (target?.closest?.("[data-close]")) target.closest("[data-toast]")?.remove();
}

document.addEventListener("click", onClick);
document.addEventListener("submit", sendOnce);
document.addEventListener("keydown", searchKey);
document.addEventListener("htmx:after:swap", () => focusErrors(document));
window.addEventListener("pageshow", allowAgain);

document.documentElement.classList.add("js");
if (!("speechSynthesis" in window)) document.documentElement.classList.add("no-voice");
function begin(): void {
  focusErrors(document);
  filledFields(document);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
