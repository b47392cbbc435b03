// Browsers send a folder's files by their bare names: this adds where each stands in it. And it says
// that something is too much before it is sent.
"use strict";

(() => {
  const form = document.querySelector("[data-folder-form]");
  if (!form) return;
  const folder = form.querySelector("[data-folder]");
  const paths = form.querySelector("[data-folder-paths]");
  const ruleset = form.querySelector("[name=ruleset]");

  const MEBIBYTE = 1024 * 1024;

  function check(input) {
    const files = [...input.files];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const { mostFiles, mostBytes } = form.dataset;
    const isTooMuch = files.length > Number(mostFiles) || size > Number(mostBytes);
    input.setCustomValidity(
      isTooMuch
        ? `These are ${files.length} files with ${Math.ceil(size / MEBIBYTE)} MiB. Choose at most ${mostFiles} files and ` +
            `${mostBytes / MEBIBYTE} MiB, or pack the rules alone into an archive.`
        : "",
    );
  }

  form.addEventListener("change", ({ target }) => {
    if (target.type === "file") check(target);
  });

  folder.addEventListener("change", () => {
    const files = [...folder.files];
    paths.value = JSON.stringify(files.map((file) => file.webkitRelativePath || file.name));
    const name = files[0]?.webkitRelativePath.split("/")[0];
    if (name && !ruleset.value) ruleset.value = name.slice(0, 60);
  });
})();
