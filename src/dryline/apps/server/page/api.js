// Asking the server. The token travels in a header only and is forgotten with the tab.

const TOKEN = "dryline.token";
let token = sessionStorage.getItem(TOKEN) ?? "";

/** The server said no; `remedy` says what helps. */
class Refused extends Error {
  constructor(status, error, remedy) {
    super(error);
    this.status = status;
    this.remedy = remedy ?? "";
  }
}

export function setToken(text) {
  token = text;
  if (text) sessionStorage.setItem(TOKEN, text);
  else sessionStorage.removeItem(TOKEN);
}

export const hasToken = () => token !== "";

/** The answer to a request, its body not yet read. */
export async function request(path, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { cache: "no-store", ...options, headers });
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

async function refusal(answer) {
  let said = {};
  try {
    said = await answer.json();
  } catch {
    said = {}; // a proxy's page, perhaps: the status is all there is
  }
  return new Refused(
    answer.status,
    said.error ?? `the server answered ${answer.status}`,
    said.remedy,
  );
}

export async function get(path) {
  return (await request(path)).json();
}

export async function post(path, body) {
  const answer = await request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}
