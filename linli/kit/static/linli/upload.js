// Photos travel at once, one after another, with a bar each; their ids go into hidden inputs of the form.
// Without script the file input itself is sent with the form.
const MOST = 10 * 1024 * 1024;

function mind(box) {
  if (box.dataset.minded) return;
  box.dataset.minded = "1";
  const texts = JSON.parse(box.dataset.texts);
  const input = box.querySelector('input[type="file"]');
  const list = box.querySelector(".previews");
  input.removeAttribute("name");
  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    box.addEventListener(kind, (event) => {
      event.preventDefault();
      box.classList.toggle("over", kind === "dragover");
      if (kind === "drop") take([...event.dataTransfer.files]);
    });
  }

  function take(files) {
    const room = Number(box.dataset.limit) - list.children.length;
    if (files.length > room) note(texts.many.replace("%d", box.dataset.limit));
    files.slice(0, Math.max(0, room)).forEach(add);
  }

  function note(text) {
    const item = document.createElement("li");
    item.className = "shot failed";
    const cap = document.createElement("span");
    cap.className = "cap";
    cap.textContent = text;
    item.append(cap);
    list.append(item);
    setTimeout(() => item.remove(), 6000);
  }

  function add(file) {
    if (!file.type.startsWith("image/")) return note(texts.kind);
    if (file.size > MOST) return note(texts.big);
    const item = document.createElement("li");
    item.className = "shot";
    const picture = document.createElement("img");
    picture.alt = file.name;
    picture.src = URL.createObjectURL(file);
    picture.onload = () => URL.revokeObjectURL(picture.src);
    const cap = document.createElement("span");
    cap.className = "cap";
    const bar = document.createElement("progress");
    bar.max = 1;
    const off = document.createElement("button");
    off.type = "button";
    off.setAttribute("aria-label", `${texts.remove} ${file.name}`);
    const cross = document.createElement("span");
    cross.textContent = "×";
    off.append(cross);
    item.append(picture, cap, bar, off);
    list.append(item);
    let call = send(item, cap, bar, file);
    off.addEventListener("click", () => { call.abort(); item.remove(); input.focus(); });
    cap.addEventListener("click", () => { if (item.classList.contains("failed")) call = send(item, cap, bar, file); });
  }

  function send(item, cap, bar, file) {
    const call = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    item.className = "shot";
    bar.hidden = false;
    bar.value = 0;
    cap.textContent = texts.sending;
    call.open("POST", box.dataset.upload);
    const token = box.closest("form")?.querySelector('[name="csrfmiddlewaretoken"]')?.value;
    if (token) call.setRequestHeader("X-CSRFToken", token);
    call.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    const fail = (text) => { item.className = "shot failed"; bar.hidden = true; cap.textContent = text; };
    call.onerror = () => fail(texts.failed);
    call.onload = () => {
      if (call.status === 413) return fail(texts.big);
      if (call.status === 415) return fail(texts.kind);
      if (call.status >= 300) return fail(texts.failed);
      const kept = document.createElement("input");
      kept.type = "hidden";
      kept.name = box.dataset.name;
      kept.value = JSON.parse(call.responseText).id;
      item.append(kept);
      item.className = "shot done";
      bar.hidden = true;
      cap.textContent = texts.done;
    };
    call.send(body);
    return call;
  }
}

document.querySelectorAll("[data-upload]").forEach(mind);
document.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.("[data-upload]").forEach(mind));
