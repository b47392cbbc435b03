import { escapeHtml } from "../lib/text.js";

type Review = { author: string; rating: number; text: string; reply?: string };

function stars(rating: number): string {
  return "★".repeat(rating) + "☆".repeat(5 - rating);
}

/** Show what others think of the plant. */
export function showReviews(list: HTMLElement, reviews: Review[]): void {
  for (const review of reviews) {
    const entry = document.createElement("li");
    const head = `${escapeHtml(review.author)}, ${stars(Number(review.rating))}`;
    entry.innerHTML = `<strong>${head}</strong><p>${escapeHtml(review.text)}</p>`;
    list.append(entry);
  }
}

/** Show what the nursery has answered. */
export function showReply(place: HTMLElement, review: Review): void {
  if (review.reply) {
    place.innerHTML = `<em>${escapeHtml(review.author)}</em>: ${review.reply}`;
  }
}

export async function loadReviews(plantId: number, list: HTMLElement): Promise<void> {
  const reply = await fetch(`/reviews/plants/${plantId}.json`);
  showReviews(list, await reply.json());
}
