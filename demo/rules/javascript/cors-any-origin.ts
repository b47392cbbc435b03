import cors from "cors";

export function configure(app: any) {
  // ruleid: assistant.javascript.cors-any-origin
  app.use(cors({ origin: true, credentials: true }));
  // ok: assistant.javascript.cors-any-origin
  app.use(cors({ origin: "https://shop.example" }));
}
