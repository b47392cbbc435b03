export type Settings = { [name: string]: unknown };

const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

function isObject(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Lay the wishes of a customer over what is usual, level by level. */
export function merged(usual: Settings, wishes: Settings): Settings {
  for (const name of Object.keys(wishes)) {
    const wish = wishes[name];
    const known = usual[name];
    if (isObject(wish) && isObject(known)) {
      merged(known, wish);
    } else {
      usual[name] = wish;
    }
  }
  return usual;
}

/** Take over the labels of a language, except for names that JavaScript uses itself. */
export function withLabels(labels: Settings, translated: Settings): Settings {
  const all = { ...labels };
  for (const name of Object.keys(translated)) {
    if (RESERVED.has(name) || !Object.hasOwn(labels, name)) {
      continue;
    }
    all[name] = translated[name];
  }
  return all;
}
