import https from "node:https";

// ruleid: assistant.javascript.tls-verification-off
export const open = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
// ok: assistant.javascript.tls-verification-off
export const closed = new https.Agent({ keepAlive: true });
