export function show(element: HTMLElement, text: string) {
  // ruleid: assistant.javascript.inner-html-assigned
  element.textContent = text;
  // ruleid: assistant.javascript.inner-html-assigned
  element.innerHTML = `<p>${text}</p>`;
  // ok: assistant.javascript.inner-html-assigned
  element.innerHTML = "";
  // ok: assistant.javascript.inner-html-assigned
  element.textContent = text;
}
