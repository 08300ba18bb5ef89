// What the answer form does beyond plain HTML: a slider beside each percentage, and drafts that outlive a closed tab.
"use strict";
(() => {
  const DAYS_KEPT = 7;
  const address = location.pathname.split("/").slice(0, 3).join("/");
  const key = `dday-draft:${address}`;
  const form = document.querySelector("form.answers");

  const store = (() => {
    try {
      return window.localStorage;
    } catch {
      return null; // the browser keeps nothing for this site
    }
  })();

  // What has been sent is no draft any more; what was typed for other items still is.
  const forget = (ids) => {
    const draft = JSON.parse(store?.getItem(key) || "null");
    if (!draft) return;
    for (const name of Object.keys(draft.fields)) if (ids.has(name.split("-")[1])) delete draft.fields[name];
    store.setItem(key, JSON.stringify(draft));
  };
  const sent = document.querySelectorAll(".receipt [data-milestone]");
  if (sent.length) forget(new Set([...sent].map((item) => item.dataset.milestone)));
  if (!form) return;

  for (const number of form.querySelectorAll(".percent input")) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = "0";
    slider.max = "100";
    slider.step = "5";
    slider.value = number.value || "0";
    slider.setAttribute("aria-label", number.labels[0].textContent);
    slider.addEventListener("input", () => {
      number.value = slider.value;
      number.dispatchEvent(new Event("input", { bubbles: true }));
    });
    number.addEventListener("change", () => { slider.value = number.value || "0"; });
    number.after(slider);
  }

  // What the server would refuse is said before minutes of sending; the server looks again.
  for (const field of form.querySelectorAll("input[type=file]")) {
    field.addEventListener("change", () => {
      const files = [...field.files];
      const heavy = files.find((file) => file.size > Number(form.dataset.fileBytes));
      const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
      let message = "";
      if (files.length > Number(form.dataset.fileCount)) message = `파일은 ${form.dataset.fileCount}개까지 붙일 수 있습니다.`;
      else if (heavy) message = `'${heavy.name}'은(는) ${megabytes(heavy.size)}입니다. 하나에 ${megabytes(form.dataset.fileBytes)}까지 붙일 수 있습니다.`;
      field.setCustomValidity(message);
      if (message) field.reportValidity();
    });
  }

  const isTyped = (field) => field.type !== "file" && field.name.includes("-") && (field.type !== "radio" || field.checked);
  const typed = () => Object.fromEntries([...form.elements].filter(isTyped).map((field) => [field.name, field.value]));
  const untouched = typed();

  const restore = (fields) => {
    for (const [name, value] of Object.entries(fields)) {
      const id = name.split("-")[1];
      // An item that was answered or moved meanwhile keeps what the page shows now.
      if (fields[`seen-${id}`] !== untouched[`seen-${id}`]) continue;
      for (const field of document.getElementsByName(name)) {
        if (field.type === "radio") field.checked = field.value === value;
        else field.value = value;
      }
    }
  };

  const draft = JSON.parse(store?.getItem(key) || "null");
  const notice = document.getElementById("draft");
  const isFresh = draft && Date.now() - draft.at < DAYS_KEPT * 86_400_000;
  if (isFresh && notice && JSON.stringify(draft.fields) !== JSON.stringify(untouched)) {
    restore({ ...untouched, ...draft.fields });
    notice.hidden = JSON.stringify(typed()) === JSON.stringify(untouched);
    notice.querySelector("button").addEventListener("click", () => {
      store?.removeItem(key);
      restore(untouched);
      notice.hidden = true;
    });
  } else if (draft && !isFresh) {
    store?.removeItem(key);
  }

  form.addEventListener("input", () => {
    store?.setItem(key, JSON.stringify({ at: Date.now(), fields: typed() }));
  });
})();
