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
  document.querySelector(".outage")?.remove();
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw refusal(response.status, body.detail);
}

// Details that are no sentence name fields of a request, which say nothing to visitors.
function refusal(status, detail) {
  return new ServerError(typeof detail === "string" ? detail : word("refused", { n: status }), status);
}

export async function get(path) {
  return (await reach(path, { headers: HEADERS })).json();
}

export async function send(method, path, body) {
  const headers = { ...HEADERS, "Content-Type": "application/json" };
  await reach(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

// Post JSON and give each event as it comes.
export async function* stream(path, body, signal) {
  const headers = { ...HEADERS, "Content-Type": "application/json" };
  yield* events(await reach(path, { method: "POST", headers, body: JSON.stringify(body), signal }));
}

// Give the events of what goes on already, from its beginning.
export async function* resume(path, signal) {
  yield* events(await reach(path, { headers: HEADERS, signal }));
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { done, value } = await read(reader);
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

async function read(reader) {
  try {
    return await reader.read();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError(word("offline"));
  }
}

// Post a file; `take` gets events of how much has gone, then those of the answer. (`fetch` does not tell the former.)
export function upload(path, file, take) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let read = 0;
    const takeLines = () => {
      if (request.status !== 200) return;
      const end = request.responseText.lastIndexOf("\n") + 1;
      for (const line of request.responseText.slice(read, end).split("\n")) if (line) take(JSON.parse(line));
      read = end;
    };
    request.upload.onprogress = ({ loaded, total }) => take({ type: "progress", stage: "uploading", done: loaded, total });
    request.onprogress = takeLines;
    request.onerror = () => reject(new ServerError(word("offline")));
    request.onload = () => {
      takeLines();
      if (request.status === 200) resolve();
      else reject(refusal(request.status, detailOf(request.responseText)));
    };
    request.open("POST", path);
    for (const [name, value] of Object.entries(HEADERS)) request.setRequestHeader(name, value);
    request.send(file);
  });
}

function detailOf(text) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return null;
  }
}
