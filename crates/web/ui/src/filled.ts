// Files and drawings as fields of a form: a signature by finger, pen or mouse, a scanned form. Without it the forms can
// still be sent: the paper is scanned, or stays in the file.

/** Longest side of a photographed form, in pixels: a page stays legible, and the form small. */
const LONGEST = 2000;

/** A form has one pad, or each of several stands in an element of its own. */
function padOf(from: Element): Element | null {
  return from.closest("[data-pad]") ?? from.closest("form");
}

function fieldOf(from: Element): HTMLInputElement | null {
  return padOf(from)?.querySelector<HTMLInputElement>("[data-evidence]") ?? null;
}

function prepare(canvas: HTMLCanvasElement): void {
  const pen = canvas.getContext("2d");
  const field = fieldOf(canvas);
  if (!pen || !field) return;
  const clear = (): void => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
  };
  const wipe = (): void => {
    clear();
    field.value = "";
  };
  clear();
  if (field.value.startsWith("data:image/png;base64,")) {
    // The form came back for something else: what was signed is still there.
    const signed = new Image();
    signed.addEventListener("load", () => pen.drawImage(signed, 0, 0, canvas.width, canvas.height));
    signed.src = field.value;
  } else {
    field.value = "";
  }
  pen.lineWidth = 4;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#111";
  let drawing = false;
  const at = (event: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  const lift = (): void => {
    if (!drawing) return;
    drawing = false;
    field.value = canvas.toDataURL("image/png");
    const choice = document.getElementById(canvas.dataset.sign ?? "");
    if (choice instanceof HTMLInputElement) choice.checked = true;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  padOf(canvas)?.querySelector("[data-sign-clear]")?.addEventListener("click", wipe);
}

/** Whoever signs on paper or not at all needs no pad; it comes back with the choice to sign here. */
function follow(canvas: HTMLCanvasElement): void {
  const pad = canvas.closest<HTMLElement>("[data-pad]");
  const here = document.getElementById(canvas.dataset.sign ?? "");
  if (!pad || !(here instanceof HTMLInputElement)) return;
  const choices = [...(here.form?.querySelectorAll<HTMLInputElement>("input[type=radio]") ?? [])].filter((c) => c.name === here.name);
  const show = (): void => {
    pad.hidden = choices.some((choice) => choice !== here && choice.checked);
  };
  choices.forEach((choice) => choice.addEventListener("change", show));
  show();
}

/** A photograph of a page is made smaller before it is sent; a PDF goes as it is. The server looks at type and size again. */
async function scan(input: HTMLInputElement): Promise<void> {
  const file = input.files?.[0];
  if (!file?.type.startsWith("image/")) return;
  const picture = await createImageBitmap(file).catch(() => null);
  // No picture after all: the server says so.
  if (!picture) return;
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const smaller = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.8));
  if (!smaller || smaller.size >= file.size) return;
  const files = new DataTransfer();
  files.items.add(new File([smaller], "scan.jpg", { type: smaller.type }));
  input.files = files.files;
}

export function filledFields(root: ParentNode): void {
  root.querySelectorAll<HTMLCanvasElement>("[data-sign]").forEach((canvas) => {
    prepare(canvas);
    follow(canvas);
  });
  root.querySelectorAll<HTMLInputElement>("[data-scan]").forEach((input) => {
    input.addEventListener("change", () => void scan(input));
  });
}
