// Browsers send a folder's files by their bare names: this adds where each stands in it.
"use strict";

(() => {
  const form = document.querySelector("[data-folder-form]");
  if (!form) return;
  const folder = form.querySelector("[data-folder]");
  const paths = form.querySelector("[data-folder-paths]");
  const ruleset = form.querySelector("[name=ruleset]");

  folder.addEventListener("change", () => {
    const files = [...folder.files];
    paths.value = JSON.stringify(files.map((file) => file.webkitRelativePath || file.name));
    const name = files[0]?.webkitRelativePath.split("/")[0];
    if (name && !ruleset.value) ruleset.value = name.slice(0, 60);
  });
})();
