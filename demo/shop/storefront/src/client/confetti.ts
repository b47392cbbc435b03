const COLORS = ["#2f6f4e", "#9cc5a1", "#f2c14e", "#d96c4f"];

/** Leaves that fall for a moment once an order is placed. */
export function dropLeaves(stage: HTMLElement, amount = 40): void {
  for (let index = 0; index < amount; index += 1) {
    const leaf = document.createElement("span");
    leaf.className = "leaf";
    leaf.style.left = `${Math.random() * 100}%`;
    leaf.style.background = COLORS[index % COLORS.length];
    stage.append(leaf);
    setTimeout(() => leaf.remove(), 4000);
  }
}
