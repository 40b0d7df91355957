// Begins a session with the link's token, and shows which account this is.
const said = document.getElementById("said");

async function call(path, body, session) {
  const headers = { "Content-Type": "application/json" };
  if (session) headers.Authorization = `Bearer ${session}`;
  const answer = await fetch(path, {
    method: "POST", headers, body: JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.message);
  return json;
}

async function begin() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  history.replaceState(null, "", location.pathname);
  if (token) {
    const { session } = await call("/session", { token });
    sessionStorage.setItem("session", session);
  }
  const account = await call("/interlink.v1.DaemonService/GetAccount", {},
    sessionStorage.getItem("session"));
  said.textContent = account.account_name;
}

begin().catch((error) => { said.textContent = error.message; });
