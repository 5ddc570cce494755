// Talking with the server: JSON in, JSON out, and answers that come line by line.
import { word } from "./dom.js";

const HEADERS = { "X-Assistant-Page": "1" };

export class ServerError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

async function reach(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError(word("offline"));
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  const detail = Array.isArray(body.detail) ? body.detail.map((one) => one.msg).join("; ") : body.detail;
  throw new ServerError(detail || `${response.status} ${response.statusText}`, response.status);
}

export async function get(path) {
  return (await reach(path, { headers: HEADERS })).json();
}

export async function send(method, path, body) {
  const headers = { ...HEADERS, "Content-Type": "application/json" };
  await reach(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

// Post and give each event as it comes. `body` is a file, or goes as JSON.
export async function* stream(path, body, signal) {
  const isFile = body instanceof Blob;
  const headers = { ...HEADERS, "Content-Type": isFile ? "application/octet-stream" : "application/json" };
  const response = await reach(path, { method: "POST", headers, body: isFile ? body : JSON.stringify(body), signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}
