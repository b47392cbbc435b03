export async function probe(req: any, res: any) {
  // ruleid: assistant.javascript.ssrf-from-request
  const reply = await fetch(req.body.url);
  res.json({ status: reply.status });
}

export async function rates(req: any, res: any) {
  // ok: assistant.javascript.ssrf-from-request
  const reply = await fetch("https://rates.example.com/eur");
  res.json(await reply.json());
}
